import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Database, Statement } from 'better-sqlite3';
import { capitalized } from '../../core/error-text.js';
import { type KeyedChange, StoreFault, type WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { type FaultPlace, storeFault, uniqueFault, valueFault } from './faults.js';
import type { LocalTable } from './local-table.js';
import type { Page } from './remote-table.js';
import type { SqlStore } from './sql-store.js';
import { sqlite } from './sqlite.js';

const LONGEST_PAUSE = 50;
// How many writes share a transaction at most, and for how many milliseconds one turn of the event loop takes more.
const MOST_TOGETHER = 1_000;
const TURN = 10;
// For how many milliseconds whoever waits for each write before he makes the next is served within one turn.
const ALONE = 2;

interface Waiting {
  readonly changes: readonly KeyedChange[];
  readonly deadline: number;
  resolve(result: WriteResult): void;
  reject(error: unknown): void;
}

export interface SqliteStoreOptions {
  readonly db: Database;
  readonly tables: ReadonlyMap<Schema, LocalTable>;
  readonly place: FaultPlace;
}

/**
 * A SQLite database. Writes that wait at the same time share one transaction and so one wait for the disk, each of them all
 * or none by itself. A transaction of somebody else on the same connection is waited for, never joined.
 */
export class SqliteStore implements SqlStore {
  readonly #db: Database;
  readonly #tables: ReadonlyMap<Schema, LocalTable>;
  readonly #place: FaultPlace;
  readonly #begin: Statement;
  readonly #beginImmediate: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #savepoint: Statement;
  readonly #rollbackTo: Statement;
  readonly #release: Statement;
  #queue: Waiting[] = [];
  #flushing = false;
  /** Until when writes do not wait for others: there were none in this turn of the event loop. */
  #aloneUntil = 0;

  constructor({ db, tables, place }: SqliteStoreOptions) {
    this.#db = db;
    this.#tables = tables;
    this.#place = place;
    this.#begin = db.prepare('BEGIN');
    this.#beginImmediate = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#savepoint = db.prepare('SAVEPOINT holdfast');
    this.#rollbackTo = db.prepare('ROLLBACK TO holdfast');
    this.#release = db.prepare('RELEASE holdfast');
  }

  #table(schema: Schema): LocalTable {
    return this.#tables.get(schema)!;
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    const table = this.#table(schema);
    if (keys.length === 1) return this.#attempt(schema, () => table.read(keys, query));
    // One state of the database for all of them.
    return this.#attempt(schema, () => this.#transaction(this.#begin, () => table.read(keys, query)));
  }

  page(schema: Schema, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    return this.#attempt(schema, () => this.#table(schema).page(after, limit));
  }

  count(schema: Schema): Promise<number> {
    return this.#attempt(schema, () => this.#table(schema).count());
  }

  sweep(schema: Schema, limit: number): Promise<number> {
    return this.#attempt(schema, () => this.#table(schema).sweep(limit));
  }

  /** Runs `work` when the connection is free, and again where another process has the database locked. */
  async #attempt<T>(schema: Schema, work: () => T): Promise<T> {
    const deadline = this.#deadline();
    for (let pause = 1; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      let busy: unknown;
      if (!this.#db.inTransaction) {
        try {
          return work();
        } catch (error) {
          if (!isBusy(error)) throw this.#fault(error, [schema]);
          busy = error;
        }
      }
      if (performance.now() >= deadline) throw this.#tooLate(busy);
      await sleep(pause);
    }
  }

  write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      const waiting = { changes, deadline: this.#deadline(), resolve, reject };
      if (this.#wroteAlone(waiting)) return;
      this.#queue.push(waiting);
      if (this.#flushing) return;
      this.#flushing = true;
      // All that is ready in this turn of the event loop comes along.
      setImmediate(() => void this.#flush());
    });
  }

  #wroteAlone(waiting: Waiting): boolean {
    if (this.#flushing || performance.now() >= this.#aloneUntil || this.#db.inTransaction) return false;
    try {
      this.#writeSome([waiting]);
      return true;
    } catch {
      // Another process has the database locked.
      return false;
    }
  }

  async #flush(): Promise<void> {
    let pause = 1;
    while (this.#queue.length > 0) {
      let busy: unknown;
      if (!this.#db.inTransaction) {
        const part = this.#queue.splice(0, MOST_TOGETHER);
        try {
          this.#queue.unshift(...this.#writeSome(part));
          pause = 1;
          const alone = part.length === 1 && this.#queue.length === 0;
          this.#aloneUntil = alone ? performance.now() + ALONE : 0;
          if (!alone) await nextTurn();
          continue;
        } catch (error) {
          busy = error;
          this.#queue.unshift(...part);
        }
      }
      const now = performance.now();
      const late = this.#queue.filter(({ deadline }) => deadline <= now);
      this.#queue = this.#queue.filter(({ deadline }) => deadline > now);
      for (const { reject } of late) reject(this.#tooLate(busy));
      await sleep(pause);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
    this.#flushing = false;
  }

  /** Makes the writes and settles them; what there was no time for comes back. @throws the error that says that others have the database locked */
  #writeSome(part: readonly Waiting[]): readonly Waiting[] {
    const settle: (() => void)[] = [];
    try {
      if (part.length === 1) settle.push(this.#makeAlone(part[0]!));
      else
        this.#transaction(this.#beginImmediate, () => {
          const end = performance.now() + TURN;
          for (const waiting of part) {
            settle.push(this.#make(waiting));
            if (performance.now() > end) break;
          }
        });
    } catch (error) {
      if (isBusy(error)) throw error;
      for (const { changes, reject } of part)
        reject(
          this.#fault(
            error,
            changes.map(({ schema }) => schema),
          ),
        );
      return [];
    }
    for (const run of settle) run();
    return part.slice(settle.length);
  }

  /** Makes a write that nothing else shares a transaction with, so that there is no part of one to undo. */
  #makeAlone({ changes, resolve }: Waiting): () => void {
    const [first, ...more] = changes;
    const apply = () => this.#applyAll(changes);
    const one = more.length === 0 && this.#table(first!.schema).takesOne(first!.change);
    const result = one ? apply() : this.#transaction(this.#beginImmediate, apply, ({ done }) => done);
    return () => resolve(result);
  }

  /** Makes one write, all or none, and returns what tells its caller. @throws what undoes all that shares the transaction */
  #make({ changes, resolve, reject }: Waiting): () => void {
    try {
      const [first, ...more] = changes;
      const alone = more.length === 0 && this.#table(first!.schema).changesAtOnce;
      const result = alone ? this.#applyAll(changes) : this.#inSavepoint(() => this.#applyAll(changes));
      return () => resolve(result);
    } catch (error) {
      if (endsTransaction(error)) throw error;
      const fault = this.#fault(
        error,
        changes.map(({ schema }) => schema),
      );
      return () => reject(fault);
    }
  }

  #applyAll(changes: readonly KeyedChange[]): WriteResult {
    const outcomes: Done[] = [];
    for (let index = 0; index < changes.length; index++) {
      const { schema, key, change } = changes[index]!;
      const outcome = this.#table(schema).apply(key, change);
      if (outcome.status !== 'done') return { done: false, index, outcome };
      outcomes.push(outcome);
    }
    return { done: true, outcomes };
  }

  #inSavepoint(work: () => WriteResult): WriteResult {
    this.#savepoint.run();
    let undo = true;
    try {
      const result = work();
      undo = !result.done;
      return result;
    } finally {
      // After some errors SQLite itself has undone everything.
      if (this.#db.inTransaction) {
        if (undo) this.#rollbackTo.run();
        this.#release.run();
      }
    }
  }

  #transaction<T>(begin: Statement, work: () => T, isToStay: (value: T) => boolean = () => true): T {
    begin.run();
    try {
      const value = work();
      if (isToStay(value)) this.#commit.run();
      return value;
    } finally {
      if (this.#db.inTransaction) this.#rollback.run();
    }
  }

  #deadline(): number {
    return performance.now() + this.#place.statementTimeout;
  }

  #tooLate(busy: unknown): StoreFault {
    const { statementTimeout, subject } = this.#place;
    const who = busy === undefined ? 'a transaction of somebody else on the same DataSource' : 'another process';
    const message = `${capitalized(subject)} has been locked for ${statementTimeout} ms by ${who}. Try again later, or make that one shorter.`;
    return new StoreFault(message, 'none', { cause: busy });
  }

  #fault(error: unknown, schemas: readonly Schema[]): unknown {
    if (!isSqlite(error)) return error;
    const names = [...new Set(schemas.map(({ target }) => target.name))].join(', ');
    switch (sqlite.verdict(error)) {
      case 'value':
        return valueFault(this.#place, error, names);
      case 'duplicate':
        return uniqueFault(this.#place, error, names);
      default:
        return storeFault(this.#place, error, 'committing');
    }
  }
}

const isSqlite = (error: unknown): boolean => String((error as { code?: unknown } | null)?.code).startsWith('SQLITE_');

const isBusy = (error: unknown): boolean => isSqlite(error) && sqlite.verdict(error) === 'retry';

/** Errors after which SQLite may have undone the whole transaction. */
const endsTransaction = (error: unknown): boolean =>
  isBusy(error) ||
  /^SQLITE_(FULL|IOERR|NOMEM|INTERRUPT|CORRUPT|READONLY)/.test(String((error as { code?: unknown }).code));
