import type { Key } from '../../core/schema.js';
import type { CollectionStatements } from './collection-statements.js';
import type { Steps } from './steps.js';

// Members go so many times as fast as collections.
const MEMBERS = 10;

/** The keys of some collections that have expired. */
export function* expiredKeys({ heads, layout }: CollectionStatements, limit: number, now: number): Steps<Key[]> {
  const { rows } = yield heads.expired(now, limit);
  return rows.map((values) => layout.head.key(values));
}

/**
 * Removes collections that have expired, with their members, in a transaction; where there are too many members, some of them,
 * and the rest later. How many went, or `limit` where there is more to do.
 */
export function* sweepCollections(
  sql: CollectionStatements,
  keys: readonly Key[],
  limit: number,
  now: number,
): Steps<number> {
  // Others may have made them anew meanwhile.
  const { rows } = yield sql.heads.lockExpired(keys, now);
  const expired = rows.map((values) => sql.layout.head.key(values));
  if (expired.length === 0) return 0;
  const { affected } = yield sql.clearSome(expired, limit * MEMBERS);
  if (affected === limit * MEMBERS) return limit;
  yield sql.heads.removeMany(expired);
  return expired.length;
}
