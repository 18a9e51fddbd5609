import { codecs, type FieldTypeName } from './core/codecs.js';
import type { FieldPart, Schema } from './core/schema.js';
import { hash } from './kinds/hash.js';

const field = (name: string, type: FieldTypeName): FieldPart => {
  const codec = codecs[type];
  return { name, column: name, codec, storage: codec.storage, nullable: false, index: false };
};

class HoldfastOutbox {}
// What errors about its table call it.
Object.defineProperty(HoldfastOutbox, 'name', { value: 'The outbox' });

/**
 * The outbox as an entity: what a write that the hot tier could not be told of leaves in the durable store, in the same
 * transaction. Every durable store keeps it as it keeps any other: in SQL a table, `holdfast_outbox`.
 */
export const outboxSchema: Schema = Object.freeze<Schema>({
  name: 'holdfast_outbox',
  target: HoldfastOutbox,
  kind: hash,
  keys: [{ name: 'id', column: 'id', type: 'string', storage: 'text' }],
  // In the order in which src/tiers/outbox.ts has them.
  fields: [
    field('scope', 'string'),
    field('entity', 'string'),
    field('entity_key', 'text'),
    field('token', 'string'),
    field('written_at', 'date'),
  ],
  version: undefined,
  fingerprint: 'outbox_1',
  ttl: undefined,
  absentTtl: 0,
  jitter: 0,
  fallback: undefined,
  throughTypeorm: false,
  mappedByTypeorm: false,
  cache: undefined,
  breakers: undefined,
  construct: () => new HoldfastOutbox(),
  variants: undefined,
});
