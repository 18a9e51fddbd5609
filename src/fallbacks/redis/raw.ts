import { type CollectionQuery, valueOfMembers } from '../../core/collection.js';
import { CorruptEntryError } from '../../core/errors.js';
import type { CollectionForm, Entry, Query, RedisReply, StringForm, Value } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { textsOf } from '../../hot/redis/lua.js';

/** What Redis holds under a key: nothing, the texts of an entry, the replies of a collection, or something of another type. */
export type Raw =
  | null
  | { readonly texts: readonly (string | null)[]; readonly expiresAt: number | undefined }
  | {
      readonly replies: readonly RedisReply[];
      readonly expiresAt: number | undefined;
      /** Of one that is to be changed where it still has this. */
      readonly digest: string | undefined;
    }
  | { readonly type: string };

/** One key's part of the reply of a read. */
export function rawOf(schema: Schema, reply: string | object): Raw {
  if (typeof reply === 'string') return reply === 'N' ? null : { type: reply.slice(1) };
  if (schema.kind.structure !== undefined) {
    const [replies, until, digest] = reply as readonly [readonly RedisReply[] | object, string, string?];
    // Lua has an empty list as an object.
    return { replies: Array.isArray(replies) ? replies : [], expiresAt: expiryOf(until), digest };
  }
  const texts = textsOf(reply);
  return { texts: texts.slice(0, -1), expiresAt: expiryOf(texts.at(-1)) };
}

const expiryOf = (until: unknown): number | undefined => (Number(until) < 0 ? undefined : Number(until));

/** The entry of what Redis holds. @throws CorruptEntryError where it is not what the schema says */
export function entryOf(schema: Schema, key: string, query: Query, raw: Raw): Entry | null {
  if (raw === null) return null;
  if ('type' in raw) throw otherType(schema, key, raw.type);
  try {
    const value = valueIn(schema, query, raw);
    return raw.expiresAt === undefined ? { value } : { value, expiresAt: raw.expiresAt };
  } catch (error) {
    if (!(error instanceof CorruptPlain)) throw error;
    throw new CorruptEntryError(schema.name, key, error.message, { cause: error });
  }
}

function valueIn(schema: Schema, query: Query, raw: Exclude<Raw, null | { readonly type: string }>): Value {
  const { redis } = schema.kind;
  if ('replies' in raw) {
    const form = redis as CollectionForm;
    return query === undefined
      ? valueOfMembers(form.parse(raw.replies))
      : form.answer(query as CollectionQuery, raw.replies);
  }
  return redis.type === 'hash'
    ? redis.parse(schema, query, raw.texts)
    : (redis as StringForm).parse(schema, query, raw.texts[0]!);
}

/** What is told of an entry that is not what its kind is in Redis. */
export const otherType = (schema: Schema, key: string, type: string): CorruptEntryError =>
  new CorruptEntryError(schema.name, key, `it is a Redis ${type}, not a ${schema.kind.redis.type}`);
