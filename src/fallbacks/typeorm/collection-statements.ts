import type { End, Member } from '../../core/collection.js';
import type { Key } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import { checkMember, isStorable } from './member-limits.js';
import type { MembersLayout } from './members-layout.js';
import { checkPacket } from './packet.js';
import { Parameters, rowChunks } from './parameters.js';
import { type Statement, Statements } from './statements.js';

export interface CollectionStatementsOptions {
  readonly layout: MembersLayout;
  readonly dialect: Dialect;
  /** How many bytes a statement can have. */
  readonly maxPacket: number | undefined;
}

/** Which part of what is in order. */
interface Part {
  readonly limit: number | undefined;
  readonly offset: number;
}

// Few, so that the texts of statements are; and no more rows than are read in about the time that planning takes.
const BOUNDS = [64, 256, 1_024, 4_096];

/** The SQL that changes the collections of one entity in one dialect. */
export class CollectionStatements {
  readonly layout: MembersLayout;
  readonly dialect: Dialect;
  /** Of the table of the collections themselves. */
  readonly heads: Statements;
  readonly postgres: boolean;
  readonly #mysql: boolean;
  readonly #maxPacket: number;
  /** The columns of a member's row, keys first. */
  readonly columns: string;

  constructor({ layout, dialect, maxPacket }: CollectionStatementsOptions) {
    this.layout = layout;
    this.dialect = dialect;
    this.heads = new Statements(layout.head, dialect);
    this.postgres = dialect.name === 'postgres';
    this.#mysql = dialect.name === 'mysql' || dialect.name === 'mariadb';
    this.#maxPacket = maxPacket ?? Number.POSITIVE_INFINITY;
    this.columns = [...layout.head.keyColumns, ...layout.columns.map(({ quoted }) => quoted)].join(', ');
  }

