import { breakerDefaults, cacheDefaults, hotDefaults } from '../core/defaults.js';
import { type Duration, milliseconds } from '../core/duration.js';
import type { BreakerSettings, CacheSettings, Schema } from '../core/schema.js';
import type { FaultList } from './faults.js';
import { knownOptions } from './known-options.js';
import type {
  BreakerOptions,
  CachedOptions,
  CircuitBreakerOptions,
  HotOptions,
  ListOptions,
  SortedSetOptions,
} from './options.js';

/** Checks the options of one decorator on one class. Where one is wrong, its default goes on, so that all faults are found. */
class Check {
  readonly #subject: string;
  readonly #decorator: string;
  readonly #faults: FaultList;

  constructor(subject: string, decorator: string, faults: FaultList) {
    this.#subject = subject;
    this.#decorator = decorator;
    this.#faults = faults;
  }

  fault(name: string, value: unknown, remedy: string): void {
    const shown = typeof value === 'string' ? `'${value}'` : String(value);
    this.#faults.add(this.#subject, `has @${this.#decorator}({ ${name}: ${shown} }).`, remedy);
  }

  duration<D>(name: string, value: Duration | undefined, otherwise: D, zero: boolean): number | D {
    if (value === undefined) return otherwise;
    const ms = milliseconds(value);
    if (ms !== undefined && (ms > 0 || zero)) return ms;
    this.fault(
      name,
      value,
      `Give milliseconds${zero ? '' : ' above 0'}, or a text such as '500ms', '5s', '1m', '1h', '7d'.`,
    );
    return otherwise;
  }

  number(
    name: string,
    value: number | undefined,
    otherwise: number,
    wanted: string,
    right: (n: number) => boolean,
  ): number {
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && right(value)) return value;
    this.fault(name, value, `Give ${wanted}.`);
    return otherwise;
  }

  jitter(value: number | undefined, otherwise: number): number {
    return this.number('jitter', value, otherwise, 'a number from 0 to 1', (n) => n >= 0 && n <= 1);
  }
}

const whole = (least: number) => (n: number) => Number.isSafeInteger(n) && n >= least;

/** How long the entity stays hot. */
export function hotSettings(
  className: string,
  decorator: string,
  options: HotOptions,
  faults: FaultList,
): Pick<Schema, 'ttl' | 'absentTtl' | 'jitter'> {
  const check = new Check(className, decorator, faults);
  return {
    ttl: check.duration('ttl', options.ttl, undefined, false),
    absentTtl: check.duration('absentTtl', options.absentTtl, hotDefaults.absentTtl, true),
    jitter: check.jitter(options.jitter, hotDefaults.jitter),
  };
}

/** Most members of a collection. */
export function limitSetting(
  className: string,
  decorator: string,
  { maxSize, maxLength }: SortedSetOptions & ListOptions,
  faults: FaultList,
): number | undefined {
  const check = new Check(className, decorator, faults);
  const [name, given] = maxLength === undefined ? ['maxSize', maxSize] : ['maxLength', maxLength];
  if (given === undefined || whole(1)(given)) return given;
  check.fault(name, given, 'Give a whole number of 1 or more.');
  return undefined;
}

/** The in-process cache of `@Cached`. */
export function cacheSettings(className: string, options: CachedOptions, faults: FaultList): CacheSettings {
  const check = new Check(className, 'Cached', faults);
  const { store } = options;
  const lacks =
    store && (['get', 'set', 'delete', 'clear'] as const).filter((name) => typeof store[name] !== 'function');
  if (lacks && lacks.length > 0)
    check.fault('store', 'a cache', `It lacks ${lacks.join(', ')}: give a Map or what works like one.`);
  return Object.freeze({
    max: check.number('max', options.max, cacheDefaults.max, 'a whole number of 1 or more', whole(1)),
    ttl: check.duration('ttl', options.ttl, cacheDefaults.ttl, false),
    jitter: check.jitter(options.jitter, cacheDefaults.jitter),
    staleIfError: check.duration('staleIfError', options.staleIfError, cacheDefaults.staleIfError, true),
    ...(store ? { store } : {}),
  });
}

/** The breakers of `@CircuitBreaker`: both tiers', where it says more than about one of them. */
export function breakerSettings(
  className: string,
  options: CircuitBreakerOptions,
  faults: FaultList,
): Schema['breakers'] {
  const { hot, durable, ...both } = options;
  const one = (tier: 'hot' | 'durable', own: BreakerOptions | undefined): BreakerSettings => {
    const check = new Check(className, 'CircuitBreaker', faults);
    const defaults = breakerDefaults[tier];
    const given = { ...both, ...(own && knownOptions(className, 'CircuitBreaker', own, faults, tier)) };
    if (given.isFault !== undefined && typeof given.isFault !== 'function')
      check.fault('isFault', given.isFault, 'Give a function of the error that returns true or false.');
    const percentage = given.errorThresholdPercentage;
    return Object.freeze({
      errorThresholdPercentage: check.number(
        'errorThresholdPercentage',
        percentage,
        defaults.errorThresholdPercentage,
        'a number above 0, at most 100',
        (n) => n > 0 && n <= 100,
      ),
      volumeThreshold: check.number(
        'volumeThreshold',
        given.volumeThreshold,
        defaults.volumeThreshold,
        'a whole number',
        whole(0),
      ),
      resetTimeout: check.duration('resetTimeout', given.resetTimeout, defaults.resetTimeout, false),
      timeout: check.duration('timeout', given.timeout, defaults.timeout, false),
      ...(given.isFault ? { isFault: given.isFault } : {}),
    });
  };
  const general = Object.keys(both).length > 0 || (!hot && !durable);
  return Object.freeze({
    ...(hot || general ? { hot: one('hot', hot) } : {}),
    ...(durable || general ? { durable: one('durable', durable) } : {}),
  });
}
