import type { HotOpenOptions } from './core/hot-store.js';
import { redisDriver } from './fallbacks/redis/driver.js';
import { connectClient } from './hot/redis/connect.js';
import { redisInvalidation } from './hot/redis/invalidation.js';
import type { RedisConnection } from './hot/redis/options.js';
import { redisHotStore } from './hot/redis/store.js';
import type { HotTier } from './open-hot-tier.js';

/** Connects to Redis, which both its faces share. @throws StoreFault, MissingPackageError, ValidationError */
export async function openRedisTier(
  redis: RedisConnection,
  namespace: string,
  options?: HotOpenOptions,
): Promise<HotTier> {
  const { link: connection, client, away } = await connectClient(redis, options);
  return {
    away,
    hot: () => redisHotStore({ connection, namespace }),
    truth: () => redisDriver({ connection, namespace }),
    listen: (listening) => redisInvalidation({ connection, client, namespace, listening }, options),
    close: () => connection.close(),
  };
}
