import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Page } from './remote-table.js';
import type { SqlStore } from './sql-store.js';

/** A SQLite database, some of whose entities go by TypeORM's repository. */
export class MixedStore implements SqlStore {
  readonly #direct: SqlStore;
  readonly #through: SqlStore;

  constructor(direct: SqlStore, through: SqlStore) {
    this.#direct = direct;
    this.#through = through;
  }

  #of(schema: Schema): SqlStore {
    return schema.throughTypeorm ? this.#through : this.#direct;
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    return this.#of(schema).read(schema, keys, query);
  }

  write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const through = changes.some(({ schema }) => schema.throughTypeorm);
    return (through ? this.#through : this.#direct).write(changes);
  }

  page(schema: Schema, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    return this.#of(schema).page(schema, after, limit);
  }

  count(schema: Schema): Promise<number> {
    return this.#of(schema).count(schema);
  }

  sweep(schema: Schema, limit: number): Promise<number> {
    return this.#of(schema).sweep(schema, limit);
  }
}

const lastOf = new WeakMap<Database, Promise<unknown>>();

/**
 * Runs work alone on a connection that all share: after what came before it here, and when nobody has a transaction open.
 * What waits longer than `limit` milliseconds goes on, and fails by itself.
 */
export function aloneOn(db: Database, limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const free = async () => {
    const end = performance.now() + limit;
    for (let pause = 1; db.inTransaction && performance.now() < end; pause = Math.min(50, pause * 2))
      await sleep(pause);
  };
  return (work) => {
    const before = lastOf.get(db) ?? Promise.resolve();
    const result = before.then(free).then(work);
    lastOf.set(
      db,
      result.catch(() => {}),
    );
    return result;
  };
}
