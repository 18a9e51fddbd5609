import type { DataSource } from 'typeorm';
import { ClosedError } from '../../core/errors.js';
import type {
  DriverCapabilities,
  DriverOptions,
  FallbackDriver,
  KeyedChange,
  Scanned,
  WriteResult,
} from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { CallsUnderWay } from '../calls-under-way.js';
import { firstDialect } from './connect.js';
import { Expiry } from './expiry.js';
import { keyLimits } from './key-limits.js';
import { isCollection } from './member-parts.js';
import { OpenDatabase } from './open-database.js';
import { planOfDataSource, planOfUrl, type SourcePlan } from './source.js';
import type { SqlStore } from './sql-store.js';

/** Options of {@link typeormDriver}. */
export interface TypeormDriverOptions {
  /**
   * `postgresql:` `mysql:` `mariadb:` `sqlite:PATH` `sqlite::memory:`, `sqlite:` alone for a temporary file that is deleted at
   * close; or a TypeORM DataSource of type postgres, mysql, mariadb or better-sqlite3. One that is initialized already stays
   * open when the driver is closed.
   */
  readonly source: string | DataSource;
  /** What errors call it. Default: the kind of database. */
  readonly name?: string;
  /** Most connections at once, where `source` is the URL of a server. Default 10. */
  readonly poolSize?: number;
}

/**
 * A durable store in PostgreSQL, MySQL, MariaDB or SQLite: a table with typed columns for each entity.
 * @throws ValidationError for a URL or DataSource that it does not know
 *
 * @example
 * const driver = typeormDriver({ source: 'postgresql://localhost/shop', name: 'postgres' });
 */
export function typeormDriver(options: TypeormDriverOptions): FallbackDriver {
  return new TypeormDriver(options);
}

const PAGE = 128;
const LARGEST_PAGE = 2_048;
const PAGE_BYTES = 1_000_000;

class TypeormDriver implements FallbackDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  readonly #source: string | DataSource;
  readonly #plan: SourcePlan;
  readonly #subject: string;
  readonly #checkKeys: (changes: readonly KeyedChange[]) => void;
  #opening: Promise<OpenDatabase> | undefined;
  #database: OpenDatabase | undefined;
  #expiry: Expiry | undefined;
  #opens = 0;
  readonly #calls = new CallsUnderWay();

  constructor({ source, name, poolSize = 10 }: TypeormDriverOptions) {
    const asked = name === undefined ? 'The fallback' : `The fallback '${name}'`;
    this.#source = source;
    this.#plan = typeof source === 'string' ? planOfUrl(source, asked, { poolSize }) : planOfDataSource(source, asked);
    this.name = name ?? this.#plan.kind;
    this.#subject = `fallback '${this.name}' (${this.#plan.place})`;
    this.capabilities = { ...firstDialect(this.#plan.kind).capabilities, shared: this.#plan.shared };
    this.#checkKeys = keyLimits(this.capabilities);
  }
  async open(schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    // Several holdfasts can have one driver; its database is closed with the last of them.
    this.#opens++;
    try {
      if (this.#opening) await (await this.#opening).add(schemas, options);
      else await this.#connect(schemas, options);
    } catch (error) {
      this.#opens--;
      throw error;
    }
  }

  async #connect(schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    const subject = this.#subject;
    this.#opening = OpenDatabase.open({ source: this.#source, plan: this.#plan, schemas, options, subject });
    try {
      this.#database = await this.#opening;
      this.#expiry = new Expiry(this.#database.store, options.clock);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    return keys.length === 0 ? [] : this.#run((store) => store.read(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    if (changes.length === 0) return { done: true, outcomes: [] };
    this.#checkKeys(changes);
    const result = await this.#run((store) => store.write(changes));
    for (const { schema } of changes) this.#expiry?.written(schema);
    return result;
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    let after: Key | undefined;
    // One collection may be large.
    let limit = isCollection(schema) ? 1 : PAGE;
    for (;;) {
      const page = await this.#run((store) => store.page(schema, after, limit));
      for (const { key, entry } of page) if (entry) yield { key, entry };
      if (page.length < limit) return;
      after = page.at(-1)!.key;
      // Few large entries or many small ones: the memory that a page takes stays about the same.
      const size = page.reduce((sum, { entry }) => sum + sizeOf(entry), 0) / page.length;
      limit = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(LARGEST_PAGE, limit * 2, PAGE_BYTES / size))));
    }
  }

  async count(schema: Schema): Promise<number> {
    return this.#run((store) => store.count(schema));
  }

  async close(): Promise<void> {
    if (this.#opens === 0 || --this.#opens > 0) return;
    const database = this.#database;
    this.#database = undefined;
    this.#opening = undefined;
    await this.#expiry?.settled();
    await this.#calls.ended();
    await database?.close();
  }

  async #run<T>(work: (store: SqlStore) => Promise<T>): Promise<T> {
    if (!this.#database) throw new ClosedError(`The store '${this.name}'`);
    const { store } = this.#database;
    return this.#calls.run(() => work(store));
  }
}

/** About how many bytes an entry takes. */
function sizeOf(entry: Entry | null): number {
  let size = 50;
  for (const plain of (entry?.value ?? []) as readonly (Row[number] | Members)[])
    if (plain instanceof Members) for (const { text } of plain.ordered) size += text.length + 50;
    else size += typeof plain === 'string' || plain instanceof Uint8Array ? plain.length : 10;
  return size;
}
