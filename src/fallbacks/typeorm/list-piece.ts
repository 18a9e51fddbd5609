import type { Member, MemberChange } from '../../core/collection.js';
import type { Key } from '../../core/schema.js';
import { has, type Piece, READY } from './batch-fast.js';
import type { CollectionStatements } from './collection-statements.js';
import { MAX_ROWS, type Parameters } from './parameters.js';

/**
 * What puts items at the end of a list that is there, as a part of a statement that makes several changes. Of PostgreSQL.
 *
 * The statement sees the list as it was when it began, and others may have changed that before it was locked. So it goes on from the last item that is
 * still there, which it locks too. Items have no gaps between them: where others have pushed, the place after that is taken, and the statement fails.
 * Its answer may miss what others did to the other end; nobody who makes several changes is told it.
 */
export function pushPiece(
  sql: CollectionStatements,
  name: string,
  key: Key,
  change: MemberChange,
  now: number,
  parameters: Parameters,
): Piece | undefined {
  const { layout, dialect } = sql;
  if (change.type !== 'push' || change.end !== 'last' || layout.schema.limit !== undefined) return undefined;
  const { texts } = change;
  if (texts.length === 0 || texts.length > MAX_ROWS) return undefined;
  const { table, head } = layout;
  const position = layout.score!;
  const own = () => sql.whereKey(key, parameters);
  const live = `(${head.expiresAt} IS NULL OR ${head.expiresAt} > ${parameters.add(now)})`;
  const [held, end, seen] = [`h${name}`, `e${name}`, `t${name}`];
  const first = `(SELECT MIN(${position}) FROM ${table} WHERE ${own()})`;
  const lock = (after: string | undefined) =>
    `${held} AS MATERIALIZED (SELECT ${head.expiresAt} AS x FROM ${head.table} WHERE ${own()} AND ${live}${after === undefined ? '' : ` AND ${has(after)}`}${dialect.lock})`;
  const items = texts.map((text, at): Member => ({ text, score: at + 1 }));
  const rows = sql.newRows(key, parameters, sql.rows(key, items), `${seen}.p`);
  return {
    locks: (after) => [
      lock(after),
      `${end} AS MATERIALIZED (SELECT ${position} AS p FROM ${table} WHERE ${own()} AND ${has(held)} ORDER BY ${position} DESC LIMIT 1${dialect.lock})`,
      `${seen} AS MATERIALIZED (SELECT p, x, ${first} AS f FROM ${end}, ${held})`,
    ],
    seen,
    change: `i${name} AS (INSERT INTO ${table} (${sql.columns}) SELECT ${rows}, ${seen} WHERE ${has(READY)})`,
    list: `${seen}.x, ${seen}.p, ${seen}.f`,
    width: 3,
    from: [seen],
    outcome: ([x, p, f]) => ({
      status: 'done',
      entry: { value: undefined, expiresAt: x === null ? undefined : Number(x) },
      existed: true,
      delta: { type: 'ends', end: 'last', pop: 0, push: texts, trim: 0 },
      answer: { members: [], numbers: [Number(p) - Number(f) + 1 + texts.length] },
    }),
  };
}
