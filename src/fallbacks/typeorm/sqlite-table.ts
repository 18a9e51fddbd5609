import type { Database, Statement } from 'better-sqlite3';
import type { Clock } from '../../core/clock.js';
import type { Change, Entry, Outcome, Query, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { fastUpdate } from './fast-update.js';
import type { Layout, Selection } from './layout.js';
import type { LocalTable } from './local-table.js';
import { otherKey } from './other-key.js';
import type { Page } from './remote-table.js';
import { sqlite } from './sqlite.js';
import { Statements } from './statements.js';

/** A prepared statement whose rows are arrays. */
type Prepared = Statement<unknown[], unknown[]>;

const MAX_STATEMENTS = 64;

export interface SqliteTableOptions {
  readonly db: Database;
  readonly layout: Layout;
  readonly clock: Clock;
  /** False where the database takes different keys for the same. */
  readonly exact: boolean;
}

/**
 * The table of one entity in SQLite. Everything is synchronous: the connection is one, and nobody gets between two calls
 * that do not wait.
 */
export class SqliteTable implements LocalTable {
  readonly schema: Schema;
  readonly changesAtOnce: boolean;
  readonly #db: Database;
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #statements: Statements;
  readonly #prepared = new Map<string, Prepared>();
  readonly #whereOne: string;
  readonly #exact: boolean;

  constructor({ db, layout, clock, exact }: SqliteTableOptions) {
    this.#exact = exact;
    this.schema = layout.schema;
    // Of a table that others mapped, a row may have to go again once it is seen what became of it.
    this.changesAtOnce = !layout.schema.mappedByTypeorm;
    this.#db = db;
    this.#layout = layout;
    this.#clock = clock;
    this.#statements = new Statements(layout, sqlite);
    this.#whereOne = layout.keyColumns.map((column) => `${column} = ?`).join(' AND ');
  }

  read(keys: readonly Key[], query: Query): (Entry | null)[] {
    const selection = this.#layout.select(query as readonly number[] | undefined);
    const statement = this.#selectOne(selection);
    return keys.map((key) => {
      const values = statement.get(...this.#layout.keyValues(key));
      return values === undefined || this.#isOther(key) ? null : this.#live(selection.entry(values));
    });
  }

  #selectOne(selection: Selection): Prepared {
    return this.#rows(`SELECT ${selection.list} FROM ${this.#layout.table} WHERE ${this.#whereOne}`);
  }

  #live(entry: Entry): Entry | null {
    return entry.expiresAt !== undefined && entry.expiresAt <= this.#clock.now() ? null : entry;
  }

  takesOne(change: Change): boolean {
    const asked = change as RowChange;
    if (this.schema.mappedByTypeorm) return false;
    switch (asked.type) {
      case 'delete':
        return true;
      case 'put':
        return asked.expect === undefined || this.#exact;
      case 'patch':
        return this.#exact && saysAll(this.schema, asked) && fastUpdate(this.#layout, asked) !== undefined;
      default:
        return false;
    }
  }

  apply(key: Key, change: Change): Outcome {
    const asked = change as RowChange;
    const made = this.#applyAtOnce(key, asked);
    if (made) return made;
    const outcome = this.schema.kind.apply(this.schema, this.read([key], undefined)[0]!, change);
    if (outcome.status !== 'done') return outcome;
    if (outcome.entry !== null) return { ...outcome, entry: this.put(key, outcome.entry) };
    this.remove(key);
    return outcome;
  }

  /** Makes a change with one statement; `undefined` where it takes to read first. */
  #applyAtOnce(key: Key, asked: RowChange): Outcome | undefined {
    if (asked.type === 'delete') return { status: 'done', entry: null, existed: this.remove(key) };
    if (asked.type === 'put' && asked.expect === undefined) {
      const entry: Entry = { value: asked.row, expiresAt: asked.expiresAt };
      return { status: 'done', entry: this.put(key, entry), existed: false };
    }
    if (this.schema.mappedByTypeorm || !this.#exact) return undefined;
    if (asked.type === 'put') return this.#putWhere(key, asked);
    return asked.type === 'patch' ? this.#patch(key, asked) : undefined;
  }

  #putWhere(key: Key, { row, expect, expiresAt }: Extract<RowChange, { type: 'put' }>): Outcome {
    const entry: Entry = { value: row, expiresAt };
    const now = this.#clock.now();
    const existed = typeof expect === 'object';
    const { sql, parameters } = existed
      ? this.#statements.replace(key, entry, now, expect.version)
      : this.#statements.insertOverExpired([...this.#layout.keyValues(key), ...this.#layout.values(entry)], now);
    if (this.#prepare(sql, () => sql).run(...parameters).changes > 0) return { status: 'done', entry, existed };
    return { status: existed ? 'conflict' : 'exists' };
  }

  #patch(key: Key, asked: Extract<RowChange, { type: 'patch' }>): Outcome | undefined {
    const update = fastUpdate(this.#layout, asked);
    if (update === undefined) return undefined;
    const selection = this.#layout.select(undefined);
    const { sql, parameters } = this.#statements.update(key, this.#clock.now(), selection.list, update);
    // All of them: a commit that fails is an error only once no row is left to read.
    const [values] = this.#rows(sql).all(...parameters);
    if (values) return { status: 'done', entry: selection.entry(values), existed: true };
    return saysAll(this.schema, asked) ? { status: 'missing' } : undefined;
  }

  /** What an entry is once it is stored: columns that others chose may change it. */
  #became(key: Key, entry: Entry): Entry {
    if (!this.schema.mappedByTypeorm) return entry;
    const became = this.read([key], undefined)[0];
    if (became || this.#exact) return became ?? entry;
    throw otherKey(this.schema, key);
  }

  /** Whether the row that is found under the key is that of another key, which the database takes for the same. */
  #isOther(key: Key): boolean {
    if (this.#exact) return false;
    const sql = `SELECT ${this.#layout.keyList} FROM ${this.#layout.table} WHERE ${this.#whereOne}`;
    const values = this.#rows(sql).get(...this.#layout.keyValues(key));
    return values !== undefined && this.#layout.key(values).id !== key.id;
  }

  /** Puts an entry, whatever is there, and tells what it has become. */
  put(key: Key, entry: Entry): Entry {
    if (this.#isOther(key)) throw otherKey(this.schema, key);
    const row = [...this.#layout.keyValues(key), ...this.#layout.values(entry)];
    this.#prepare('put', () => this.#statements.upsert([row]).sql).run(...row);
    return this.#became(key, entry);
  }

  /** Whether there was something to remove. */
  remove(key: Key): boolean {
    if (this.#isOther(key)) return false;
    const { sql, parameters } = this.#statements.remove(key, this.#clock.now());
    return this.#prepare('remove', () => sql).run(...parameters).changes > 0;
  }

  page(after: Key | undefined, limit: number): Page[] {
    const selection = this.#layout.select(undefined);
    const { sql, parameters } = this.#statements.page(after, selection.list, limit);
    const parts = this.schema.keys.length;
    return this.#rows(sql)
      .all(...parameters)
      .map((values) => ({
        key: this.#layout.key(values),
        entry: this.#live(selection.entry(values.slice(parts))),
      }));
  }

  count(): number {
    const { sql, parameters } = this.#statements.count(this.#clock.now());
    return Number(this.#rows(sql).get(...parameters)![0]);
  }

  sweep(limit: number): number {
    const { expiresAt, table } = this.#layout;
    if (expiresAt === undefined) return 0;
    const expired = `SELECT rowid FROM ${table} WHERE ${expiresAt} <= ? LIMIT ${limit}`;
    // Looking first leaves the write lock alone while there is nothing to remove.
    if (this.#rows(expired).get(this.#clock.now()) === undefined) return 0;
    const sql = `DELETE FROM ${table} WHERE rowid IN (${expired})`;
    return this.#prepare('sweep', () => sql).run(this.#clock.now()).changes;
  }

  #rows(sql: string): Prepared {
    return this.#prepare(sql, () => sql, true);
  }

  #prepare(id: string, sql: () => string, rows = false): Prepared {
    const there = this.#prepared.get(id);
    if (there) return there;
    if (this.#prepared.size >= MAX_STATEMENTS) this.#prepared.clear();
    const made = this.#db.prepare<unknown[], unknown[]>(sql());
    if (rows) made.raw(true);
    this.#prepared.set(id, made);
    return made;
  }
}

/** Whether a patch that found no row says thereby that there is none. */
const saysAll = (schema: Schema, { version }: Extract<RowChange, { type: 'patch' }>): boolean =>
  version === undefined && schema.variants === undefined;
