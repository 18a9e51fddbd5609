import type { Kind } from '../core/kind.js';
import { collectionParts } from './collection.js';
import { type CollectionShape, collectionCodec } from './collection-codec.js';
import { at, pop, push, range, shift, unshift } from './list-calls.js';
import { listForm } from './list-form.js';
import { counting } from './member-calls.js';
import { memberText, textMember } from './member-text.js';

const shape: CollectionShape = {
  structure: 'list',
  type: 'ListItems',
  item: 'an item',
  toMember: (codec, item) => ({ text: memberText(codec, item), score: 0 }),
  toItem: (codec, { text }) => textMember(codec, text),
};

/** Items one after the other. */
export const list: Kind = {
  name: 'list',
  property: {
    decorator: 'Items',
    type: shape.type,
    codec: (member, limit) => collectionCodec(shape, member, limit),
  },
  ...collectionParts('list', listForm),
  changes: { push, unshift, pop, shift },
  queries: { range, at, length: counting('length') },
};
