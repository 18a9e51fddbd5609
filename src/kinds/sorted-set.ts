import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { collectionCodec } from './collection-codec.js';
import { adding, counting, removing } from './member-calls.js';
import { countBetween, incrementScore, range, rank, score } from './sorted-set-calls.js';
import { sortedSetShape } from './sorted-set-shape.js';
import { zsetForm } from './zset-form.js';

/** A collection of members with scores, in the order of these. */
export const sortedSet: Kind = {
  name: 'sorted-set',
  property: {
    decorator: 'Members',
    type: sortedSetShape.type,
    codec: (member, limit) => collectionCodec(sortedSetShape, member, limit),
  },
  ...collectionParts('sorted-set', zsetForm('sorted-set')),
  changes: { add: adding(sortedSetShape, 'members'), remove: removing('members'), incrementScore },
  queries: { range, score, rank, size: counting('size'), countBetween },
};
