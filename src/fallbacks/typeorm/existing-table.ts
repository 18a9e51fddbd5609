import type { Dialect } from './dialect.js';
import type { TablePath } from './native-layout.js';

/** Runs a statement and gives its rows. */
export type Query = (sql: string, parameters: unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** What a column in the database is like. */
export interface ExistingColumn {
  /** As the database writes it, with length or precision: `character varying(40)`, `datetime(3)`. */
  readonly type: string;
  /** `undefined` for the usual one of a database where that tells all texts apart. */
  readonly collation: string | undefined;
}

/** What a table in the database is like. */
export interface ExistingTable {
  readonly columns: ReadonlyMap<string, ExistingColumn>;
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
        columns: new Map(
          columns.map(({ name, type, collation }) => [
            name as string,
            { type: String(type).toLowerCase(), collation: (collation as string) ?? undefined },
          ]),
        ),
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
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN c.collisdeterministic THEN NULL ELSE c.collname END AS collation
     FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
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
    `SELECT column_name AS name, column_type AS type, collation_name AS collation FROM information_schema.columns WHERE ${where}`,
    [schema ?? null, table],
  );
  const indexes = await query(
    `SELECT index_name AS name, 1 - non_unique AS uniq, index_name = 'PRIMARY' AS prim FROM information_schema.statistics WHERE ${where}`,
    [schema ?? null, table],
  );
  return made(columns, indexes);
}

async function inSqlite(query: Query, { table }: TablePath): Promise<ExistingTable | undefined> {
  // The index of the primary key has the collations of its columns. Computed columns are hidden (2, 3), but columns.
  const columns = await query(
    `SELECT c.name, c.type, (
       SELECT nullif(upper(k.coll), 'BINARY') FROM pragma_index_list(?) i, pragma_index_xinfo(i.name) k
       WHERE i.origin = 'pk' AND k.key = 1 AND k.cid = c.cid
     ) AS collation FROM pragma_table_xinfo(?) c WHERE c.hidden <> 1`,
    [table, table],
  );
  const indexes = await query(`SELECT name, "unique" AS uniq, origin = 'pk' AS prim FROM pragma_index_list(?)`, [
    table,
  ]);
  return made(columns, indexes);
}
