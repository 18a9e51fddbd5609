import { type CollectionQuery, type Member, valueOfMembers } from '../../core/collection.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Entry, Query } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key } from '../../core/schema.js';
import { ask, type SimpleQuery } from './collection-queries.js';
import type { CollectionStatements } from './collection-statements.js';
import { near } from './near-query.js';
import { chunks, Parameters } from './parameters.js';
import type { Statement } from './statements.js';
import type { Steps } from './steps.js';

const MAX_KEYS = 1_000;

const entryOf = (value: unknown, end: unknown): Entry => (end === null ? { value } : { value, expiresAt: Number(end) });

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

/** What a query of one statement answers. */
export function* simple(sql: CollectionStatements, key: Key, query: SimpleQuery, now: number): Steps<Entry | null> {
  const parameters = new Parameters(sql.dialect);
  const { members, numbers = [], answer } = ask(sql, key, query, parameters);
  const names = members === undefined ? [] : sql.layout.names;
  const { rows } = yield ofLive(sql, key, now, parameters, { members, numbers, names });
  if (rows.length === 0) return null;
  const start = 1 + numbers.length;
  const found = rows.flatMap((values) =>
    names.length > 0 && values[start] !== null ? [sql.layout.member(values.slice(start))] : [],
  );
  return entryOf(answer(found, rows[0]!.slice(1, start)), rows[0]![0]);
}

/** What is asked of a collection. */
export interface Selected {
  /** What selects members, and what its columns are called. */
  readonly members: string | undefined;
  readonly names: readonly string[];
  readonly numbers: readonly string[];
}

/**
 * A statement that gives no row where there is no collection, and at least one where there is: its expiry, the numbers, and the
 * members if there are any. Its parameters come after those that are there.
 */
export function ofLive(
  sql: CollectionStatements,
  key: Key,
  now: number,
  parameters: Parameters,
  { members, names, numbers }: Selected,
): Statement {
  const { head } = sql.layout;
  const list = [
    `h.${head.expiresAt} AS x`,
    ...numbers.map((number, at) => `${number} AS n${at}`),
    ...names.map((name) => `f.${name}`),
  ];
  const joined = members === undefined ? '' : ` LEFT JOIN (${members}) f ON 1 = 1`;
  const where = sql.whereKey(key, parameters, 'h.');
  const live = `(h.${head.expiresAt} IS NULL OR h.${head.expiresAt} > ${parameters.add(now)})`;
  return {
    sql: `SELECT ${list.join(', ')} FROM ${head.table} h${joined} WHERE ${where} AND ${live}`,
    parameters: parameters.values,
  };
}
