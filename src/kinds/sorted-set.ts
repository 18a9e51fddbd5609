import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { zsetForm } from './zset-form.js';

/** A collection of members with scores, in the order of these. */
export const sortedSet: Kind = {
  name: 'sorted-set',
  ...collectionParts('sorted-set', zsetForm('sorted-set')),
  changes: {},
  queries: {},
};
