import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { listForm } from './list-form.js';

/** Items one after the other. */
export const list: Kind = {
  name: 'list',
  ...collectionParts('list', listForm),
  changes: {},
  queries: {},
};
