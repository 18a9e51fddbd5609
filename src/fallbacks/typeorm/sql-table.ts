import type { Clock } from '../../core/clock.js';
import type { Change, Entry, Outcome, Query, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Piece } from './batch-fast.js';
import type { Dialect } from './dialect.js';
import { fastUpdate } from './fast-update.js';
import type { Layout, Selection } from './layout.js';
import { otherKey } from './other-key.js';
import { checkPacket } from './packet.js';
import { chunks, Parameters, rowChunks } from './parameters.js';
import type { KeyedEntry, Locked, Page, RowTable } from './remote-table.js';
import { Refusal, type Session } from './sessions.js';
import { type Statement, Statements } from './statements.js';

export interface SqlTableOptions {
  readonly layout: Layout;
  readonly dialect: Dialect;
  readonly clock: Clock;
  /** False where an upsert could hit the row of another key, by a unique index beside the primary key. */
  readonly upserts: boolean;
  /** False where the database takes different keys for the same. */
  readonly exact: boolean;
  /** How many bytes a statement can have. */
  readonly maxPacket: number | undefined;
}

const MAX_KEYS = 1_000;

/** The table of one entity on a database server. */
export class SqlTable implements RowTable {
  readonly schema: Schema;
  readonly readsBeforePut: boolean;
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #statements: Statements;
  readonly #mysql: boolean;
  readonly #whereOne: string;
  readonly #maxPacket: number;
  readonly #exact: boolean;
  readonly #foreign: boolean;

  constructor({ layout, dialect, clock, upserts, exact, maxPacket }: SqlTableOptions) {
    this.#maxPacket = maxPacket ?? Number.POSITIVE_INFINITY;
    this.schema = layout.schema;
    this.#exact = exact;
    this.#foreign = layout.schema.mappedByTypeorm;
    this.readsBeforePut = !upserts || !exact;
    this.#layout = layout;
    this.#clock = clock;
    this.#statements = new Statements(layout, dialect);
    this.#mysql = dialect.name !== 'postgres';
    const parameters = new Parameters(dialect);
    this.#whereOne = layout.keyColumns.map((column) => `${column} = ${parameters.add(undefined)}`).join(' AND ');
  }

