import type { Entry } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { ask, type SimpleQuery } from './collection-queries.js';
import type { CollectionStatements } from './collection-statements.js';
import { Parameters } from './parameters.js';
import type { Statement } from './statements.js';
import type { Steps } from './steps.js';

/** An entry of a value and the column that says when it ends. */
export const entryOf = (value: unknown, end: unknown): Entry =>
  end === null ? { value } : { value, expiresAt: Number(end) };

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
