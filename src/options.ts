import type { Clock } from './core/clock.js';
import type { Duration } from './core/duration.js';
import type { FallbackDriver } from './core/fallback-driver.js';
import type { HotStore } from './core/hot-store.js';
import type { Logger } from './core/logger.js';
import type { DatastoreLike } from './fallbacks/datastore/source.js';
import type { RedisConnection } from './hot/redis/options.js';
import type { CircuitBreakerOptions } from './metadata/options.js';
import type { Class } from './metadata/types.js';

/**
 * A durable home: a URL (`postgresql:` `mysql:` `mariadb:` `sqlite:PATH` `datastore:` `mongodb:`
 * `file:DIR` `memory:`), a TypeORM `DataSource`, a `Datastore`, a `Db` of a `MongoClient`, or a driver of your own.
 */
export type FallbackOption = string | FallbackDriver | DataSourceLike | DatastoreLike | MongoDbLike;

/** As much of a `Db` of a `MongoClient` as it takes to know one. */
export interface MongoDbLike {
  readonly databaseName: string;
  collection(name: string): unknown;
}

/** As much of a TypeORM `DataSource` as it takes to know one. */
export interface DataSourceLike {
  readonly options: { readonly type: string };
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** What `Holdfast.open` takes. Everything but `entities` has a default. */
export interface HoldfastOptions {
  /** The decorated classes, or what `defineEntity` returned. */
  readonly entities: readonly Class<object>[];
  /**
   * The hot tier: a `redis:` or `rediss:` URL, an ioredis `Redis` or `Cluster`, `{ sentinels, name }`, `{ cluster: [...] }`, or
   * any {@link HotStore}. Left out: in process, for one process (development, tests). `false`: none.
   */
  readonly redis?: RedisConnection | HotStore | false;
  /**
   * Opens where Redis cannot be reached, too, as in an outage that began before: entities with a fallback are read and written
   * there, those without are `StoreUnavailableError`s, until Redis is there. What Redis refuses for good is still an error of `open()`,
   * which waits up to ten seconds for one that accepts and does not answer.
   * Default `false`: a Redis that cannot be reached is an error of `open()`.
   */
  readonly openWithoutRedis?: boolean;
  /** Durable homes by the names that `@Fallback` gives. */
  readonly fallbacks?: Readonly<Record<string, FallbackOption>>;
  /** Prefix of every key in Redis. Default `'holdfast'`. */
  readonly namespace?: string;
  /** Creates tables and indexes that are missing. Default: only for SQLite, MongoDB and memory. */
  readonly synchronize?: boolean;
  /** Breaker and timeout of each tier, for all entities without their own; `false` for none. */
  readonly circuitBreaker?: CircuitBreakerOptions | false;
  /** How many reads may be on a durable store at once, and how many may wait. Default 50 and 1,000; `false` for no limit. */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number } | false;
  /** Reads of a durable store that failed are tried again: how often in all, and how long before the second (doubled each time). Default 3 and 50 ms; `false` for once. */
  readonly retry?: { readonly attempts?: number; readonly backoff?: Duration } | false;
  /** How often each process looks whether Redis answers, and drops from it what was written without it. Default 1 s. */
  readonly repairInterval?: Duration;
  /** Default `console`; `false` for silence. */
  readonly logger?: Logger | false;
  /** For tests. Default: the machine's. */
  readonly clock?: Clock;
}
