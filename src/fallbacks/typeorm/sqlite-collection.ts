import type { Database, Statement as SqliteStatement } from 'better-sqlite3';
import type { Clock } from '../../core/clock.js';
import type { Change, CollectionChange, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { changeCollection } from './collection-changes.js';
import { readCollections } from './collection-reads.js';
import type { CollectionStatements } from './collection-statements.js';
import { expiredKeys, sweepCollections } from './collection-sweep.js';
import { pageOf } from './collection-table.js';
import { lockHeads, wanted } from './heads.js';
import type { LocalTable } from './local-table.js';
import type { Page } from './remote-table.js';
import type { Result } from './sessions.js';
import type { Statement } from './statements.js';
import { type Steps, takeNow } from './steps.js';

type Prepared = SqliteStatement<unknown[], unknown[]>;

const MAX_STATEMENTS = 64;

/** The tables of one entity of collections in SQLite. */
export class SqliteCollection implements LocalTable {
  readonly schema: Schema;
  readonly changesAtOnce = false;
  readonly #db: Database;
  readonly #sql: CollectionStatements;
  readonly #clock: Clock;
  readonly #prepared = new Map<string, Prepared>();

  constructor(db: Database, sql: CollectionStatements, clock: Clock) {
    this.schema = sql.layout.schema;
    this.#db = db;
    this.#sql = sql;
    this.#clock = clock;
  }

  read(keys: readonly Key[], query: Query): (Entry | null)[] {
    return this.#take(readCollections(this.#sql, keys, query, this.#clock.now()));
  }

  takesOne(): boolean {
    return false;
  }

  apply(key: Key, change: Change): Outcome {
    const asked = change as CollectionChange;
    const [head] = this.#take(lockHeads(this.#sql, [wanted(this.schema, key, [asked])], this.#clock.now()));
    return this.#take(changeCollection(this.#sql, head!, asked));
  }

  page(after: Key | undefined, limit: number): readonly Page[] {
    return this.#take(pageOf(this.#sql, after, limit, this.#clock.now()));
  }

  count(): number {
    return Number(this.#run(this.#sql.heads.count(this.#clock.now())).rows[0]![0]);
  }

  sweep(limit: number): number {
    const now = this.#clock.now();
    // Looking first leaves the write lock alone while there is nothing to remove.
    const keys = this.#take(expiredKeys(this.#sql, limit, now));
    if (keys.length === 0) return 0;
    const sweep = () => this.#take(sweepCollections(this.#sql, keys, limit, now));
    return this.#db.transaction(sweep).immediate();
  }

  #take<T>(steps: Steps<T>): T {
    return takeNow(steps, (statement) => this.#run(statement));
  }

  #run({ sql, parameters }: Statement): Result {
    const statement = this.#prepare(sql);
    if (!statement.reader) return { rows: [], affected: statement.run(...parameters).changes };
    return { rows: statement.all(...parameters), affected: 0 };
  }

  #prepare(sql: string): Prepared {
    const there = this.#prepared.get(sql);
    if (there) return there;
    if (this.#prepared.size >= MAX_STATEMENTS) this.#prepared.clear();
    const made = this.#db.prepare<unknown[], unknown[]>(sql);
    if (made.reader) made.raw(true);
    this.#prepared.set(sql, made);
    return made;
  }
}
