import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Entry, Query, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { writeAtOnce } from './batch-fast.js';
import { storeFault, uniqueFault, valueFault } from './faults.js';
import { isCollectionTable, type KeyedEntry, type Page, type RemoteTable, type RowTable } from './remote-table.js';
import { Refusal, type Session, type Sessions } from './sessions.js';
import type { SqlStore } from './sql-store.js';
import { writeTogether } from './transaction.js';

// A duplicate may be what others have inserted a moment ago.
const TRIES = { retry: 12, duplicate: 3, value: 1 } as const;
const BACKOFF = 5;
const LONGEST_BACKOFF = 200;

/** A database that is spoken to over connections of a pool. */
export class RemoteStore implements SqlStore {
  readonly #sessions: Sessions;
  readonly #tables: ReadonlyMap<Schema, RemoteTable>;
  readonly #tableOf = (schema: Schema): RemoteTable => this.#tables.get(schema)!;

  constructor(sessions: Sessions, tables: ReadonlyMap<Schema, RemoteTable>) {
    this.#sessions = sessions;
    this.#tables = tables;
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    return this.#run([schema], (session) => this.#tableOf(schema).read(session, keys, query));
  }

  write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.#run(
      changes.map(({ schema }) => schema),
      (session) => this.#write(session, changes),
    );
  }

  page(schema: Schema, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    return this.#run([schema], (session) => this.#tableOf(schema).page(session, after, limit));
  }

  count(schema: Schema): Promise<number> {
    return this.#run([schema], (session) => this.#tableOf(schema).count(session));
  }

  sweep(schema: Schema, limit: number): Promise<number> {
    return this.#run([schema], (session) => this.#tableOf(schema).sweep(session, limit));
  }

  async #write(session: Session, changes: readonly KeyedChange[]): Promise<WriteResult> {
    const result =
      changes.length === 1
        ? await this.#one(session, changes[0]!)
        : ((await this.#bulk(session, changes)) ??
          (await writeAtOnce(session, changes, this.#sessions.place.dialect, this.#tableOf)));
    return result ?? writeTogether(session, changes, this.#tableOf);
  }

  async #one(session: Session, { schema, key, change }: KeyedChange): Promise<WriteResult | undefined> {
    const outcome = await this.#tableOf(schema).one(session, key, change);
    if (outcome === undefined) return undefined;
    return outcome.status === 'done' ? { done: true, outcomes: [outcome] } : { done: false, index: 0, outcome };
  }

  /** Puts of one entity that expect nothing, in one statement where they fit: that is a transaction by itself. */
  async #bulk(session: Session, changes: readonly KeyedChange[]): Promise<WriteResult | undefined> {
    const { schema } = changes[0]!;
    const table = this.#tableOf(schema);
    if (isCollectionTable(table) || (table as RowTable).readsBeforePut) return undefined;
    const entries = new Map<string, KeyedEntry>();
    for (const keyed of changes) {
      const change = keyed.change as RowChange;
      if (keyed.schema !== schema || change.type !== 'put' || change.expect !== undefined) return undefined;
      const { row: value, expiresAt } = change;
      entries.set(keyed.key.id, { key: keyed.key, entry: { value, expiresAt } });
    }
    // In the order of all other writes, so that few wait for each other in a circle.
    const ordered = [...entries.values()].sort((a, b) => (a.key.id < b.key.id ? -1 : 1));
    if (!(await (table as RowTable).putTogether(session, ordered))) return undefined;
    return {
      done: true,
      outcomes: changes.map((keyed) => {
        const { row: value, expiresAt } = keyed.change as Extract<RowChange, { type: 'put' }>;
        return { status: 'done', entry: { value, expiresAt }, existed: false };
      }),
    };
  }

  async #run<T>(schemas: readonly Schema[], work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sessions.use(work);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (attempt >= TRIES[error.verdict]) throw this.#fault(error, schemas);
      }
      // Whoever met in a deadlock should not meet again.
      await sleep(Math.min(LONGEST_BACKOFF, BACKOFF * 2 ** attempt) * Math.random());
    }
  }

  #fault({ verdict, cause }: Refusal, schemas: readonly Schema[]): Error {
    const { place } = this.#sessions;
    const names = [...new Set(schemas.map(({ target }) => target.name))].join(', ');
    if (verdict === 'retry') return storeFault(place, cause, 'harmless');
    if (verdict === 'value') return valueFault(place, cause, names);
    return uniqueFault(place, cause, names);
  }
}
