import type { ClientSession } from 'mongodb';
import type { DriverOptions, KeyedChange, Scanned, WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { atOnce } from '../at-once.js';
import { withinTime } from './bounded.js';
import { checkNames } from './check-names.js';
import { Collections } from './collections.js';
import { type ConnectOptions, connect } from './connect.js';
import { EntityHome, type KeyPlacement, type Table } from './entity-home.js';
import { asFault } from './faults.js';
import type { Head } from './heads.js';
import { EXPIRES } from './layout.js';
import { type OpenMongo, turnOf } from './open-mongo.js';
import { prepare } from './prepare.js';
import { AT_ONCE, readsOf, readTables } from './read-tables.js';
import { type NotDone, RowBatch } from './row-batch.js';
import { Rows } from './rows.js';
import { transaction } from './transactions.js';

const PAGE = 500;
// One collection may be large.
const PAGE_OF_COLLECTIONS = 10;
// So many keys are asked for at once.
const MAX_KEYS = 1_000;

/** What is written in one transaction. */
interface Together {
  readonly session: ClientSession;
  readonly prepared: ReadonlyMap<KeyedChange, Head>;
  readonly left: [Collections, Head][];
}

/** A database that is open, with the entities that lie in it. */
export class MongoDatabase {
  readonly #mongo: OpenMongo;
  readonly #owned: boolean;
  readonly #keys: ConnectOptions['keys'];
  readonly #homes = new Map<string, EntityHome>();

  private constructor(mongo: OpenMongo, { plan, keys }: ConnectOptions) {
    this.#mongo = mongo;
    this.#owned = plan.db === undefined;
    this.#keys = keys;
  }

  /** @throws ValidationError, StoreFault */
  static async open(options: ConnectOptions): Promise<MongoDatabase> {
    return new MongoDatabase(await connect(options), options);
  }

  get transactions(): boolean {
    return this.#mongo.transactions;
  }

  /** Entities of one more holdfast. @throws MetadataError, StoreFault */
  async add(schemas: readonly Schema[], { synchronize }: DriverOptions): Promise<void> {
    checkNames(schemas, (schema) => this.#named(schema));
    const made = schemas.map(
      (schema) => new EntityHome(this.#mongo, schema, this.#placement(schema), synchronize ?? true),
    );
    for (const home of made) this.#homes.set(home.schema.name, home);
    const wanted = made.flatMap((home) => home.wanted());
    await prepare(this.#mongo, wanted, synchronize ?? true);
  }

  /** What the driver's options say of an entity by its name. */
  #named({ name }: Schema): KeyPlacement | undefined {
    return typeof this.#keys === 'object' && Object.hasOwn(this.#keys, name) ? this.#keys[name] : undefined;
  }

  #placement(schema: Schema): KeyPlacement {
    return this.#named(schema) ?? (typeof this.#keys === 'string' ? this.#keys : 'id');
  }

  #home({ name }: Schema): EntityHome {
    return this.#homes.get(name)!;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    const found: (Entry | null)[] = [];
    for (let from = 0; from < keys.length; from += MAX_KEYS) {
      const some = keys.slice(from, from + MAX_KEYS);
      const tables = this.#home(schema).byTable(some);
      const entries = await this.#reached(schema, () => readTables(this.#mongo, tables, query));
      for (const { id } of some) found.push(entries.get(id) ?? null);
    }
    return found;
  }

  /** Where the entries of an entity are now, in the order of their keys. */
  async tables(schema: Schema): Promise<readonly Table[]> {
    return this.#reached(schema, () => this.#home(schema).tables());
  }

  /** Some entries of a table, in the order of the keys, and whether there may be more. */
  async page(table: Table, after: Key | undefined): Promise<{ found: Scanned[]; more: boolean }> {
    const limit = table instanceof Rows ? PAGE : PAGE_OF_COLLECTIONS;
    const found = await this.#reached(table.schema, () => readsOf(table).page(after, limit));
    return { found, more: found.length === limit };
  }

  async count(schema: Schema): Promise<number> {
    const now = new Date(this.#mongo.clock.now());
    const counted = await atOnce(
      await this.tables(schema),
      (table) => {
        const collection = table instanceof Rows ? table.collection : table.heads;
        return this.#reached(schema, () => collection.countDocuments({ [EXPIRES]: { $not: { $lte: now } } }));
      },
      AT_ONCE,
    );
    return counted.reduce((sum, count) => sum + count, 0);
  }

  /** All or none. */
  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    if (changes.length === 0) return { done: true, outcomes: [] };
    const [first] = changes as readonly [KeyedChange];
    const alone = changes.length === 1;
    const tables = await this.#tablesOf(changes);
    const table = tables.get(first)!;
    if (alone && table instanceof Rows && !thinks(first)) return resultOf(await table.change(first));
    // Those of one process that would meet wait for each other rather than begin again.
    const turns = new Set(changes.map(({ schema, key }) => turnOf(schema, key)));
    return this.#mongo.turns.take([...turns], async () => {
      if (alone && table instanceof Rows) return resultOf(await table.change(first));
      if (alone && !this.transactions) return resultOf(await (table as Collections).alone.change(first));
      return this.#together(changes, tables);
    });
  }

  /** Where changes are made, with what has to be there. @throws ValidationError, StoreFault */
  async #tablesOf(changes: readonly KeyedChange[]): Promise<Map<KeyedChange, Table>> {
    const tables = new Map<KeyedChange, Table>();
    for (const change of changes) tables.set(change, this.#home(change.schema).tableOf(change.key));
    for (const [{ schema }, table] of tables) await this.#home(schema).ready(table);
    return tables;
  }

  async #together(changes: readonly KeyedChange[], tables: ReadonlyMap<KeyedChange, Table>): Promise<WriteResult> {
    const collections = [...new Set(tables.values())].filter((table) => table instanceof Collections);
    const prepared = new Map<KeyedChange, Head>();
    const left: [Collections, Head][] = [];
    const entity = changes[0]!.schema.target.name;
    try {
      for (const keyed of changes) {
        const table = tables.get(keyed)!;
        const head =
          table instanceof Collections && (await this.#reached(keyed.schema, () => table.within.prepare(keyed)));
        if (head) prepared.set(keyed, head);
      }
      return await transaction<WriteResult>(this.#mongo, entity, (session) => {
        left.length = 0;
        return this.#changeAll(changes, tables, { session, prepared, left });
      });
    } finally {
      for (const [table, { generation, _id }] of left) table.generations.settle(generation, _id);
      for (const [keyed, { generation, _id }] of prepared)
        (tables.get(keyed) as Collections).generations.settle(generation, _id);
      for (const table of collections) table.generations.sweep();
    }
  }

  async #changeAll(
    changes: readonly KeyedChange[],
    tables: ReadonlyMap<KeyedChange, Table>,
    { session, prepared, left }: Together,
  ): Promise<WriteResult> {
    const outcomes = new Array<Done>(changes.length);
    const rows = new RowBatch(session, this.#mongo.clock.now());
    const ofRows = changes.flatMap((change) => {
      const table = tables.get(change)!;
      return table instanceof Rows ? [[table, change] as const] : [];
    });
    await rows.read(ofRows);
    let refused: NotDone | undefined;
    for (const [index, change] of changes.entries()) {
      const table = tables.get(change)!;
      if (refused || !(table instanceof Rows)) continue;
      const outcome = rows.apply(table, change);
      if (outcome.status === 'done') outcomes[index] = outcome;
      else refused = { done: false, index, outcome };
    }
    for (const [index, change] of changes.entries()) {
      const table = tables.get(change)!;
      if (table instanceof Rows || (refused && index > refused.index)) continue;
      const own: Head[] = [];
      const outcome = await table.within.change(change, { session, prepared, left: own });
      left.push(...own.map((head) => [table, head] as [Collections, Head]));
      if (outcome.status === 'done') outcomes[index] = outcome;
      else return { done: false, index, outcome };
    }
    if (refused) return refused;
    await rows.write();
    return { done: true, outcomes };
  }

  async close(): Promise<void> {
    for (const home of this.#homes.values()) await home.settled();
    if (!this.#owned) return;
    const { client, mongodb, statementTimeout } = this.#mongo;
    // It says good-bye to the server, which may not hear it.
    const closing = client.close();
    await (statementTimeout > 0 ? withinTime(closing, mongodb, statementTimeout).catch(() => {}) : closing);
  }

  async #reached<T>(schema: Schema, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw asFault(this.#mongo.place, error, 'harmless', schema.target.name);
    }
  }
}

/** Whether a change takes a look at what is there. */
const thinks = ({ change }: KeyedChange): boolean => change.type === 'modify';

const resultOf = (outcome: Outcome): WriteResult =>
  outcome.status === 'done' ? { done: true, outcomes: [outcome] } : { done: false, index: 0, outcome };
