import type { Clock } from './core/clock.js';
import { textOf } from './core/error-text.js';
import type { Logger } from './core/logger.js';
import type { BreakerSettings, Schema } from './core/schema.js';
import { bulkhead } from './policies/bulkhead.js';
import { type BreakerStatus, type CircuitBreaker, circuitBreaker } from './policies/circuit-breaker.js';
import { compose, type Guard } from './policies/guard.js';
import { type Retry, retry } from './policies/retry.js';
import { timeout } from './policies/timeout.js';

/** What the guards of one tier are made of; durations in milliseconds. */
export interface TierGuardOptions {
  /** `redis`, or a fallback's name. */
  readonly name: string;
  /** Which of an entity's own breakers is for this tier. */
  readonly tier: 'hot' | 'durable';
  /** The shared breaker; `undefined` where breakers are off. */
  readonly breaker: BreakerSettings | undefined;
  /** Nothing can be given up, nor run at once: no timeout, no bulkhead. */
  readonly synchronous?: boolean;
  readonly bulkhead: { readonly limit: number; readonly queue: number } | undefined;
  readonly retry: { readonly attempts: number; readonly backoff: number } | undefined;
  /** For how long a write that timed out may yet land. */
  readonly unknownFor: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The guards of one tier: shared by its entities, but for those with breakers of their own. */
export class TierGuards {
  readonly #options: TierGuardOptions;
  readonly #bulkhead: Guard | undefined;
  readonly #retry: Retry | undefined;
  readonly #shared: Lane;
  readonly #own = new Map<Schema, Lane>();

  constructor(options: TierGuardOptions) {
    this.#options = options;
    const { name, clock, synchronous } = options;
    this.#bulkhead =
      synchronous || !options.bulkhead
        ? undefined
        : bulkhead({ subject: name, ...options.bulkhead, waitTimeout: options.breaker?.timeout, clock });
    this.#retry = options.retry && retry({ ...options.retry, clock });
    this.#shared = this.#lane(options.breaker, name);
  }

  /** Reads: what takes too long has done nothing. */
  readonly read = (schema: Schema): Guard => this.#of(schema).read;

  /** Writes, and every step on the hot tier: what takes too long may have been done, or may yet be. */
  readonly write = (schema: Schema): Guard => this.#of(schema).write;

  /** What is guarded: `redis`, or a fallback's name. */
  get name(): string {
    return this.#options.name;
  }

  /** How the shared breaker stands; `undefined` where breakers are off. */
  status(): BreakerStatus | undefined {
    return this.#shared.breaker?.status();
  }

  /** The tier was seen to answer: breakers that are open let a call through now. */
  readonly tryNow = (): void => {
    for (const lane of [this.#shared, ...this.#own.values()]) lane.breaker?.tryNow();
  };

  close(): void {
    this.#retry?.close();
    for (const lane of [this.#shared, ...this.#own.values()]) lane.breaker?.close();
  }

  #of(schema: Schema): Lane {
    const settings = schema.breakers?.[this.#options.tier];
    if (!settings) return this.#shared;
    let lane = this.#own.get(schema);
    if (!lane) {
      lane = this.#lane(settings, `${this.#options.name} for ${schema.name}`);
      this.#own.set(schema, lane);
    }
    return lane;
  }

  #lane(settings: BreakerSettings | undefined, name: string): Lane {
    const { clock, logger, unknownFor, synchronous } = this.#options;
    const limit = synchronous ? undefined : settings?.timeout;
    const breaker =
      settings &&
      circuitBreaker({
        ...settings,
        name,
        clock,
        onState: ({ state, from, lastCause }) => {
          if (state === 'closed') logger.info(`holdfast: ${name} answers again; its circuit breaker is closed.`);
          else if (from === 'closed')
            logger.warn(`holdfast: the circuit breaker of ${name} is open: ${textOf(lastCause)}`);
        },
      });
    const late = { outcome: 'unknown', unknownFor } as const;
    return {
      breaker,
      read: compose([this.#bulkhead, this.#retry, breaker, timeout(limit, clock, name)]),
      write: compose([breaker, timeout(limit, clock, name, late)]),
    };
  }
}

interface Lane {
  readonly breaker: CircuitBreaker | undefined;
  readonly read: Guard;
  readonly write: Guard;
}
