import type { Db } from 'mongodb';
import { ClosedError, ValidationError } from '../../core/errors.js';
import type {
  DriverCapabilities,
  DriverOptions,
  FallbackDriver,
  KeyedChange,
  Scanned,
  WriteResult,
} from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { CallsUnderWay } from '../calls-under-way.js';
import { loadPackage } from '../load-package.js';
import { MongoDatabase } from './database.js';
import type { KeyPlacement } from './entity-home.js';
import { planOfDb, planOfUrl, type SourcePlan } from './source.js';

/** Options of {@link mongodbDriver}. */
export interface MongodbDriverOptions {
  /**
   * `mongodb://host/database` or `mongodb+srv://host/database`; or a `Db` of a `MongoClient`, which stays open when the
   * driver is closed.
   */
  readonly source: string | Db;
  /** What errors call it. Default `'mongodb'`. */
  readonly name?: string;
  /** Most connections at once, where `source` is a URL. Default 10. */
  readonly poolSize?: number;
  /**
   * Where the parts of a key go, of all entities or by the name of each: all into `_id` (`'id'`, the default), or all but the
   * last into the name of the collection (`'collections'`), for few collections of many entries. Such a name has at most 255
   * bytes with the database's; of an entity with one key part nothing but the default can be named.
   */
  readonly keys?: KeyPlacement | Readonly<Record<string, KeyPlacement>>;
}

/**
 * A durable store in MongoDB 5.0 or later: a collection for each entity, with the key as `_id`; of sorted sets, geo sets, lists
 * and sets another one with a document for each member. Writes of several entities need a replica set; on a server that stands
 * alone each entity is changed whole or not at all, and a write of several is a `ValidationError`.
 * @throws ValidationError for a URL that it cannot read
 *
 * @example
 * const driver = mongodbDriver({ source: 'mongodb://localhost/shop' });
 */
export function mongodbDriver(options: MongodbDriverOptions): FallbackDriver {
  return new MongodbDriver(options);
}

class MongodbDriver implements FallbackDriver {
  readonly name: string;
  readonly #plan: SourcePlan;
  readonly #askedBy: string;
  readonly #poolSize: number;
  readonly #keys: MongodbDriverOptions['keys'];
  #opening: Promise<MongoDatabase> | undefined;
  #database: MongoDatabase | undefined;
  #opens = 0;
  readonly #calls = new CallsUnderWay();
  // Until it is open, what most servers can do.
  #transactions = true;

  constructor({ source, name, poolSize = 10, keys }: MongodbDriverOptions) {
    this.name = name ?? 'mongodb';
    this.#askedBy = name === undefined ? 'The fallback' : `The fallback '${name}'`;
    this.#plan = typeof source === 'string' ? planOfUrl(source, this.#askedBy) : planOfDb(source);
    this.#poolSize = poolSize;
    this.#keys = keys;
  }

  get capabilities(): DriverCapabilities {
    return { transactions: this.#transactions, ttl: true, shared: true, nul: true };
  }

  async open(schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    // Several holdfasts can have one driver; its client is closed with the last of them.
    this.#opens++;
    try {
      this.#opening ??= this.#connect(options);
      const opening = this.#opening;
      try {
        const database = await opening;
        await database.add(schemas, options);
        this.#database = database;
      } catch (error) {
        if (this.#opening === opening && this.#database === undefined) {
          this.#opening = undefined;
          await (await opening.catch(() => undefined))?.close();
        }
        throw error;
      }
    } catch (error) {
      this.#opens--;
      throw error;
    }
  }

  async #connect(options: DriverOptions): Promise<MongoDatabase> {
    const mongodb = await loadPackage('mongodb', this.#askedBy, () => import('mongodb'));
    const database = await MongoDatabase.open({
      ...options,
      mongodb,
      plan: this.#plan,
      askedBy: this.#askedBy,
      subject: `fallback '${this.name}' (${this.#plan.place})`,
      poolSize: this.#poolSize,
      keys: this.#keys,
    });
    this.#transactions = database.transactions;
    return database;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    return this.#run((database) => database.read(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.#run((database) => {
      if (changes.length > 1 && !this.#transactions)
        throw new ValidationError(
          `A write of ${changes.length} changes (${changes[0]!.schema.name} ${changes[0]!.key.id}, …) was given to a MongoDB server that stands alone, which has no transactions; nothing was written. Write one entity at a time, or make the server a replica set (rs.initiate()).`,
        );
      return database.write(changes);
    });
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    for (const table of await this.#run((database) => database.tables(schema)))
      for (let after: Key | undefined, more = true; more; ) {
        const page = await this.#run((database) => database.page(table, after));
        yield* page.found;
        after = page.found.at(-1)?.key;
        more = page.more;
      }
  }

  async count(schema: Schema): Promise<number> {
    return this.#run((database) => database.count(schema));
  }

  async close(): Promise<void> {
    if (this.#opens === 0 || --this.#opens > 0) return;
    const database = this.#database;
    this.#database = undefined;
    this.#opening = undefined;
    await this.#calls.ended();
    await database?.close();
  }

  async #run<T>(work: (database: MongoDatabase) => Promise<T>): Promise<T> {
    if (!this.#database) throw new ClosedError(`The store '${this.name}'`);
    const database = this.#database;
    return this.#calls.run(() => work(database));
  }
}
