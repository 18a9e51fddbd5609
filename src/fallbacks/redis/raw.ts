import { CorruptEntryError } from '../../core/errors.js';
import type { Entry, Query } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { textsOf } from '../../hot/redis/lua.js';

/** What Redis holds under a key: nothing, the texts of a hash, or something else. */
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
  if ('type' in raw) throw new CorruptEntryError(schema.name, key, `it is a Redis ${raw.type}, not a hash`);
  try {
    const value = schema.kind.parse(schema, query, raw.texts);
    return raw.expiresAt === undefined ? { value } : { value, expiresAt: raw.expiresAt };
  } catch (error) {
    if (!(error instanceof CorruptPlain)) throw error;
    throw new CorruptEntryError(schema.name, key, error.message, { cause: error });
  }
}
