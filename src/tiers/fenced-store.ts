import type { KeyedChange, Scanned, WriteResult } from '../core/fallback-driver.js';
import type { CommitMode } from '../core/hot-store.js';
import type { Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import { type FencedOptions, type FencedParts, fencedParts } from './fenced-parts.js';
import { FencedReads } from './fenced-reads.js';
import { FencedWrites } from './fenced-writes.js';
import type { Settle, Store } from './store.js';
import { Outage, unavailable } from './unavailable.js';
import { type Compared, type Comparison, compareTiers } from './verify.js';
import { writeEach } from './write-each.js';

/** What {@link FencedStore.verify} takes. */
export interface VerifyTiers extends Pick<Comparison, 'schema' | 'sample' | 'progress'> {
  readonly repair: boolean;
  readonly onDiffering: (keys: readonly Key[]) => void;
}

/**
 * A hot tier in front of a durable store, kept consistent by the fenced protocol: a write locks the hot entry, makes the
 * durable write, then commits the hot entry; a read fills a cold entry only while nobody wrote it. docs/architecture.md tells the
 * steps, and what each guards against.
 */
export class FencedStore implements Store {
  readonly name: string;
  readonly transactions: boolean;
  readonly ttl: boolean;
  readonly inProcess: boolean;
  readonly #parts: FencedParts;
  readonly #reads: FencedReads;
  readonly #writes: FencedWrites;
  /** Of the hot tier, for who looks at what is in it. */
  readonly #looks: Outage;

  constructor(options: FencedOptions) {
    this.#parts = fencedParts(options);
    this.#reads = new FencedReads(this.#parts);
    this.#writes = new FencedWrites(this.#parts);
    this.#looks = new Outage(options.unguarded.name, options.clock);
    this.name = options.driver.name;
    this.inProcess = options.hot.inProcess ?? false;
    ({ transactions: this.transactions, ttl: this.ttl } = options.driver.capabilities);
  }

  load(schema: Schema, keys: readonly Key[], queries: readonly Query[] | undefined, settle: Settle): void {
    const loaded = this.#reads.load(schema, keys, queries, settle).catch((error: unknown) => {
      // Whatever is wrong with an answer leaves nobody waiting.
      for (let index = 0; index < keys.length; index++) settle(index, error, null);
    });
    this.#parts.inFlight.track(loaded);
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    return this.#parts.inFlight.track(this.#reads.durable(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult> {
    const together = (some: readonly KeyedChange[]) => this.#parts.inFlight.track(this.#writes.write(some, mode));
    return this.transactions || changes.length === 1 ? together(changes) : writeEach(changes, together);
  }

  drop(schema: Schema, keys: readonly Key[]): Promise<void> {
    return this.#parts.inFlight.track(this.#writes.drop(schema, keys));
  }

  /** Compares what is hot with what is durable; with `repair`, what differs is dropped from the hot tier. @throws StoreUnavailableError */
  async verify({ repair, onDiffering, ...options }: VerifyTiers): Promise<Compared> {
    const { unguarded } = this.#parts;
    const { schema } = options;
    const read = (keys: readonly Key[]) => this.read(schema, keys, undefined);
    const differing = async (keys: readonly Key[]) => {
      onDiffering(keys);
      if (repair) await this.drop(schema, keys);
    };
    try {
      const compared = await compareTiers({ ...options, hot: unguarded, read, differing });
      this.#looks.ok();
      return compared;
    } catch (error) {
      throw unavailable(`${repair ? 'Repairing' : 'Verifying'} ${schema.name}`, error, this.#looks);
    }
  }

  status() {
    const { drain, durableOutage } = this.#parts;
    return { hot: drain.status, durable: durableOutage.status };
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    const { driver, durableOutage } = this.#parts;
    try {
      yield* driver.scan(schema);
    } catch (error) {
      throw unavailable(`Scanning ${schema.name}`, error, durableOutage);
    }
  }

  count(schema: Schema): Promise<number> {
    return this.#parts.inFlight.track(this.#reads.count(schema));
  }

  /** Sees to what was left in the outbox before the hot tier is trusted. */
  start(): Promise<void> {
    return this.#parts.drain.start();
  }

  async close(): Promise<void> {
    const { inFlight, drain, warming } = this.#parts;
    warming.close();
    await inFlight.idle();
    await drain.close();
  }
}
