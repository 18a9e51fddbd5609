import type { FallbackDriver } from './core/fallback-driver.js';
import type { HotStore } from './core/hot-store.js';
import type { Invalidation, Listening } from './core/invalidation.js';
import { memoryDriver } from './fallbacks/memory.js';
import { memoryHotStore } from './hot/memory.js';
import type { RedisConnection } from './hot/redis/options.js';
import type { Settings } from './settings.js';

/** What the option `redis` stands for, connected. */
export interface HotTier {
  /** In front of durable stores. */
  hot(): HotStore;
  /** For entities without a fallback. */
  truth(): FallbackDriver;
  /**
   * Hears from other processes which entries they change, of what is kept in process. Absent where there are no others.
   * @throws StoreFault where it may not, or cannot
   */
  listen?(listening: Listening): Promise<Invalidation>;
  /** Why it cannot be reached now, where that was no error. */
  readonly away?: unknown;
  /** It cannot be away, and nobody else has it: no outbox is needed for what it could not be told. */
  readonly alwaysThere?: boolean;
  close(): Promise<void>;
}

const nothing = async () => {};

/** Connects the hot tier; Redis and its packages are loaded only where they are asked for. @throws StoreFault, MissingPackageError, ValidationError */
export async function openHotTier({
  redis,
  openWithoutRedis,
  namespace,
  clock,
}: Settings): Promise<HotTier | undefined> {
  if (redis === false) return undefined;
  if (redis === undefined)
    return { hot: () => memoryHotStore({ clock }), truth: () => memoryDriver(), alwaysThere: true, close: nothing };
  if (isHotStore(redis)) return { hot: () => redis, truth: () => memoryDriver(), close: nothing };
  const { openRedisTier } = await import('./open-redis-tier.js');
  return openRedisTier(redis, namespace, { mayBeAway: openWithoutRedis });
}

function isHotStore(redis: RedisConnection | HotStore): redis is HotStore {
  return typeof redis === 'object' && 'begin' in redis && 'commit' in redis;
}
