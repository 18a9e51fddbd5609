import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotEntry, HotStore } from '../core/hot-store.js';
import type { Entry } from '../core/kind.js';
import type { Logger } from '../core/logger.js';
import type { Key, Schema } from '../core/schema.js';
import { Fills } from './fills.js';
import { InFlight } from './in-flight.js';
import type { Changed } from './store.js';
import { Outage } from './unavailable.js';
import { Undelivered } from './undelivered.js';

/** What a fenced store is made of. Times in milliseconds. */
export interface FencedOptions {
  readonly hot: HotStore;
  readonly driver: FallbackDriver;
  readonly changed: Changed;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a write may hold its lock: longer than the durable store may take for a statement. */
  readonly lockTime: number;
  /** How often keys that could not be dropped are tried again. */
  readonly repairInterval: number;
}

/** What the reads and the writes of a fenced store share. */
export interface FencedParts extends FencedOptions {
  readonly undelivered: Undelivered;
  readonly fills: Fills;
  readonly inFlight: InFlight;
  readonly hotOutage: Outage;
  readonly durableOutage: Outage;
  /** A name for one load or write, which no other in any process has. */
  token(): string;
}

export function fencedParts(options: FencedOptions): FencedParts {
  const { hot, driver, clock, logger, repairInterval } = options;
  const ofProcess = randomBytes(6).toString('hex');
  let count = 0;
  return {
    ...options,
    undelivered: new Undelivered({ hot, clock, interval: repairInterval, logger }),
    fills: new Fills(),
    inFlight: new InFlight(),
    hotOutage: new Outage(hot.name, clock),
    durableOutage: new Outage(driver.name, clock),
    token: () => `${ofProcess}${(count++).toString(36)}`,
  };
}

/** What a commit or a fill leaves hot of durable entries. */
export function hotEntries(
  schema: Schema,
  entries: readonly (readonly [Key, Entry | null])[],
  clock: Clock,
): HotEntry[] {
  return entries.map(([key, entry]) => ({ key, value: entry ? entry.value : null, ttl: hotTtl(schema, entry, clock) }));
}

/** A hot entry never outlives its durable one. */
function hotTtl(schema: Schema, entry: Entry | null, clock: Clock): number | undefined {
  const full = entry ? schema.ttl : schema.absentTtl;
  const ttl = full === undefined ? undefined : Math.max(1, Math.round(full * (1 - Math.random() * schema.jitter)));
  if (entry?.expiresAt === undefined) return ttl;
  const left = Math.max(1, entry.expiresAt - clock.now());
  return ttl === undefined ? left : Math.min(ttl, left);
}
