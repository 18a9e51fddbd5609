import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { zsetForm } from './zset-form.js';

/** A collection of members that each have a place on earth. */
export const geoSet: Kind = {
  name: 'geo-set',
  ...collectionParts('geo-set', zsetForm('geo-set')),
  changes: {},
  queries: {},
};
