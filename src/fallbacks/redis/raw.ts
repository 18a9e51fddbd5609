import { CorruptEntryError } from '../../core/errors.js';
import type { Entry, Query } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { textsOf } from '../../hot/redis/lua.js';

/** What Redis holds under a key: nothing, the texts of an entry, or something of another type. */
export type Raw =
  | null
  | { readonly texts: readonly (string | null)[]; readonly expiresAt: number | undefined }
  | { readonly type: string };

/** One key's part of the reply of a read. */
export function rawOf(reply: string | object): Raw {
  if (typeof reply === 'string') return reply === 'N' ? null : { type: reply.slice(1) };
  const texts = textsOf(reply);
  const until = Number(texts.at(-1));
  return { texts: texts.slice(0, -1), expiresAt: until < 0 ? undefined : until };
}

/** The entry of what Redis holds. @throws CorruptEntryError where it is not what the schema says */
export function entryOf(schema: Schema, key: string, query: Query, raw: Raw): Entry | null {
  if (raw === null) return null;
  if ('type' in raw) throw otherType(schema, key, raw.type);
  try {
    const { redis } = schema.kind;
    if (redis.type !== 'hash' && redis.type !== 'string') throw new Error(`a ${redis.type} is to come`);
    const value =
      redis.type === 'hash' ? redis.parse(schema, query, raw.texts) : redis.parse(schema, query, raw.texts[0]!);
    return raw.expiresAt === undefined ? { value } : { value, expiresAt: raw.expiresAt };
  } catch (error) {
    if (!(error instanceof CorruptPlain)) throw error;
    throw new CorruptEntryError(schema.name, key, error.message, { cause: error });
  }
}

/** What is told of an entry that is not what its kind is in Redis. */
export const otherType = (schema: Schema, key: string, type: string): CorruptEntryError =>
  new CorruptEntryError(schema.name, key, `it is a Redis ${type}, not a ${schema.kind.redis.type}`);