  #parameters(): Parameters {
    return new Parameters(this.dialect);
  }

  /** What tells the rows of a key, of either table. */
  whereKey(key: Key, parameters: Parameters, table = ''): string {
    const values = this.layout.keyValues(key);
    return this.layout.head.keyColumns
      .map((column, at) => `${table}${column} = ${parameters.add(values[at])}`)
      .join(' AND ');
  }

  setExpiry(key: Key, expiresAt: number | undefined): Statement {
    const parameters = this.#parameters();
    const { table, expiresAt: column } = this.layout.head;
    const set = `${column} = ${parameters.add(expiresAt ?? null)}`;
    return { sql: `UPDATE ${table} SET ${set} WHERE ${this.whereKey(key, parameters)}`, parameters: parameters.values };
  }

  /** Deletes all members of a key. */
  clear(key: Key): Statement {
    const parameters = this.#parameters();
    const sql = `DELETE FROM ${this.layout.table} WHERE ${this.whereKey(key, parameters)}`;
    return { sql, parameters: parameters.values };
  }

  /** Deletes no more than `limit` members of some keys. */
  clearSome(keys: readonly Key[], limit: number): Statement {
    const parameters = this.#parameters();
    const { table } = this.layout;
    const where = `${this.heads.whereKeys(keys, parameters)} LIMIT ${limit}`;
    const some = this.postgres
      ? `ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${where}))`
      : this.#mysql
        ? where
        : `rowid IN (SELECT rowid FROM ${table} WHERE ${where})`;
    return { sql: `DELETE FROM ${table} WHERE ${some}`, parameters: parameters.values };
  }

  /** Reads those of the members that are there, and locks them in the order of their texts. */
  find(key: Key, texts: readonly string[]): Statement {
    const parameters = this.#parameters();
    const { table, list, text } = this.layout;
    const where = `${this.whereKey(key, parameters)} AND ${this.isOneOf(texts, parameters)}`;
    return {
      sql: `SELECT ${list} FROM ${table} WHERE ${where} ORDER BY ${text}${this.dialect.lock}`,
      parameters: parameters.values,
    };
  }

  /** The condition that a member is one of these, which are at least one. */
  isOneOf(texts: readonly string[], parameters: Parameters): string {
    const { text } = this.layout;
    const known = this.postgres ? texts.filter(isStorable) : texts;
    if (known.length === 1) return `${text} = ${parameters.add(known[0])}`;
    if (this.postgres) return `${text} = ANY(${parameters.add(known)}::text[])`;
    return `${text} IN (${parameters.list(known)})`;
  }

  /** Puts members where no such are. PostgreSQL leaves those out that are there, others refuse. */
  insert(key: Key, members: readonly Member[]): Statement[] {
    return this.#insert(key, members, this.postgres ? ' ON CONFLICT DO NOTHING' : '');
  }

  /** Puts members, whatever is there. PostgreSQL tells of each whether it is new. */
  upsert(key: Key, members: readonly Member[]): Statement[] {
    return this.#insert(key, members, this.onConflict());
  }

  /** What makes an insert take members that are there. */
  onConflict(): string {
    const { columns, head, text, identity } = this.layout;
    const incoming = (column: string) => (this.#mysql ? `VALUES(${column})` : `excluded.${column}`);
    const set = columns
      .filter(({ quoted }) => quoted !== identity)
      .map(({ quoted }) => `${quoted} = ${incoming(quoted)}`)
      .join(', ');
    if (this.#mysql) return ` ON DUPLICATE KEY UPDATE ${set === '' ? `${text} = ${text}` : set}`;
    const conflict = ` ON CONFLICT (${[...head.keyColumns, identity].join(', ')}) DO ${set === '' ? 'NOTHING' : `UPDATE SET ${set}`}`;
    return this.postgres ? `${conflict} RETURNING ${text} AS t, (xmax = 0)::int AS fresh` : conflict;
  }

  #insert(key: Key, members: readonly Member[], end: string): Statement[] {
    const keys = this.layout.keyValues(key);
    const rows = this.rows(key, members);
    // The key is in each of them, but for PostgreSQL.
    return rowChunks(this.postgres ? rows : rows.map((row) => [...keys, ...row])).map((part) => {
      const parameters = this.#parameters();
      const into = `INSERT INTO ${this.layout.table} (${this.columns})`;
      const source = this.postgres
        ? `SELECT ${this.newRows(key, parameters, part)}`
        : `VALUES ${part.map((row) => `(${parameters.list(row)})`).join(', ')}`;
      return { sql: `${into} ${source}${end}`, parameters: parameters.values };
    });
  }

  /** Members as rows without their key. @throws ValidationError for one that the database cannot keep */
  rows(key: Key, members: readonly Member[]): unknown[][] {
    return members.map((member) => {
      checkMember(this.layout, this.dialect, key, member);
      const row = this.layout.values(member);
      checkPacket(this.layout.schema, row, this.#maxPacket);
      return row;
    });
  }

  /**
   * What selects new rows of a key from parameters: the same text for any number of them. `after` is added to their positions.
   * Of PostgreSQL.
   */
  newRows(key: Key, parameters: Parameters, rows: readonly (readonly unknown[])[], after?: string): string {
    const { head, columns, score } = this.layout;
    const values = this.layout.keyValues(key);
    const keys = head.keys.map(({ sqlType }, at) => `${parameters.add(values[at])}::${sqlType}`);
    const arrays = columns.map(({ arrayType }, at) => `${parameters.add(rows.map((row) => row[at]))}::${arrayType}`);
    const names = columns.map((_, at) => `c${at}`);
    const list =
      after === undefined
        ? 'u.*'
        : columns.map(({ quoted }, at) => (quoted === score ? `${after} + u.c${at}` : `u.c${at}`)).join(', ');
    return `${keys.join(', ')}, ${list} FROM unnest(${arrays.join(', ')}) u${after === undefined ? '' : `(${names.join(', ')})`}`;
  }

  remove(key: Key, texts: readonly string[]): Statement {
    const parameters = this.#parameters();
    const where = `${this.whereKey(key, parameters)} AND ${this.isOneOf(texts, parameters)}`;
    return { sql: `DELETE FROM ${this.layout.table} WHERE ${where}`, parameters: parameters.values };
  }

  /**
   * Selects the columns of `list` of no more than `limit` members after the first `offset`, of those that `from` selects, in
   * order. PostgreSQL takes a statement whose limits are parameters for a dear one, and plans it anew each time; a bound in its
   * text tells better.
   */
  ordered(
    list: string,
    from: string,
    order: readonly string[],
    { limit, offset }: Part,
    parameters: Parameters,
  ): string {
    const by = ` ORDER BY ${order.join(', ')}`;
    const page = () => this.page(parameters, limit, offset);
    const bound = BOUNDS.find((rows) => offset + (limit ?? Number.POSITIVE_INFINITY) <= rows);
    if (!this.postgres || bound === undefined) return `SELECT ${list} FROM ${from}${by}${page()}`;
    const { text, score } = this.layout;
    const columns = score === undefined ? text : `${text}, ${score}`;
    return `SELECT ${list} FROM (SELECT ${columns} FROM ${from}${by} LIMIT ${bound}) m${by}${page()}`;
  }

  /** What ends a `SELECT` of no more than `limit` rows after the first `offset`. */
  page(parameters: Parameters, limit: number | undefined, offset: number): string {
    const most = (count: number) => parameters.add(Math.min(count, Number.MAX_SAFE_INTEGER));
    const all = this.postgres ? 'NULL' : this.#mysql ? '18446744073709551615' : '-1';
    return ` LIMIT ${limit === undefined ? all : most(limit)} OFFSET ${most(offset)}`;
  }

  /** Reads the members that come before the last `limit`, in order. */
  beyond(key: Key, limit: number): Statement {
    const parameters = this.#parameters();
    const { table, list, text, score } = this.layout;
    const order = [score, text].flatMap((column) => (column === undefined ? [] : [`${column} DESC`])).join(', ');
    const where = this.whereKey(key, parameters);
    const rest = this.page(parameters, undefined, limit);
    return {
      sql: `SELECT ${list} FROM ${table} WHERE ${where} ORDER BY ${order}${rest}`,
      parameters: parameters.values,
    };
  }

  /** Reads the first and the last position of a list. */
  ends(key: Key): Statement {
    const parameters = this.#parameters();
    const { table, score } = this.layout;
    const { select } = this.dialect.codecs.integer;
    const end = (which: string) =>
      `(SELECT ${select(`${which}(${score})`)} FROM ${table} WHERE ${this.whereKey(key, parameters)})`;
    return { sql: `SELECT ${end('MIN')} AS lo, ${end('MAX')} AS hi`, parameters: parameters.values };
  }

  /** Reads the item at an end of a list. */
  edge(key: Key, end: End): Statement {
    const parameters = this.#parameters();
    const { table, list, score } = this.layout;
    const order = end === 'last' ? ' DESC' : '';
    const where = this.whereKey(key, parameters);
    return {
      sql: `SELECT ${list} FROM ${table} WHERE ${where} ORDER BY ${score}${order} LIMIT 1`,
      parameters: parameters.values,
    };
  }

  /** Deletes the items of a list from one position to another, both included. */
  cut(key: Key, from: number, to: number): Statement {
    const parameters = this.#parameters();
    const { table, score } = this.layout;
    const where = `${this.whereKey(key, parameters)} AND ${score} BETWEEN ${parameters.add(from)} AND ${parameters.add(to)}`;
    return { sql: `DELETE FROM ${table} WHERE ${where}`, parameters: parameters.values };
  }

  /** Reads all members of a key. */
  all(key: Key): Statement {
    const parameters = this.#parameters();
    const sql = `SELECT ${this.layout.list} FROM ${this.layout.table} WHERE ${this.whereKey(key, parameters)}`;
    return { sql, parameters: parameters.values };
  }
}
