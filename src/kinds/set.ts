import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { setForm } from './set-form.js';

/** A collection in which each item is once. */
export const set: Kind = {
  name: 'set',
  ...collectionParts('set', setForm),
  changes: {},
  queries: {},
};
