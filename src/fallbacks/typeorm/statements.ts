import type { Entry } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { has, type Piece, READY } from './batch-fast.js';
import type { Dialect } from './dialect.js';
import type { Layout } from './layout.js';
import { Parameters } from './parameters.js';

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

/** A change of a row in a statement that makes several. */
interface RowPiece {
  readonly set: readonly string[];
  /** What must hold besides. */
  readonly where: readonly string[];
  /** What it answers with, and how many columns that is. */
  readonly list: string;
  readonly width: number;
}

/** The SQL of one entity in one dialect. */
export class Statements {
  readonly #layout: Layout;
  readonly #dialect: Dialect;
  readonly #mysql: boolean;
  readonly #columns: string;
  readonly #order: string;

  constructor(layout: Layout, dialect: Dialect) {
    this.#layout = layout;
    this.#dialect = dialect;
    this.#mysql = dialect.name === 'mysql' || dialect.name === 'mariadb';
    this.#columns = [...layout.keyColumns, ...layout.valueColumns].join(', ');
    this.#order = layout.keyColumns.join(', ');
  }

  /** Reads many rows, each with its key. */
  selectMany(keys: readonly Key[], list: string, lock: boolean): Statement {
    const parameters = new Parameters(this.#dialect);
    const where = this.whereKeys(keys, parameters);
    const end = lock ? ` ORDER BY ${this.#order}${this.#dialect.lock}` : '';
    const { keyList, table } = this.#layout;
    return { sql: `SELECT ${keyList}, ${list} FROM ${table} WHERE ${where}${end}`, parameters: parameters.values };
  }

  /** Reads those of many rows that are alive, each with its key, and keeps others from locking them for themselves. */
  selectShared(keys: readonly Key[], list: string, now: number): Statement {
    const parameters = new Parameters(this.#dialect);
    const conditions = [this.whereKeys(keys, parameters), this.#live(now, parameters)];
    const { keyList, table } = this.#layout;
    const where = conditions.filter((condition) => condition !== '').join(' AND ');
    return {
      sql: `SELECT ${keyList}, ${list} FROM ${table} WHERE ${where} ORDER BY ${this.#order}${this.#dialect.lockShared}`,
      parameters: parameters.values,
    };
  }

  /** The rows after `after` in the order of their keys. */
  page(after: Key | undefined, list: string, limit: number): Statement {
    const { keyList, table } = this.#layout;
    const parameters = new Parameters(this.#dialect);
    const where = after === undefined ? '' : ` WHERE ${this.#after(after, parameters)}`;
    const sql = `SELECT ${keyList}, ${list} FROM ${table}${where} ORDER BY ${this.#order} LIMIT ${limit}`;
    return { sql, parameters: parameters.values };
  }

  count(now: number): Statement {
    const parameters = new Parameters(this.#dialect);
    const live = this.#live(now, parameters);
    return {
      sql: `SELECT count(*) AS n FROM ${this.#layout.table}${live && ` WHERE ${live}`}`,
      parameters: parameters.values,
    };
  }

  /** Puts rows of keys and values, whatever is there. */
  upsert(rows: readonly (readonly unknown[])[]): Statement {
    const { valueColumns } = this.#layout;
    const incoming = (column: string) => (this.#mysql ? `VALUES(${column})` : `excluded.${column}`);
    const set = valueColumns.map((column) => `${column} = ${incoming(column)}`).join(', ');
    return this.#insert(rows, this.#onConflict(set));
  }

  /** Puts rows where nothing is. MySQL says so with an error, others by how many rows they put. */
  insert(rows: readonly (readonly unknown[])[]): Statement {
    return this.#insert(rows, this.#mysql ? '' : this.#onConflict(''));
  }

  /** Puts one row where nothing is, or what is there has expired. Not for MySQL. */
  insertOverExpired(row: readonly unknown[], now: number): Statement {
    const { expiresAt, table, valueColumns } = this.#layout;
    if (expiresAt === undefined) return this.insert([row]);
    const set = valueColumns.map((column) => `${column} = excluded.${column}`).join(', ');
    const { sql, parameters } = this.#insert([row], this.#onConflict(set));
    const end = this.#dialect.placeholder(parameters.length + 1);
    return { sql: `${sql} WHERE ${table}.${expiresAt} <= ${end}`, parameters: [...parameters, now] };
  }

  /** Replaces one row that is there, alive, and (where `version` is given) at that version. */
  replace(key: Key, entry: Entry, now: number, version?: number): Statement {
    const parameters = new Parameters(this.#dialect);
    const set = this.assigned(entry, parameters);
    const where = this.#whereOne(key, now, parameters);
    if (version !== undefined) where.push(this.atVersion(version, parameters));
    // A table of nothing but its key has nothing to set.
    if (set.length === 0) set.push(`${this.#layout.keyColumns[0]} = ${this.#layout.keyColumns[0]}`);
    return {
      sql: `UPDATE ${this.#layout.table} SET ${set.join(', ')} WHERE ${where.join(' AND ')}`,
      parameters: parameters.values,
    };
  }

  /** What makes a row hold an entry. */
  assigned(entry: Entry, parameters: Parameters): string[] {
    const values = this.#layout.values(entry);
    return this.#layout.valueColumns.map((column, at) => `${column} = ${parameters.add(values[at])}`);
  }

  atVersion(version: number, parameters: Parameters): string {
    const { schema, fields } = this.#layout;
    const { quoted, codec } = fields[schema.version!]!;
    return `${quoted} = ${parameters.add(codec.toSql(version))}`;
  }

  /**
   * Sets some columns of one live row and returns what it becomes. `set` gives each column's new value by SQL, `where` what
   * must hold besides.
   */
  update(
    key: Key,
    now: number,
    list: string,
    change: (parameters: Parameters) => { set: readonly string[]; where: readonly string[] },
  ): Statement {
    const parameters = new Parameters(this.#dialect);
    const { set, where } = change(parameters);
    const all = [...set, ...this.counted()];
    const conditions = [...this.#whereOne(key, now, parameters), ...where];
    return {
      sql: `UPDATE ${this.#layout.table} SET ${all.join(', ')} WHERE ${conditions.join(' AND ')} RETURNING ${list}`,
      parameters: parameters.values,
    };
  }

  /** What counts the version on, where there is one. */
  counted(): string[] {
    const { schema, fields } = this.#layout;
    const column = schema.version === undefined ? undefined : fields[schema.version]!.quoted;
    return column === undefined ? [] : [`${column} = COALESCE(${column}, 0) + 1`];
  }

  /** Changes one live row, as a part of a statement that makes several changes; `width` is that of `list`. Of PostgreSQL. */
  piece(name: string, key: Key, now: number, change: RowPiece, parameters: Parameters): Omit<Piece, 'outcome'> {
    const { table } = this.#layout;
    const { set, where, list, width } = change;
    const own = () => this.#equals(this.#layout.keyValues(key), parameters);
    const found = [...this.#whereOne(key, now, parameters), ...where];
    const [held, seen, made] = [`h${name}`, `s${name}`, `u${name}`];
    const lock = (after: string | undefined) =>
      `${held} AS MATERIALIZED (SELECT ctid AS c FROM ${table} WHERE ${[...found, ...(after === undefined ? [] : [has(after)])].join(' AND ')}${this.#dialect.lock})`;
    return {
      locks: (after) => [
        lock(after),
        // Whoever has waited for the lock has locked another row than the one he sees.
        `${seen} AS MATERIALIZED (SELECT 1 FROM ${held} WHERE c = (SELECT ctid FROM ${table} WHERE ${own()}))`,
      ],
      seen,
      change: `${made} AS (UPDATE ${table} SET ${set.join(', ')} WHERE ${own()} AND ${has(READY)} RETURNING ${list})`,
      list: `${made}.*`,
      width,
      from: [made],
    };
  }

  /** Deletes one live row. */
  remove(key: Key, now: number): Statement {
    const parameters = new Parameters(this.#dialect);
    const where = this.#whereOne(key, now, parameters).join(' AND ');
    return { sql: `DELETE FROM ${this.#layout.table} WHERE ${where}`, parameters: parameters.values };
  }

  removeMany(keys: readonly Key[]): Statement {
    const parameters = new Parameters(this.#dialect);
    const where = this.whereKeys(keys, parameters);
    return { sql: `DELETE FROM ${this.#layout.table} WHERE ${where}`, parameters: parameters.values };
  }

  /** Deletes some rows that have expired, and waits for none that others have locked. */
  sweep(now: number, limit: number): Statement | undefined {
    const { expiresAt, table } = this.#layout;
    if (expiresAt === undefined) return undefined;
    const parameters = new Parameters(this.#dialect);
    const expired = () => `${expiresAt} <= ${parameters.add(now)}`;
    const sql = this.#mysql
      ? `DELETE FROM ${table} WHERE ${expired()} LIMIT ${limit}`
      : `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${expired()} LIMIT ${limit} FOR UPDATE SKIP LOCKED)) AND ${expired()}`;
    return { sql, parameters: parameters.values };
  }

  /** Reads the keys of some rows that have expired. */
  expired(now: number, limit: number): Statement {
    const { keyList, table, expiresAt } = this.#layout;
    const sql = `SELECT ${keyList} FROM ${table} WHERE ${expiresAt} <= ${this.#dialect.placeholder(1)} LIMIT ${limit}`;
    return { sql, parameters: [now] };
  }

  /** Reads and locks those of the rows that have expired. */
  lockExpired(keys: readonly Key[], now: number): Statement {
    const { keyList, table, expiresAt } = this.#layout;
    const parameters = new Parameters(this.#dialect);
    const where = `${this.whereKeys(keys, parameters)} AND ${expiresAt} <= ${parameters.add(now)}`;
    const sql = `SELECT ${keyList} FROM ${table} WHERE ${where} ORDER BY ${this.#order}${this.#dialect.lock}`;
    return { sql, parameters: parameters.values };
  }

  #insert(rows: readonly (readonly unknown[])[], onConflict: string): Statement {
    const { arrayTypes, table } = this.#layout;
    const parameters = new Parameters(this.#dialect);
    // One array for each column: twice as fast, and the same text for any number of rows.
    const source =
      arrayTypes && rows.length > 1
        ? `SELECT * FROM unnest(${arrayTypes.map((type, at) => `${parameters.add(rows.map((row) => row[at]))}::${type}`).join(', ')})`
        : `VALUES ${rows.map((row) => `(${parameters.list(row)})`).join(', ')}`;
    return { sql: `INSERT INTO ${table} (${this.#columns}) ${source}${onConflict}`, parameters: parameters.values };
  }

  #onConflict(set: string): string {
    const keys = this.#layout.keyColumns;
    if (this.#mysql) return ` ON DUPLICATE KEY UPDATE ${set === '' ? `${keys[0]} = ${keys[0]}` : set}`;
    return ` ON CONFLICT (${keys.join(', ')}) DO ${set === '' ? 'NOTHING' : `UPDATE SET ${set}`}`;
  }

  #live(now: number, parameters: Parameters): string {
    const { expiresAt } = this.#layout;
    return expiresAt === undefined ? '' : `(${expiresAt} IS NULL OR ${expiresAt} > ${parameters.add(now)})`;
  }

  #whereOne(key: Key, now: number, parameters: Parameters): string[] {
    const live = () => this.#live(now, parameters);
    return [this.#equals(this.#layout.keyValues(key), parameters), live()].filter((condition) => condition !== '');
  }

  #equals(values: readonly unknown[], parameters: Parameters): string {
    return values.map((value, at) => `${this.#layout.keyColumns[at]} = ${parameters.add(value)}`).join(' AND ');
  }

  /** The condition that a row is that of one of the keys. */
  whereKeys(keys: readonly Key[], parameters: Parameters): string {
    const columns = this.#layout.keyColumns;
    const values = keys.map((key) => this.#layout.keyValues(key));
    const { arrayTypes } = this.#layout;
    if (arrayTypes) {
      const list = columns.map((_, at) => `${parameters.add(values.map((row) => row[at]))}::${arrayTypes[at]}`);
      if (columns.length === 1) return `${columns[0]} = ANY(${list[0]})`;
      return `(${columns.join(', ')}) IN (SELECT * FROM unnest(${list.join(', ')}))`;
    }
    if (columns.length === 1) return `${columns[0]} IN (${parameters.list(values.map((row) => row[0]))})`;
    // MariaDB finds rows by an index this way only, not by a list of tuples.
    return `(${values.map((row) => `(${this.#equals(row, parameters)})`).join(' OR ')})`;
  }

  #after(key: Key, parameters: Parameters): string {
    const columns = this.#layout.keyColumns;
    const values = this.#layout.keyValues(key);
    if (columns.length === 1) return `${columns[0]} > ${parameters.add(values[0])}`;
    if (!this.#mysql) return `(${columns.join(', ')}) > (${parameters.list(values)})`;
    // MySQL finds its way into an index by this form only.
    const steps = columns.map((column, at) => {
      const before = columns.slice(0, at).map((earlier, index) => `${earlier} = ${parameters.add(values[index])}`);
      return `(${[...before, `${column} > ${parameters.add(values[at])}`].join(' AND ')})`;
    });
    return `(${steps.join(' OR ')})`;
  }
}
