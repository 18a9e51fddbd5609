import type { Answer, MemberChange } from '../../core/collection.js';
import type { Outcome } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { inOrder } from './collection-changes.js';
import type { CollectionStatements } from './collection-statements.js';
import { MAX_ROWS, Parameters } from './parameters.js';
import type { Result } from './sessions.js';
import type { Statement } from './statements.js';

/** A change that PostgreSQL makes with one statement, which locks the collection before it touches a member. */
export interface Fast {
  readonly statement: Statement;
  /** What came of it; `undefined` where it takes more than this, and nothing was done. */
  outcome(rows: Result['rows']): Outcome | undefined;
}

const numbers = (...some: readonly number[]): Answer => ({ members: [], numbers: some });

const entryOf = (end: unknown) => ({ value: undefined, expiresAt: end === null ? undefined : Number(end) });

/** A change as one statement, where it can be one. */
export function fastChange(sql: CollectionStatements, key: Key, change: MemberChange, now: number): Fast | undefined {
  if (sql.layout.schema.limit !== undefined) return undefined;
  switch (change.type) {
    case 'add':
      return change.members.length > MAX_ROWS ? undefined : add(sql, key, change, now);
    case 'increment':
      return increment(sql, key, change, now);
    case 'remove':
      return change.texts.length > MAX_ROWS ? undefined : remove(sql, key, change, now);
    default:
      return undefined;
  }
}

/** The collection, where it is there, locked against whoever changes it as a whole. */
function head(sql: CollectionStatements, key: Key, now: number, parameters: Parameters): string {
  const { table, expiresAt } = sql.layout.head;
  const where = sql.whereKey(key, parameters);
  const live = `(${expiresAt} IS NULL OR ${expiresAt} > ${parameters.add(now)})`;
  return `h AS MATERIALIZED (SELECT ${expiresAt} AS x, ctid AS c FROM ${table} WHERE ${where} AND ${live}${sql.dialect.lockShared})`;
}

type Of<T extends MemberChange['type']> = Extract<MemberChange, { type: T }>;

function add(sql: CollectionStatements, key: Key, { members }: Of<'add'>, now: number): Fast {
  const parameters = new Parameters(sql.dialect);
  const rows = sql.newRows(key, parameters, sql.rows(key, inOrder(members)));
  const put = `INSERT INTO ${sql.layout.table} (${sql.columns}) SELECT ${rows} WHERE EXISTS (SELECT 1 FROM h)${sql.onConflict()}`;
  const text = `WITH ${head(sql, key, now, parameters)}, p AS (${put}) SELECT h.x, (SELECT count(*) FROM p WHERE fresh = 1)::int AS n FROM h`;
  return {
    statement: { sql: text, parameters: parameters.values },
    outcome([values]) {
      if (!values) return undefined;
      const delta = { type: 'members', put: members, remove: [] } as const;
      return { status: 'done', entry: entryOf(values[0]), existed: true, delta, answer: numbers(Number(values[1])) };
    },
  };
}

function increment(sql: CollectionStatements, key: Key, change: Of<'increment'>, now: number): Fast | undefined {
  const { layout } = sql;
  const { score, table } = layout;
  if (layout.structure !== 'sorted-set') return undefined;
  const parameters = new Parameters(sql.dialect);
  const { text, by } = change;
  const rows = sql.newRows(key, parameters, sql.rows(key, [{ text, score: 0 + by }]));
  const sum = `${table}.${score} + ${parameters.add(layout.scores.toSql(by)[0])}::double precision`;
  const conflict = `ON CONFLICT (${[...layout.head.keyColumns, layout.text].join(', ')}) DO UPDATE SET ${score} = ${sum}`;
  const put = `INSERT INTO ${table} (${sql.columns}) SELECT ${rows} WHERE EXISTS (SELECT 1 FROM h) ${conflict} WHERE ${sum} <> 'NaN' RETURNING ${score} AS s`;
  return {
    statement: {
      sql: `WITH ${head(sql, key, now, parameters)}, p AS (${put}) SELECT h.x, p.s FROM h CROSS JOIN p`,
      parameters: parameters.values,
    },
    outcome([values]) {
      if (!values) return undefined;
      const made = layout.scores.toScore(values[1], null);
      const delta = { type: 'members', put: [{ text, score: made }], remove: [] } as const;
      return { status: 'done', entry: entryOf(values[0]), existed: true, delta, answer: numbers(made) };
    },
  };
}

/**
 * What the statement sees was there when it began. Where somebody has replaced the collection while it waited for the lock, the
 * row it has locked is another than the one it sees; then it does nothing.
 */
function remove(sql: CollectionStatements, key: Key, { texts }: Of<'remove'>, now: number): Fast {
  const parameters = new Parameters(sql.dialect);
  const { table, text } = sql.layout;
  const ofKey = () => sql.whereKey(key, parameters);
  const seen = `SELECT ctid FROM ${sql.layout.head.table} WHERE ${ofKey()}`;
  const same = `s AS MATERIALIZED (SELECT 1 FROM h WHERE c = (${seen}))`;
  const unique = [...new Set(texts)];
  const locked = `l AS MATERIALIZED (SELECT ${text} AS t FROM ${table} WHERE ${ofKey()} AND ${sql.isOneOf(unique, parameters)} AND EXISTS (SELECT 1 FROM s) ORDER BY ${text}${sql.dialect.lock})`;
  const gone = `d AS (DELETE FROM ${table} m USING l WHERE ${sql.whereKey(key, parameters, 'm.')} AND m.${text} = l.t RETURNING m.${text} AS t)`;
  const ctes = [head(sql, key, now, parameters), same, locked, gone];
  return {
    statement: {
      sql: `WITH ${ctes.join(', ')} SELECT h.x, (SELECT count(*) FROM s)::int AS n, d.t FROM h LEFT JOIN d ON true`,
      parameters: parameters.values,
    },
    outcome(rows) {
      const [values] = rows;
      if (!values || Number(values[1]) === 0) return undefined;
      const found = new Set(rows.map((row) => row[2]));
      const gone = unique.filter((one) => found.has(one));
      const delta = { type: 'members', put: [], remove: gone } as const;
      return { status: 'done', entry: entryOf(values[0]), existed: true, delta, answer: numbers(gone.length) };
    },
  };
}
