import { type Clock, systemClock } from './core/clock.js';
import { describe } from './core/codecs.js';
import { breakerDefaults } from './core/defaults.js';
import { type Duration, milliseconds } from './core/duration.js';
import { ValidationError } from './core/errors.js';
import type { Logger } from './core/logger.js';
import type { BreakerSettings } from './core/schema.js';
import type { BreakerOptions, CircuitBreakerOptions } from './metadata/options.js';
import type { HoldfastOptions } from './options.js';

/** The options of `Holdfast.open`, checked, with defaults, durations in milliseconds. */
export interface Settings {
  readonly redis: HoldfastOptions['redis'];
  readonly openWithoutRedis: boolean;
  readonly fallbacks: NonNullable<HoldfastOptions['fallbacks']>;
  readonly namespace: string;
  readonly synchronize: boolean | undefined;
  readonly breakers: { readonly hot: BreakerSettings | undefined; readonly durable: BreakerSettings | undefined };
  readonly bulkhead: { readonly limit: number; readonly queue: number } | undefined;
  readonly retry: { readonly attempts: number; readonly backoff: number } | undefined;
  readonly repairInterval: number;
  /** No durable statement runs longer. */
  readonly statementTimeout: number;
  /** How long a lock lasts that nobody renews. The statement of a killed process may land as long as it may run. */
  readonly lockTime: number;
  /** How long what lies under a lock that nobody renews is served. */
  readonly servedFor: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

const silent: Logger = { info() {}, warn() {}, error() {} };
/** Who logs does not decide what becomes of what is told. */
function harmless(logger: Logger): Logger {
  const attempt = (level: keyof Logger) => (message: string) => {
    try {
      logger[level](message);
    } catch {}
  };
  return { info: attempt('info'), warn: attempt('warn'), error: attempt('error') };
}

const UNBOUNDED_STATEMENT = 60_000;
// A process that is held up for a moment renews its locks in time.
const SHORTEST_INTERVAL = 10;
const SHORTEST_SERVED = 1000;

const KNOWN: Readonly<Record<keyof HoldfastOptions, true>> = {
  entities: true,
  redis: true,
  openWithoutRedis: true,
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
  known('', options, Object.keys(KNOWN));
  checkSimple(options);
  const { circuitBreaker } = options;
  const bulkhead = group('bulkhead', options.bulkhead, ['limit', 'queue']);
  const retry = group('retry', options.retry, ['attempts', 'backoff']);
  const breakers =
    circuitBreaker === false
      ? { hot: undefined, durable: undefined }
      : { hot: breaker('hot', circuitBreaker), durable: breaker('durable', circuitBreaker) };
  const statementTimeout = breakers.durable?.timeout || UNBOUNDED_STATEMENT;
  const repairInterval = duration('repairInterval', options.repairInterval, 1000);
  if (repairInterval < SHORTEST_INTERVAL)
    throw wrong('repairInterval', options.repairInterval, `Give ${SHORTEST_INTERVAL} ms or more.`);
  return {
    redis: options.redis,
    openWithoutRedis: options.openWithoutRedis ?? false,
    fallbacks: options.fallbacks ?? {},
    namespace: options.namespace ?? 'holdfast',
    synchronize: options.synchronize,
    breakers,
    bulkhead:
      options.bulkhead === false
        ? undefined
        : {
            limit: whole('bulkhead.limit', bulkhead?.limit, 50, 1),
            queue: whole('bulkhead.queue', bulkhead?.queue, 1000, 0),
          },
    retry:
      options.retry === false
        ? undefined
        : {
            attempts: whole('retry.attempts', retry?.attempts, 3, 1),
            backoff: duration('retry.backoff', retry?.backoff, 50),
          },
    repairInterval,
    statementTimeout,
    lockTime: 2 * statementTimeout + (breakers.hot?.timeout ?? 0),
    servedFor: Math.max(repairInterval, SHORTEST_SERVED),
    logger: options.logger === false ? silent : harmless(options.logger ?? console),
    clock: options.clock ?? systemClock,
  };
}

const BREAKER = ['errorThresholdPercentage', 'volumeThreshold', 'resetTimeout', 'timeout', 'isFault'];

function breaker(tier: 'hot' | 'durable', given: CircuitBreakerOptions | undefined): BreakerSettings {
  const defaults = breakerDefaults[tier];
  const {
    hot: _hot,
    durable: _durable,
    ...both
  } = group('circuitBreaker', given, [...BREAKER, 'hot', 'durable']) ?? {};
  const at = `circuitBreaker.${tier}`;
  const own: BreakerOptions = { ...both, ...group(at, given?.[tier], BREAKER) };
  const { isFault } = own;
  if (isFault !== undefined && typeof isFault !== 'function')
    throw wrong(`${at}.isFault`, isFault, 'Give a function of the error that returns true or false.');
  return {
    errorThresholdPercentage: percentage(
      `${at}.errorThresholdPercentage`,
      own.errorThresholdPercentage,
      defaults.errorThresholdPercentage,
    ),
    volumeThreshold: whole(`${at}.volumeThreshold`, own.volumeThreshold, defaults.volumeThreshold, 1),
    resetTimeout: duration(`${at}.resetTimeout`, own.resetTimeout, defaults.resetTimeout),
    timeout: duration(`${at}.timeout`, own.timeout, defaults.timeout),
    ...(isFault && { isFault }),
  };
}

/** The options that are one value, none of which needs a default of another type. */
function checkSimple(options: HoldfastOptions): void {
  const { redis, openWithoutRedis, fallbacks, namespace, synchronize, logger, clock } = options;
  if (redis === null) throw wrong('redis', redis, 'Give a URL or a client, false for no hot tier, or leave it out.');
  if (fallbacks !== undefined && (typeof fallbacks !== 'object' || fallbacks === null || Array.isArray(fallbacks)))
    // A URL has a password in it.
    throw wrong(
      'fallbacks',
      fallbacks,
      "Give an object of names: { postgres: 'postgresql://…' }.",
      describe(fallbacks),
    );
  if (namespace !== undefined && typeof namespace !== 'string') throw wrong('namespace', namespace, 'Give a string.');
  // The first braces in a key are what Redis Cluster places it by.
  if (namespace !== undefined && /[{}]/.test(namespace))
    throw wrong('namespace', namespace, 'Leave out { and }, by which Redis Cluster places keys.');
  for (const [name, given] of Object.entries({ openWithoutRedis, synchronize }))
    if (given !== undefined && typeof given !== 'boolean') throw wrong(name, given, 'Give true or false.');
  if (logger !== undefined && logger !== false && !hasMethods(logger, ['info', 'warn', 'error']))
    throw wrong('logger', logger, 'Give an object with the methods info, warn and error, such as console, or false.');
  if (clock !== undefined && !hasMethods(clock, ['now', 'after']))
    throw wrong('clock', clock, 'Give an object with the methods now and after, or leave it out.');
}

const hasMethods = (given: unknown, names: readonly string[]): boolean =>
  (typeof given === 'object' || typeof given === 'function') &&
  given !== null &&
  names.every((name) => typeof (given as Record<string, unknown>)[name] === 'function');

/** An option that has options of its own. */
function group<T extends object>(name: string, given: T | false | undefined, names: readonly string[]): T | undefined {
  if (given === undefined || given === false) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(name, given, `Give an object of ${names.join(', ')}.`);
  known(name, given, names);
  return given;
}

function known(group: string, given: object, names: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!names.includes(name))
      throw new ValidationError(
        `${group === '' ? 'open()' : `The option ${group} of open()`} has no option ${JSON.stringify(name)}. It has: ${names.join(', ')}.`,
      );
}

const shown = (given: unknown): string =>
  typeof given === 'string' ? JSON.stringify(given) : typeof given === 'number' ? String(given) : describe(given);

const wrong = (name: string, given: unknown, remedy: string, fact = shown(given)): ValidationError =>
  new ValidationError(`The option ${name} of open() cannot be ${fact}. ${remedy}`);

function duration(name: string, given: Duration | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const ms = milliseconds(given);
  if (ms === undefined) throw wrong(name, given, "Give milliseconds, or '500ms', '5s', '1m', '1h', '7d'.");
  return ms;
}

function whole(name: string, given: number | undefined, otherwise: number, least: number): number {
  if (given === undefined) return otherwise;
  if (!Number.isSafeInteger(given) || given < least) throw wrong(name, given, `Give a whole number from ${least}.`);
  return given;
}

function percentage(name: string, given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (typeof given !== 'number' || !(given > 0 && given <= 100))
    throw wrong(name, given, 'Give a number above 0, at most 100.');
  return given;
}
