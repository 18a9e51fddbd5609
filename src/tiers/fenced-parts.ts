import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotStore } from '../core/hot-store.js';
import type { Logger } from '../core/logger.js';
import type { Schema } from '../core/schema.js';
import { Drain } from './drain.js';
import { Fills } from './fills.js';
import { InFlight } from './in-flight.js';
import { Outbox } from './outbox.js';
import type { Changed } from './store.js';
import type { Trust } from './trust.js';
import { Outage } from './unavailable.js';
import { Warming } from './warming.js';

// By how much the clocks of processes may differ, in milliseconds.
const CLOCKS_DIFFER = 600_000;

/** What a fenced store is made of. Times in milliseconds. */
export interface FencedOptions {
  readonly hot: HotStore;
  /** The same past its circuit breaker: what finds out that it is back. */
  readonly unguarded: HotStore;
  /** Called when every place of the hot tier answers. */
  readonly answers: () => void;
  /** Called when the outbox could be looked at. */
  readonly durableAnswers: () => void;
  readonly driver: FallbackDriver;
  /** The entities. */
  readonly schemas: readonly Schema[];
  /** The entity that the outbox is; `driver` was opened with it. Not needed for a hot tier that is always there. */
  readonly outbox: Schema | undefined;
  readonly changed: Changed;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a lock lasts that nobody renews: longer than a statement of a killed process may take to land. */
  readonly lockTime: number;
  /** How long what lies under a lock that nobody renews is served. */
  readonly servedFor: number;
  /** How often the outbox is looked at. */
  readonly repairInterval: number;
}

/** What the reads and the writes of a fenced store share. */
export interface FencedParts extends Omit<FencedOptions, 'outbox'> {
  readonly outbox: Outbox;
  readonly drain: Drain;
  readonly trust: Trust;
  readonly fills: Fills;
  readonly inFlight: InFlight;
  readonly warming: Warming;
  readonly durableOutage: Outage;
  /** A name for one load or write, which no other in any process has. */
  token(): string;
}

export function fencedParts(options: FencedOptions): FencedParts {
  const { hot, unguarded, driver, schemas, answers, durableAnswers, changed, clock, logger } = options;
  const { lockTime, repairInterval } = options;
  const ofProcess = randomBytes(6).toString('hex');
  let count = 0;
  const recent = CLOCKS_DIFFER + lockTime + repairInterval;
  const outbox = new Outbox({ driver, schema: options.outbox, scope: hot.scope, schemas, clock, recent });
  const durableOutage = new Outage(driver.name, clock);
  const drain = new Drain({
    hot: unguarded,
    outbox,
    durable: durableOutage,
    changed,
    answers,
    durableAnswers,
    clock,
    logger,
    interval: repairInterval,
  });
  const inFlight = new InFlight();
  return {
    ...options,
    outbox,
    drain,
    trust: drain.trust,
    fills: new Fills(),
    inFlight,
    warming: new Warming({ hot, driver, clock, track: (work) => inFlight.track(work) }),
    durableOutage,
    token: () => `${ofProcess}${(count++).toString(36)}`,
  };
}
