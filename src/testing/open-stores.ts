import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotStore } from '../core/hot-store.js';
import { openFallback } from '../fallbacks/open-fallback.js';
import type { RedisConnection } from '../hot/redis/options.js';
import type { FallbackOption } from '../options.js';

/**
 * The durable store that `Holdfast.open` makes of one of its `fallbacks`, to be wrapped before it is given to `Holdfast.open`,
 * which opens and closes it. `name` is what errors call it.
 *
 * @throws ValidationError, MissingPackageError
 * @example
 * const { driver, faults } = faultyDriver(await openDriver('postgresql://localhost/test'));
 * const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { postgres: driver } });
 */
export const openDriver = (option: FallbackOption, name = 'durable'): Promise<FallbackDriver> =>
  openFallback(name, option);

/**
 * The hot store that `Holdfast.open` makes of its option `redis`, connected, to be wrapped before it is given to
 * `Holdfast.open`, which closes it. `namespace` is the prefix of every key.
 *
 * @throws StoreFault where it cannot be reached; ValidationError, MissingPackageError
 * @example
 * const { store, faults } = faultyHotStore(await openHot('redis://localhost:6379'));
 * const holdfast = await Holdfast.open({ entities: [Person], redis: store, fallbacks: { postgres: 'postgresql://…' } });
 */
export async function openHot(redis: RedisConnection, namespace = 'holdfast'): Promise<HotStore> {
  const { openRedisTier } = await import('../open-redis-tier.js');
  const tier = await openRedisTier(redis, namespace);
  const store = tier.hot();
  const close = store.close.bind(store);
  return Object.assign(store, {
    async close() {
      await close();
      await tier.close();
    },
  });
}
