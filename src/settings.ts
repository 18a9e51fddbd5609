import { type Clock, systemClock } from './core/clock.js';
import { breakerDefaults } from './core/defaults.js';
import { type Duration, milliseconds } from './core/duration.js';
import { ValidationError } from './core/errors.js';
import type { Logger } from './core/logger.js';
import type { BreakerSettings } from './core/schema.js';
import type { BreakerOptions } from './metadata/options.js';
import type { HoldfastOptions } from './options.js';

/** The options of `Holdfast.open`, checked, with defaults, durations in milliseconds. */
export interface Settings {
  readonly redis: HoldfastOptions['redis'];
  readonly fallbacks: NonNullable<HoldfastOptions['fallbacks']>;
  readonly namespace: string;
  readonly synchronize: boolean | undefined;
  readonly breakers: { readonly hot: BreakerSettings | undefined; readonly durable: BreakerSettings | undefined };
  readonly bulkhead: { readonly limit: number; readonly queue: number } | undefined;
  readonly retry: { readonly attempts: number; readonly backoff: number } | undefined;
  readonly repairInterval: number;
  /** No durable statement runs longer. */
  readonly statementTimeout: number;
  /** A lock outlives the longest durable write it can be held for. */
  readonly lockTime: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

const silent: Logger = { info() {}, warn() {}, error() {} };
const UNBOUNDED_STATEMENT = 60_000;

const KNOWN: Readonly<Record<keyof HoldfastOptions, true>> = {
  entities: true,
  redis: true,
  fallbacks: true,
  namespace: true,
  synchronize: true,
  circuitBreaker: true,
  bulkhead: true,
  retry: true,
  repairInterval: true,
  logger: true,
  clock: true,
};

/** @throws ValidationError */
export function settingsOf(options: HoldfastOptions): Settings {
  if (typeof options !== 'object' || options === null || !Array.isArray(options.entities))
    throw new ValidationError(
      'open() was given no entities. Give their classes: Holdfast.open({ entities: [Person] }).',
    );
  for (const name of Object.keys(options))
    if (!Object.hasOwn(KNOWN, name))
      throw new ValidationError(
        `open() has no option ${JSON.stringify(name)}. It has: ${Object.keys(KNOWN).join(', ')}.`,
      );
  const { circuitBreaker, bulkhead, retry } = options;
  const breakers =
    circuitBreaker === false
      ? { hot: undefined, durable: undefined }
      : { hot: breaker('hot', circuitBreaker), durable: breaker('durable', circuitBreaker) };
  const statementTimeout = breakers.durable?.timeout || UNBOUNDED_STATEMENT;
  return {
    redis: options.redis,
    fallbacks: options.fallbacks ?? {},
    namespace: options.namespace ?? 'holdfast',
    synchronize: options.synchronize,
    breakers,
    bulkhead:
      bulkhead === false
        ? undefined
        : {
            limit: whole('bulkhead.limit', bulkhead?.limit, 50, 1),
            queue: whole('bulkhead.queue', bulkhead?.queue, 1000, 0),
          },
    retry:
      retry === false
        ? undefined
        : {
            attempts: whole('retry.attempts', retry?.attempts, 3, 1),
            backoff: duration('retry.backoff', retry?.backoff, 50),
          },
    repairInterval: duration('repairInterval', options.repairInterval, 1000),
    statementTimeout,
    lockTime: 2 * statementTimeout + (breakers.hot?.timeout ?? 0),
    logger: options.logger === false ? silent : (options.logger ?? console),
    clock: options.clock ?? systemClock,
  };
}

function breaker(
  tier: 'hot' | 'durable',
  given: (BreakerOptions & { hot?: BreakerOptions; durable?: BreakerOptions }) | undefined,
): BreakerSettings {
  const defaults = breakerDefaults[tier];
  const own = { ...given, ...given?.[tier] };
  const at = `circuitBreaker.${tier}`;
  return {
    errorThresholdPercentage: own.errorThresholdPercentage ?? defaults.errorThresholdPercentage,
    volumeThreshold: whole(`${at}.volumeThreshold`, own.volumeThreshold, defaults.volumeThreshold, 1),
    resetTimeout: duration(`${at}.resetTimeout`, own.resetTimeout, defaults.resetTimeout),
    timeout: duration(`${at}.timeout`, own.timeout, defaults.timeout),
    ...(own.isFault && { isFault: own.isFault }),
  };
}

function duration(name: string, given: Duration | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const ms = milliseconds(given);
  if (ms === undefined)
    throw new ValidationError(
      `The option ${name} of open() cannot be ${JSON.stringify(given)}. Give milliseconds, or '500ms', '5s', '1m', '1h', '7d'.`,
    );
  return ms;
}

function whole(name: string, given: number | undefined, otherwise: number, least: number): number {
  if (given === undefined) return otherwise;
  if (!Number.isSafeInteger(given) || given < least)
    throw new ValidationError(
      `The option ${name} of open() cannot be ${String(given)}. Give a whole number from ${least}.`,
    );
  return given;
}
