import type { Clock } from '../core/clock.js';
import { StoreUnavailableError } from '../core/errors.js';
import type { Entry, Query, Value } from '../core/kind.js';
import { queryName } from '../core/query-name.js';
import type { Key, Schema } from '../core/schema.js';
import type { Cached, EntityCache } from '../policies/cache.js';
import { type Flight, singleFlight } from '../policies/single-flight.js';
import { tickBatch } from '../policies/tick-batch.js';
import type { Store } from '../tiers/store.js';

/** One load that waits for the end of the tick. */
interface Load {
  readonly key: Key;
  readonly query: Query;
  readonly flights: Flights;
  readonly flight: Flight<Value | null>;
}

/** Loads of one query that are under way: those of one key are one. */
type Flights = ReturnType<typeof singleFlight<Value | null>>;

// Across a network the answer to one part is read while the other is being made; a part costs what it takes to send it.
const LEAST_PART = 50;
const MOST_OVERLAPPED = 4;
const LARGEST_BATCH = 1000;
const MOST_PARTS = 100;

const foundIn = (entry: Entry | null): Value | null => (entry === null ? null : entry.value);

/** How the entities of one class are read: the in-process cache, then single-flight, then the tiers, once for each tick. */
export class ReadPath {
  readonly #schema: Schema;
  readonly #store: Store;
  readonly #cache: EntityCache | undefined;
  readonly #whole: Flights = singleFlight();
  readonly #parts = new Map<string, Flights>();
  /** Those of one tick go out together. */
  readonly #add: (load: Load) => void;
  readonly #clock: Clock;

  constructor(options: { schema: Schema; store: Store; cache: EntityCache | undefined; clock: Clock }) {
    this.#clock = options.clock;
    this.#schema = options.schema;
    this.#store = options.store;
    this.#cache = options.cache;
    this.#add = this.#batch();
  }

  /** The value, `null` where there is none; at once where the cache knows, else a promise. */
  load(key: Key, query?: Query): Value | null | Promise<Value | null> {
    const cached = this.#cache?.get(key.id);
    if (cached?.fresh)
      return cached.entry === null || query === undefined
        ? cached.entry
        : this.#schema.kind.select(this.#schema, cached.entry, query);
    const flights = query === undefined ? this.#whole : this.#partFlights(query);
    const joined = flights.join(key.id);
    if (joined) return joined.promise;
    const flight = flights.start(key.id);
    this.#add({ key, query, flights, flight });
    return flight.promise;
  }

  /** What the cache has of the key that is this one text, which need not be checked nor escaped for that. */
  cached(text: string): Cached | undefined {
    const cached = this.#cache?.get(text);
    return cached?.fresh && cached.text === text ? cached : undefined;
  }

  /** Past every cache. */
  async read(keys: readonly Key[], query?: Query): Promise<(Value | null)[]> {
    const entries = await this.#store.read(this.#schema, keys, query);
    return entries.map(foundIn);
  }

  /** The keys are being written: what was read of them so far is not kept, and nobody new waits for it. */
  forget(keys: readonly Key[]): void {
    for (const { id } of keys) {
      this.#cache?.delete(id);
      this.#whole.detach(id);
      for (const flights of this.#parts.values()) flights.detach(id);
    }
  }

  /** Any key may have been written. */
  forgetAll(): void {
    this.#cache?.clear();
    this.#whole.detachAll();
    for (const flights of this.#parts.values()) flights.detachAll();
  }

  #batch(): (load: Load) => void {
    if (this.#store.inProcess) return tickBatch<Load>((loads) => this.#flush(loads), LARGEST_BATCH, 'tick');
    return tickBatch<Load>((loads) => {
      const size = Math.min(LARGEST_BATCH, Math.max(LEAST_PART, Math.ceil(loads.length / MOST_OVERLAPPED)));
      for (let at = 0; at < loads.length; at += size) this.#flush(loads.slice(at, at + size));
    });
  }

  #partFlights(query: Query): Flights {
    const name = queryName(query);
    let flights = this.#parts.get(name);
    if (!flights) {
      // What is still under way in the oldest ends as it would; it is only not joined any more.
      if (this.#parts.size >= MOST_PARTS) this.#parts.delete(this.#parts.keys().next().value!);
      flights = singleFlight();
      this.#parts.set(name, flights);
    }
    return flights;
  }

  #flush(loads: readonly Load[]): void {
    const keys = loads.map((load) => load.key);
    const queries = loads.some(({ query }) => query !== undefined) ? loads.map(({ query }) => query) : undefined;
    // Whoever asks from now on may know of a write of another process that these loads do not see, and gets one of his own.
    // Where there is a cache, its TTL allows for more than that.
    if (!this.#cache) for (const { key, flights, flight } of loads) if (flight.attached) flights.detach(key.id);
    this.#store.load(this.#schema, keys, queries, (index, error, entry) => {
      const { key, query, flight } = loads[index]!;
      if (error !== undefined) this.#failed(key, query, flight, error);
      else {
        if (query === undefined && flight.attached) this.#keep(key, entry);
        flight.resolve(foundIn(entry));
      }
    });
  }

  #keep(key: Key, entry: Entry | null): void {
    const left = entry?.expiresAt === undefined ? undefined : entry.expiresAt - this.#clock.now();
    this.#cache?.set(key, foundIn(entry), left);
  }

  /** When every tier fails, an answer that is older than its TTL may do. */
  #failed(key: Key, query: Query, flight: Flight<Value | null>, error: unknown): void {
    const stale = error instanceof StoreUnavailableError && flight.attached ? this.#cache?.get(key.id) : undefined;
    if (!stale) flight.reject(error);
    else
      flight.resolve(
        stale.entry === null || query === undefined
          ? stale.entry
          : this.#schema.kind.select(this.#schema, stale.entry, query),
      );
  }
}
