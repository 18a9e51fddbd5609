import type { Logger } from '../../core/logger.js';
import type { Dialect } from './dialect.js';
import { type ExistingTable, existingTable, type Query } from './existing-table.js';
import { quotePath, type TablePath } from './native-layout.js';
import { tableFault } from './table-fault.js';
import type { ShapeColumn, ShapeIndex, TableShape } from './table-shape.js';

export interface SynchronizeOptions {
  readonly query: Query;
  readonly dialect: Dialect;
  /** `fallback 'postgres' (host:port/database)` */
  readonly subject: string;
  readonly synchronize: boolean;
  readonly logger: Logger;
}

/**
 * Makes a table what it has to be: creates the table, columns and indexes that are missing, and never drops or changes
 * anything. Without `synchronize` it only looks. @throws MetadataError where something is missing
 */
export async function prepareTable(
  shape: TableShape,
  path: TablePath,
  options: SynchronizeOptions,
): Promise<ExistingTable> {
  const { query, dialect, logger, synchronize } = options;
  for (const { name } of shape.unindexed)
    logger.warn(
      `${shape.schema.target.name}: ${options.subject} cannot index column ${name} of table ${path.table}; it goes without an index. Give the field a length, or leave out its index.`,
    );
  let there = await existingTable(query, dialect, path);
  if (synchronize) {
    if (there === undefined) await create(shape, path, options);
    else await addMissing(shape, path, there, options);
    there = await existingTable(query, dialect, path);
  }
  const remedy = 'Run the migrations, or open with synchronize: true.';
  if (there === undefined) throw tableFault(shape.schema, `has no table ${path.table} in ${options.subject}.`, remedy);
  const missing = shape.columns.filter(({ name }) => !there.columns.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    const lacks = `lacks the ${missing.length === 1 ? 'column' : 'columns'} ${names}`;
    throw tableFault(shape.schema, `has the table ${path.table} in ${options.subject}, which ${lacks}.`, remedy);
  }
  checkCollations(shape, path, there, options.subject);
  return there;
}

/** Under another collation, a key could find the row of another key. */
function checkCollations(shape: TableShape, path: TablePath, there: ExistingTable, subject: string): void {
  for (const { name, primary, spec } of shape.columns) {
    const collation = there.columns.get(name)?.collation;
    if (!primary || spec.charset === undefined || collation === spec.collation) continue;
    throw tableFault(
      shape.schema,
      `has the table ${path.table} in ${subject}, whose key column ${name} has the collation ${collation}, under which different keys can be alike.`,
      `Change it to ${spec.collation}.`,
    );
  }
}

function columnSql({ name, spec }: ShapeColumn, dialect: Dialect, required: boolean): string {
  return `${dialect.quote(name)} ${spec.sql}${required ? ' NOT NULL' : ' NULL'}`;
}

function indexSql({ name, columns, where }: ShapeIndex, path: TablePath, dialect: Dialect): string {
  const mysql = dialect.name === 'mysql' || dialect.name === 'mariadb';
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const on = `${quotePath(path, dialect)} (${columns.map((column) => dialect.quote(column.name)).join(', ')})${condition}`;
  return `CREATE INDEX ${mysql ? '' : 'IF NOT EXISTS '}${dialect.quote(name)} ON ${on}`;
}

async function create(shape: TableShape, path: TablePath, { query, dialect }: SynchronizeOptions): Promise<void> {
  const columns = shape.columns.map((column) => columnSql(column, dialect, column.required));
  const keys = shape.columns.filter(({ primary }) => primary).map(({ name }) => dialect.quote(name));
  const body = [...columns, `PRIMARY KEY (${keys.join(', ')})`].join(', ');
  const sql = `CREATE TABLE IF NOT EXISTS ${quotePath(path, dialect)} (${body})${dialect.tableOptions}`;
  await unlessRaced(query(sql, []));
  for (const index of shape.indexes) await unlessRaced(query(indexSql(index, path, dialect), []));
}

async function addMissing(
  shape: TableShape,
  path: TablePath,
  there: ExistingTable,
  { query, dialect }: SynchronizeOptions,
): Promise<void> {
  for (const column of shape.columns) {
    if (there.columns.has(column.name) || column.primary) continue;
    // Rows that are there have no value for it.
    const sql = `ALTER TABLE ${quotePath(path, dialect)} ADD COLUMN ${columnSql(column, dialect, false)}`;
    await unlessRaced(query(sql, []));
  }
  for (const index of shape.indexes)
    if (!there.indexes.has(index.name)) await unlessRaced(query(indexSql(index, path, dialect), []));
}

/** What says that another process was faster: duplicate table, column, object, index. */
const RACED = new Set<unknown>(['42P07', '42701', '42710', '23505', 1050, 1060, 1061]);

async function unlessRaced(done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    const { driverError = error } = error as { driverError?: unknown };
    const { code, errno, message } = driverError as { code?: unknown; errno?: unknown; message?: unknown };
    if (!RACED.has(code) && !RACED.has(errno) && !/duplicate column name|already exists/.test(String(message)))
      throw error;
  }
}
