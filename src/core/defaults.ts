import type { BreakerSettings } from './schema.js';

/** How long and how evenly entries stay hot where an entity does not say; milliseconds. No `ttl`: for ever. */
export const hotDefaults = { absentTtl: 30_000, jitter: 0.1 } as const;

/** The in-process cache of an entity declared with `@Cached()`; milliseconds. */
export const cacheDefaults = { max: 10_000, ttl: 5_000, jitter: 0.1, staleIfError: 0 } as const;

/** The breakers of the two tiers; milliseconds. */
export const breakerDefaults: { readonly hot: BreakerSettings; readonly durable: BreakerSettings } = {
  hot: { errorThresholdPercentage: 50, volumeThreshold: 5, resetTimeout: 10_000, timeout: 500 },
  durable: { errorThresholdPercentage: 50, volumeThreshold: 5, resetTimeout: 10_000, timeout: 5_000 },
};
