import { createHash } from 'node:crypto';
import type { Schema } from '../core/schema.js';
import { shapeOf } from './nested.js';

/** 8 hex characters over all that the stored form of an entity depends on. */
export function fingerprintOf(schema: Pick<Schema, 'kind' | 'keys' | 'fields' | 'version'>): string {
  const { kind, keys, fields, version } = schema;
  const text = JSON.stringify([
    kind.name,
    keys.map((key) => [key.column, key.type]),
    fields.map(({ column, codec, member }) => [column, shapeOf(codec), ...(member ? [shapeOf(member)] : [])]),
    version ?? null,
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
