import type { ColumnType } from 'typeorm';
import type { DriverCapabilities } from '../../core/fallback-driver.js';
import type { Plain, StorageType } from '../../core/plain.js';

/** The databases that have a dialect here. */
export type DialectName = 'postgres' | 'mysql' | 'mariadb' | 'sqlite';

/** How a plain value of one type stands in a column: exact, whatever the settings of the connection and of the process. */
export interface ColumnCodec {
  /** The expression that reads the column. */
  select(column: string): string;
  toSql(plain: Exclude<Plain, null>): unknown;
  /** @throws CorruptPlain */
  toPlain(raw: unknown): Exclude<Plain, null>;
}

/** What decides the type of a column. */
export interface ColumnNeed {
  readonly storage: StorageType;
  readonly length?: number | undefined;
  /** How many text parts its key has; `undefined` for a column that is not part of the key. */
  readonly keyTexts?: number | undefined;
}

/** A column's type, as TypeORM names it and as SQL does. */
export interface ColumnSpec {
  readonly type: ColumnType;
  readonly sql: string;
  readonly length?: number;
  readonly precision?: number;
  readonly charset?: string;
  readonly collation?: string;
  /** Whether the database can index it. */
  readonly indexable: boolean;
}

/** What an error of the database means for the statement that met it. */
export type Verdict =
  /** The server undid it because of others: try again. */
  | 'retry'
  /** The value is at fault. */
  | 'value'
  /** There is an entry under this key already. */
  | 'duplicate'
  /** The server said no: nothing was done. */
  | 'refused'
  /** There was no answer, or one that leaves open what was done. */
  | 'lost'
  /** An error of the program. */
  | 'bug';

/** How one kind of database differs from the others. */
export interface Dialect {
  readonly name: DialectName;
  readonly capabilities: DriverCapabilities;
  readonly codecs: Readonly<Record<StorageType, ColumnCodec>>;
  quote(name: string): string;
  /** The placeholder of the parameter at `position`, counted from 1. */
  placeholder(position: number): string;
  column(need: ColumnNeed): ColumnSpec;
  /** What ends a `SELECT` that locks rows for itself, and one that only keeps others from doing so; empty where nothing does. */
  readonly lock: string;
  readonly lockShared: string;
  /** What ends a `CREATE TABLE`. */
  readonly tableOptions: string;
  /** Whether an index can leave rows out. */
  readonly partialIndexes: boolean;
  verdict(error: unknown): Verdict;
}

/** A column whose type has one name for TypeORM and in SQL. */
export const columnSpec = (type: Exclude<ColumnSpec['type'], Function>, indexable = true): ColumnSpec => ({
  type,
  sql: type,
  indexable,
});

/** What an error means that is none of the server's: the program is wrong, or there is no connection any more. */
export const verdictOfOther = (error: unknown): Verdict =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError ? 'bug' : 'lost';

const quoted = (mark: string) => (name: string) => mark + name.replaceAll(mark, mark + mark) + mark;

/** Quotes a name as the SQL standard does. */
export const doubleQuoted = quoted('"');
/** Quotes a name as MySQL does. */
export const backQuoted = quoted('`');
