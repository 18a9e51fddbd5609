import { byQuery } from '../core/by-query.js';
import type { Clock } from '../core/clock.js';
import type { FallbackDriver, KeyedChange, Scanned, WriteResult } from '../core/fallback-driver.js';
import type { Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import { keysBySchema } from './by-schema.js';
import { InFlight } from './in-flight.js';
import type { Changed, Settle, Store } from './store.js';
import { Outage, unavailable } from './unavailable.js';
import { isUnknown } from './unknown-outcome.js';
import { writeEach } from './write-each.js';

/** One store alone, which is the truth: Redis or memory without a fallback, or a fallback without a hot tier. */
export class DirectStore implements Store {
  readonly name: string;
  readonly transactions: boolean;
  readonly ttl: boolean;
  readonly inProcess: boolean;
  readonly #driver: FallbackDriver;
  readonly #changed: Changed;
  readonly #outage: Outage;
  readonly #inFlight = new InFlight();

  /** @param options.away why the store cannot be reached now, where it was opened all the same */
  constructor(options: { driver: FallbackDriver; changed: Changed; clock: Clock; away?: unknown }) {
    this.#driver = options.driver;
    this.#changed = options.changed;
    this.name = options.driver.name;
    this.inProcess = options.driver.capabilities.inProcess ?? false;
    ({ transactions: this.transactions, ttl: this.ttl } = options.driver.capabilities);
    this.#outage = new Outage(options.driver.name, options.clock);
    if (options.away !== undefined) this.#outage.failed(options.away);
  }

  load(schema: Schema, keys: readonly Key[], queries: readonly Query[] | undefined, settle: Settle): void {
    for (const { query, keys: asked, indexes } of byQuery(keys, queries))
      this.read(schema, asked, query)
        .then((entries) => {
          for (let at = 0; at < asked.length; at++) settle(indexes?.[at] ?? at, undefined, entries[at]!);
        })
        .catch((error: unknown) => {
          // Whatever is wrong with an answer leaves nobody waiting.
          for (let at = 0; at < asked.length; at++) settle(indexes?.[at] ?? at, error, null);
        });
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    return this.#call(`Reading ${schema.name}`, () => this.#driver.read(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const touched = keysBySchema(changes);
    this.#tell(touched);
    try {
      if (this.transactions || changes.length === 1) return await this.#writeTogether(changes);
      return await writeEach(changes, (one) => this.#writeTogether(one));
    } finally {
      this.#tell(touched);
    }
  }

  #writeTogether(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const names = new Set(changes.map(({ schema }) => schema.name));
    return this.#call(`Writing ${[...names].join(', ')}`, async () => {
      try {
        return await this.#driver.write(changes);
      } catch (error) {
        // It may yet be made: what is read of its keys until then is not kept.
        if (isUnknown(error)) void error.settled?.then(() => this.#tell(keysBySchema(changes)));
        throw error;
      }
    });
  }

  #tell(touched: ReturnType<typeof keysBySchema>): void {
    for (const [schema, keys] of touched) this.#changed(schema, keys);
  }

  async drop(schema: Schema, keys: readonly Key[]): Promise<void> {
    this.#changed(schema, keys);
  }

  status() {
    return { durable: this.#outage.status };
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    try {
      yield* this.#driver.scan(schema);
    } catch (error) {
      throw unavailable(`Scanning ${schema.name}`, error, this.#outage);
    }
  }

  count(schema: Schema): Promise<number> {
    return this.#call(`Counting ${schema.name}`, () => this.#driver.count(schema));
  }

  async close(): Promise<void> {
    await this.#inFlight.idle();
  }

  async #call<T>(subject: string, run: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#inFlight.track(run());
      this.#outage.ok();
      return result;
    } catch (error) {
      throw unavailable(subject, error, this.#outage);
    }
  }
}
