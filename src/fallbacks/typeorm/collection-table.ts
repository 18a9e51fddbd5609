import type { Clock } from '../../core/clock.js';
import type { MemberChange } from '../../core/collection.js';
import type { Change, CollectionChange, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Piece } from './batch-fast.js';
import { changeCollection } from './collection-changes.js';
import { fastChange } from './collection-fast.js';
import { readCollections, wholes } from './collection-reads.js';
import type { CollectionStatements } from './collection-statements.js';
import { expiredKeys, sweepCollections } from './collection-sweep.js';
import { type Head, lockHeads, type Wanted } from './heads.js';
import { pushPiece } from './list-piece.js';
import type { Parameters } from './parameters.js';
import type { CollectionTable, Page } from './remote-table.js';
import { Refusal, type Session } from './sessions.js';
import { type Steps, take } from './steps.js';

/** The tables of one entity of collections, on a connection. */
export class SqlCollectionTable implements CollectionTable {
  readonly schema: Schema;
  readonly #sql: CollectionStatements;
  readonly #clock: Clock;

  constructor(sql: CollectionStatements, clock: Clock) {
    this.schema = sql.layout.schema;
    this.#sql = sql;
    this.#clock = clock;
  }

  read(session: Session, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    return take(session, readCollections(this.#sql, keys, query, this.#clock.now()));
  }

  async one(session: Session, key: Key, change: Change): Promise<Outcome | undefined> {
    if (!this.#sql.postgres) return undefined;
    const fast = fastChange(this.#sql, key, change as MemberChange, this.#clock.now());
    if (!fast) return undefined;
    const { sql, parameters } = fast.statement;
    try {
      return fast.outcome((await session.run(sql, parameters, 'committing')).rows);
    } catch (error) {
      // A sum out of range is an infinity.
      if (change.type === 'increment' && error instanceof Refusal && error.verdict === 'value') return undefined;
      throw error;
    }
  }

  piece(name: string, key: Key, change: Change, parameters: Parameters): Piece | undefined {
    return this.#sql.postgres
      ? pushPiece(this.#sql, name, key, change as MemberChange, this.#clock.now(), parameters)
      : undefined;
  }

  lockHeads(session: Session, wanted: readonly Wanted[]): Promise<Head[]> {
    return take(session, lockHeads(this.#sql, wanted, this.#clock.now()));
  }

  change(session: Session, head: Head, change: Change): Promise<Outcome> {
    return take(session, changeCollection(this.#sql, head, change as CollectionChange));
  }

  page(session: Session, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    return take(session, pageOf(this.#sql, after, limit, this.#clock.now()));
  }

  async count(session: Session): Promise<number> {
    const { sql, parameters } = this.#sql.heads.count(this.#clock.now());
    const { rows } = await session.run(sql, parameters);
    return Number(rows[0]![0]);
  }

  async sweep(session: Session, limit: number): Promise<number> {
    const now = this.#clock.now();
    const keys = await take(session, expiredKeys(this.#sql, limit, now));
    if (keys.length === 0) return 0;
    return session.transaction(() => take(session, sweepCollections(this.#sql, keys, limit, now)), true);
  }
}

/** The next collections in the order of their keys. */
export function* pageOf(
  sql: CollectionStatements,
  after: Key | undefined,
  limit: number,
  now: number,
): Steps<readonly Page[]> {
  const { head } = sql.layout;
  const { rows } = yield sql.heads.page(after, head.select(undefined).list, limit);
  const keys = rows.map((values) => head.key(values));
  const found = keys.length === 0 ? new Map<string, Entry>() : yield* wholes(sql, keys, now);
  return keys.map((key) => ({ key, entry: found.get(key.id) ?? null }));
}
