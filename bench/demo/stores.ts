import type { FallbackDriver, HotStore } from 'holdfast';
import { systemClock } from '../../src/core/clock.js';
import { openFallback } from '../../src/fallbacks/open-fallback.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import { redisHotStore } from '../../src/hot/redis/store.js';

/** Room for all cities, those that do not exist included. */
const MOST = 300_000;

/** The hot store that `Holdfast.open` makes of its option `redis`. */
export async function hotStore(url: string | undefined, namespace: string): Promise<HotStore> {
  if (url === undefined) return memoryHotStore({ clock: systemClock, max: MOST });
  const connection = await connectRedis(url);
  const store = redisHotStore({ connection, namespace });
  return Object.assign(store, { close: () => connection.close() });
}

/** The driver that `Holdfast.open` makes of one of its `fallbacks`. */
export const fallbackDriver = (name: string, url: string): Promise<FallbackDriver> => openFallback(name, url);