  async read(session: Session, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    const selection = this.#layout.select(query as readonly number[] | undefined);
    if (keys.length === 1 && this.#exact) {
      const sql = `SELECT ${selection.list} FROM ${this.#layout.table} WHERE ${this.#whereOne}`;
      const { rows } = await session.run(sql, this.#layout.keyValues(keys[0]!));
      return [rows.length === 0 ? null : this.#live(selection.entry(rows[0]!))];
    }
    const found = new Map<string, Entry | null>();
    for (const part of chunks(keys, MAX_KEYS)) {
      for (const [id, entry] of await this.#select(session, part, selection, false)) found.set(id, this.#live(entry));
    }
    return keys.map(({ id }) => found.get(id) ?? null);
  }

  async #select(
    session: Session,
    keys: readonly Key[],
    selection: Selection,
    lock: boolean,
  ): Promise<[string, Entry][]> {
    const { sql, parameters } = this.#statements.selectMany(keys, selection.list, lock);
    const { rows } = await session.run(sql, parameters);
    const parts = this.schema.keys.length;
    return rows.map((values) => [this.#layout.key(values).id, selection.entry(values.slice(parts))]);
  }

  #live(entry: Entry): Entry | null {
    return entry.expiresAt !== undefined && entry.expiresAt <= this.#clock.now() ? null : entry;
  }

  async one(session: Session, key: Key, change: Change): Promise<Outcome | undefined> {
    if (!this.#exact) return undefined;
    const row = change as RowChange;
    switch (row.type) {
      case 'put':
        return this.#putOne(session, key, row);
      case 'delete': {
        const { sql, parameters } = this.#statements.remove(key, this.#clock.now());
        const { affected } = await session.run(sql, parameters, 'committing');
        return { status: 'done', entry: null, existed: affected > 0 };
      }
      case 'patch':
      case 'increment':
        return this.#mysql ? undefined : this.#updateOne(session, key, row);
      case 'modify':
        return undefined;
    }
  }

  piece(name: string, key: Key, given: Change, parameters: Parameters): Piece | undefined {
    if (this.#mysql || this.#foreign || !this.#exact) return undefined;
    const change = given as RowChange;
    const now = this.#clock.now();
    if (change.type === 'put' && typeof change.expect === 'object') {
      const entry: Entry = { value: change.row, expiresAt: change.expiresAt };
      // It checks what is put.
      this.#row(key, entry);
      const set = this.#statements.assigned(entry, parameters);
      const where = [this.#statements.atVersion(change.expect.version, parameters)];
      const piece = this.#statements.piece(name, key, now, { set, where, list: '1 AS c0', width: 1 }, parameters);
      return { ...piece, outcome: () => ({ status: 'done', entry, existed: true }) };
    }
    const write = change.type === 'patch' ? fastUpdate(this.#layout, change) : undefined;
    if (!write) return undefined;
    const { list, width, entry } = this.#layout.select(undefined);
    const { set, where } = write(parameters);
    const all = [...set, ...this.#statements.counted()];
    const piece = this.#statements.piece(name, key, now, { set: all, where, list, width }, parameters);
    return { ...piece, outcome: (values) => ({ status: 'done', entry: entry(values), existed: true }) };
  }

  async #putOne(session: Session, key: Key, change: Extract<RowChange, { type: 'put' }>): Promise<Outcome | undefined> {
    const { row, expect, expiresAt } = change;
    const entry: Entry = { value: row, expiresAt };
    const now = this.#clock.now();
    const values = () => this.#row(key, entry);
    if (expect === undefined)
      return this.readsBeforePut ? undefined : this.#putDone(session, key, entry, this.#statements.upsert([values()]));
    if (typeof expect === 'object') {
      const statement = this.#statements.replace(key, entry, now, expect.version);
      return (await this.#putDone(session, key, entry, statement, true)) ?? { status: 'conflict' };
    }
    if (!this.#mysql) {
      const statement = this.#statements.insertOverExpired(values(), now);
      return (await this.#putDone(session, key, entry, statement)) ?? { status: 'exists' };
    }
    if (!(await this.#tryInsert(session, [{ key, entry }], 'committing'))) return undefined;
    return { status: 'done', entry: await this.#became(session, key, entry), existed: false };
  }

  /** Runs the statement of a put; `undefined` where it found nothing to do. */
  async #putDone(
    session: Session,
    key: Key,
    entry: Entry,
    { sql, parameters }: Statement,
    existed = false,
  ): Promise<Outcome | undefined> {
    const { list, entry: entryOf } = this.#layout.select(undefined);
    const returning = this.#mysql || !this.#foreign ? '' : ` RETURNING ${list}`;
    const { rows, affected } = await session.run(sql + returning, parameters, 'committing');
    if (affected === 0 && (!this.#mysql || existed)) return undefined;
    const became = rows[0] ? entryOf(rows[0]) : await this.#became(session, key, entry);
    return { status: 'done', entry: became, existed };
  }

  /** What an entry is once it is stored: columns that others chose may round it, or cut it off. */
  async #became(session: Session, key: Key, entry: Entry): Promise<Entry> {
    return this.#foreign ? ((await this.read(session, [key], undefined))[0] ?? entry) : entry;
  }

  async #updateOne(
    session: Session,
    key: Key,
    change: Extract<RowChange, { type: 'patch' | 'increment' }>,
  ): Promise<Outcome | undefined> {
    const write = fastUpdate(this.#layout, change);
    if (write === undefined) return undefined;
    const selection = this.#layout.select(undefined);
    const { sql, parameters } = this.#statements.update(key, this.#clock.now(), selection.list, write);
    const { rows } = await session.run(sql, parameters, 'committing').catch((error: unknown) => {
      // A sum out of range: reading first says what it would be.
      if (change.type === 'increment' && error instanceof Refusal && error.verdict === 'value') return { rows: [] };
      throw error;
    });
    return rows.length === 0 ? undefined : { status: 'done', entry: selection.entry(rows[0]!), existed: true };
  }

  async lock(session: Session, keys: readonly Key[]): Promise<Locked[]> {
    const selection = this.#layout.select(undefined);
    const found = new Map<string, Entry>();
    for (const part of chunks(keys, MAX_KEYS)) {
      for (const [id, entry] of await this.#select(session, part, selection, true)) found.set(id, entry);
    }
    return keys.map(({ id }) => {
      const entry = found.get(id);
      return entry === undefined ? { entry: null, held: false } : { entry: this.#live(entry), held: true };
    });
  }

  async put(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | undefined> {
    if (this.readsBeforePut) {
      for (const { key, entry } of entries) {
        const { sql, parameters } = this.#statements.replace(key, entry, this.#clock.now());
        await session.run(sql, parameters);
      }
      return this.#allBecame(session, entries);
    }
    for (const rows of rowChunks(this.#rows(entries))) {
      const { sql, parameters } = this.#statements.upsert(rows);
      await session.run(sql, parameters);
    }
    return this.#allBecame(session, entries);
  }

  async #allBecame(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | undefined> {
    if (!this.#foreign) return undefined;
    const keys = entries.map(({ key }) => key);
    const became = await this.read(session, keys, undefined);
    return became.map((entry, at) => {
      if (entry || this.#exact) return entry ?? entries[at]!.entry;
      throw otherKey(this.schema, keys[at]!);
    });
  }

  async putTogether(session: Session, entries: readonly KeyedEntry[]): Promise<boolean> {
    if (this.#foreign) return false;
    const [rows, ...more] = rowChunks(this.#rows(entries));
    if (rows === undefined || more.length > 0) return false;
    const { sql, parameters } = this.#statements.upsert(rows);
    await session.run(sql, parameters, 'committing');
    return true;
  }

  async insert(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | boolean> {
    if (!(await this.#tryInsert(session, entries, 'harmless'))) return false;
    return (await this.#allBecame(session, entries)) ?? true;
  }

  async #tryInsert(
    session: Session,
    entries: readonly KeyedEntry[],
    phase: 'harmless' | 'committing',
  ): Promise<boolean> {
    for (const rows of rowChunks(this.#rows(entries))) {
      const { sql, parameters } = this.#statements.insert(rows);
      try {
        const { affected } = await session.run(sql, parameters, phase);
        if (affected < rows.length) {
          if (this.#exact) return false;
          throw new Refusal('duplicate', new Error('the key of another row is alike'));
        }
      } catch (error) {
        // Unique indexes beside the primary key are another matter.
        const taken = error instanceof Refusal && error.verdict === 'duplicate' && /PRIMARY'?$/.test(error.message);
        if (!taken || !this.#exact) throw error;
        return false;
      }
    }
    return true;
  }

  async remove(session: Session, keys: readonly Key[]): Promise<void> {
    for (const part of chunks(keys, MAX_KEYS)) {
      const { sql, parameters } = this.#statements.removeMany(part);
      await session.run(sql, parameters);
    }
  }

  async page(session: Session, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    const selection = this.#layout.select(undefined);
    const { sql, parameters } = this.#statements.page(after, selection.list, limit);
    const { rows } = await session.run(sql, parameters);
    const parts = this.schema.keys.length;
    return rows.map((values) => ({
      key: this.#layout.key(values),
      entry: this.#live(selection.entry(values.slice(parts))),
    }));
  }

  async count(session: Session): Promise<number> {
    const { sql, parameters } = this.#statements.count(this.#clock.now());
    const { rows } = await session.run(sql, parameters);
    return Number(rows[0]![0]);
  }

  async sweep(session: Session, limit: number): Promise<number> {
    const statement = this.#statements.sweep(this.#clock.now(), limit);
    if (statement === undefined) return 0;
    return (await session.run(statement.sql, statement.parameters)).affected;
  }

  #rows(entries: readonly KeyedEntry[]): unknown[][] {
    return entries.map(({ key, entry }) => this.#row(key, entry));
  }

  #row(key: Key, entry: Entry): unknown[] {
    const row = [...this.#layout.keyValues(key), ...this.#layout.values(entry)];
    checkPacket(this.schema, row, this.#maxPacket);
    return row;
  }
}
