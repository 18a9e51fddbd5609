import type { Dialect } from './dialect.js';
import type { TablePath } from './native-layout.js';

/** Runs a statement and gives its rows. */
export type Query = (sql: string, parameters: unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** What a table in the database is like. */
export interface ExistingTable {
  /** Its columns, and the collation of those that have one. */
  readonly columns: ReadonlyMap<string, string | undefined>;
  readonly indexes: ReadonlySet<string>;
  /** Whether a unique index stands beside the primary key. */
  readonly unique: boolean;
}

/** Looks at a table in the place where its statements will find it; `undefined` where there is none. */
export function existingTable(query: Query, dialect: Dialect, path: TablePath): Promise<ExistingTable | undefined> {
  switch (dialect.name) {
    case 'postgres':
      return inPostgres(query, path, dialect);
    case 'sqlite':
      return inSqlite(query, path);
    default:
      return inMysql(query, path);
  }
}

const made = (
  columns: readonly Record<string, unknown>[],
  indexes: readonly Record<string, unknown>[],
): ExistingTable | undefined =>
  columns.length === 0
    ? undefined
    : {
        columns: new Map(columns.map(({ name, collation }) => [name as string, (collation as string) ?? undefined])),
        indexes: new Set(indexes.map(({ name }) => name as string)),
        unique: indexes.some(({ uniq, prim }) => Number(uniq) === 1 && Number(prim) === 0),
      };

async function inPostgres(
  query: Query,
  { schema, table }: TablePath,
  { quote }: Dialect,
): Promise<ExistingTable | undefined> {
  const name = schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;
  const columns = await query(
    `SELECT a.attname AS name, c.collname AS collation FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`,
    [name],
  );
  const indexes = await query(
    `SELECT i.relname AS name, x.indisunique::int AS uniq, x.indisprimary::int AS prim
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = to_regclass($1)`,
    [name],
  );
  return made(columns, indexes);
}

async function inMysql(query: Query, { schema, table }: TablePath): Promise<ExistingTable | undefined> {
  const where = 'table_schema = COALESCE(?, DATABASE()) AND table_name = ?';
  const columns = await query(
    `SELECT column_name AS name, collation_name AS collation FROM information_schema.columns WHERE ${where}`,
    [schema ?? null, table],
  );
  const indexes = await query(
    `SELECT index_name AS name, 1 - non_unique AS uniq, index_name = 'PRIMARY' AS prim FROM information_schema.statistics WHERE ${where}`,
    [schema ?? null, table],
  );
  return made(columns, indexes);
}

async function inSqlite(query: Query, { table }: TablePath): Promise<ExistingTable | undefined> {
  const columns = await query('SELECT name, NULL AS collation FROM pragma_table_info(?)', [table]);
  const indexes = await query(`SELECT name, "unique" AS uniq, origin = 'pk' AS prim FROM pragma_index_list(?)`, [
    table,
  ]);
  return made(columns, indexes);
}
