import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { collectionCodec } from './collection-codec.js';
import { distance, hash, position, search } from './geo-set-calls.js';
import { geoSetShape } from './geo-set-shape.js';
import { adding, counting, removing } from './member-calls.js';
import { zsetForm } from './zset-form.js';

/** A collection of members that each have a place on earth. */
export const geoSet: Kind = {
  name: 'geo-set',
  property: {
    decorator: 'Points',
    type: geoSetShape.type,
    codec: (member, limit) => collectionCodec(geoSetShape, member, limit),
  },
  ...collectionParts('geo-set', zsetForm('geo-set')),
  changes: { add: adding(geoSetShape, 'points'), remove: removing('members') },
  queries: { search, distance, position, hash, size: counting('size') },
};
