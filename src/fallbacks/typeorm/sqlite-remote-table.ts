import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { KeyedEntry, Locked, Page, RowTable } from './remote-table.js';
import type { Session } from './sessions.js';
import type { SqliteTable } from './sqlite-table.js';

/** A SQLite table in a transaction of TypeORM's, which it shares with entities that go by TypeORM's repository. */
export class SqliteRemoteTable implements RowTable {
  readonly schema: Schema;
  readonly readsBeforePut = false;
  readonly #table: SqliteTable;

  constructor(table: SqliteTable) {
    this.schema = table.schema;
    this.#table = table;
  }

  read(session: Session, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    return session.guard(
      now(() => this.#table.read(keys, query)),
      'harmless',
    );
  }

  async one(): Promise<undefined> {
    return undefined;
  }

  async putTogether(): Promise<boolean> {
    return false;
  }

  // Should others write after this, SQLite refuses the first write of this transaction.
  async lock(session: Session, keys: readonly Key[]): Promise<Locked[]> {
    return (await this.read(session, keys, undefined)).map((entry) => ({ entry, held: true }));
  }

  put(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[]> {
    const put = () => entries.map(({ key, entry }) => this.#table.put(key, entry));
    return session.guard(now(put), 'harmless');
  }

  insert(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[]> {
    return this.put(session, entries);
  }

  remove(session: Session, keys: readonly Key[]): Promise<void> {
    const remove = () => {
      for (const key of keys) this.#table.remove(key);
    };
    return session.guard(now(remove), 'harmless');
  }

  page(session: Session, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    return session.guard(
      now(() => this.#table.page(after, limit)),
      'harmless',
    );
  }

  count(session: Session): Promise<number> {
    return session.guard(
      now(() => this.#table.count()),
      'harmless',
    );
  }

  sweep(session: Session, limit: number): Promise<number> {
    return session.guard(
      now(() => this.#table.sweep(limit)),
      'harmless',
    );
  }
}

async function now<T>(work: () => T): Promise<T> {
  return work();
}
