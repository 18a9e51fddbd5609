import { type CollectionQuery, type Member, valueOfMembers } from '../../core/collection.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Entry, Query } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key } from '../../core/schema.js';
import { entryOf, simple } from './collection-answers.js';
import type { CollectionStatements } from './collection-statements.js';
import { near } from './near-query.js';
import { chunks } from './parameters.js';
import type { Steps } from './steps.js';

const MAX_KEYS = 1_000;

/** Reads of each key what the query asks for. */
export function* readCollections(
  sql: CollectionStatements,
  keys: readonly Key[],
  query: Query,
  now: number,
): Steps<(Entry | null)[]> {
  if (query === undefined) {
    const found = yield* wholes(sql, keys, now);
    return keys.map(({ id }) => found.get(id) ?? null);
  }
  const entries: (Entry | null)[] = [];
  for (const key of keys) entries.push(yield* one(sql, key, query as CollectionQuery, now));
  return entries;
}

/** Whole collections, by the ids of their keys. */
export function* wholes(sql: CollectionStatements, keys: readonly Key[], now: number): Steps<Map<string, Entry>> {
  const { layout } = sql;
  const { head } = layout;
  const parts = head.keys.length;
  const found = new Map<string, { readonly end: unknown; readonly members: Member[] }>();
  for (const part of chunks(keys, MAX_KEYS)) {
    const raw = head.keyColumns.map((column, at) => `${column} AS r${at}`);
    const { sql: heads, parameters } = sql.heads.selectMany(part, [...raw, `${head.expiresAt} AS x`].join(', '), false);
    const on = head.keyColumns.map((column, at) => `m.${column} = h.r${at}`).join(' AND ');
    const list = [...head.keys.map((_, at) => `h.k${at}`), 'h.x', layout.list].join(', ');
    const live = `(h.x IS NULL OR h.x > ${sql.dialect.placeholder(parameters.length + 1)})`;
    const { rows } = yield {
      sql: `SELECT ${list} FROM (${heads}) h LEFT JOIN ${layout.table} m ON ${on} WHERE ${live}`,
      parameters: [...parameters, now],
    };
    for (const values of rows) {
      const end = values[parts];
      const { members } = getOrMake(found, head.key(values).id, () => ({ end, members: [] }));
      if (values[parts + 1] !== null) members.push(layout.member(values.slice(parts + 1)));
    }
  }
  const entries = new Map<string, Entry>();
  for (const [id, { end, members }] of found)
    entries.set(id, entryOf(valueOfMembers(Members.of(layout.structure, members)), end));
  return entries;
}

function* one(sql: CollectionStatements, key: Key, query: CollectionQuery, now: number): Steps<Entry | null> {
  return query.type === 'near' ? yield* near(sql, key, query, now) : yield* simple(sql, key, query, now);
}
