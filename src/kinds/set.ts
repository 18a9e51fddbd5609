import { describe } from '../core/codecs.js';
import type { Kind } from '../core/kind.js';
import { ValueFault } from '../metadata/value-fault.js';
import { collectionParts } from './collection.js';
import { type CollectionShape, collectionCodec } from './collection-codec.js';
import { adding, counting, removing } from './member-calls.js';
import { memberText, textMember } from './member-text.js';
import { has, hasMany, scan } from './set-calls.js';
import { setForm } from './set-form.js';

const shape: CollectionShape = {
  structure: 'set',
  type: 'SetItems',
  item: 'an item',
  as: {
    list(given) {
      if (given instanceof Set) return [...given];
      throw new ValueFault('', `must be a Set, got ${describe(given)}`, { remedy: 'Give new Set([…]).' });
    },
    value: (items) => new Set(items),
  },
  toMember: (codec, item) => ({ text: memberText(codec, item), score: 0 }),
  toItem: (codec, { text }) => textMember(codec, text),
};

/** A collection in which each item is once. */
export const set: Kind = {
  name: 'set',
  property: {
    decorator: 'Items',
    type: shape.type,
    codec: (member, limit) => collectionCodec(shape, member, limit),
  },
  ...collectionParts('set', setForm),
  changes: { add: adding(shape, 'items'), remove: removing('items') },
  queries: { has, hasMany, size: counting('size') },
  streams: { scan },
};
