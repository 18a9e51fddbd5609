import Opossum from 'opossum';
import type { Clock } from '../core/clock.js';
import { textOf } from '../core/error-text.js';
import { StoreFault } from '../core/fallback-driver.js';
import type { BreakerSettings } from '../core/schema.js';
import type { Guard } from './guard.js';
import { RollingWindow } from './rolling-window.js';

/** `halfOpen`: one call, the probe, is let through to see. */
export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** How a breaker stands. Times in milliseconds since 1970. */
export interface BreakerStatus {
  readonly state: BreakerState;
  /** Since when it has been closed; or since when it has not, however many probes have failed meanwhile. */
  readonly since: number;
  /** The last fault it saw. */
  readonly lastCause: unknown;
  /** When it lets a call through again; `undefined` while it is closed. */
  readonly retryAt: number | undefined;
}

/** One change of a breaker's state. */
export interface BreakerChange extends BreakerStatus {
  readonly name: string;
  readonly from: BreakerState;
}

/** What a breaker is made of. */
export interface BreakerOptions extends BreakerSettings {
  /** What is called: `redis`, `postgres`. */
  readonly name: string;
  readonly clock: Clock;
  /** The time over which calls are counted, in milliseconds; 10 s, or three times the timeout where that is longer. */
  readonly rollingWindow?: number;
  /** Called once for each change; what it throws is ignored. */
  readonly onState?: (change: BreakerChange) => void;
}

/** A guard that keeps calls from a store that fails. After `close()` it lets everything through and has no timer. */
export type CircuitBreaker = Guard & {
  status(): BreakerStatus;
  /** The store was seen to answer: where it is open, the next call is the probe. */
  tryNow(): void;
  close(): void;
};

type Engine = Opossum<[() => Promise<unknown>], unknown>;

/** A circuit breaker over opossum: it counts the faults of a store, never its answers, whatever they say. */
export function circuitBreaker(options: BreakerOptions): CircuitBreaker {
  const { name, clock, resetTimeout } = options;
  const length = options.rollingWindow ?? Math.max(10_000, 3 * options.timeout);
  const window = new RollingWindow(clock, length);
  let status: BreakerStatus = { state: 'closed', since: clock.now(), lastCause: undefined, retryAt: undefined };
  let lastCause: unknown;
  let inARow = 0;
  let lastFault = 0;
  let refusal: StoreFault | undefined;
  let cancel = () => {};
  let engine: Engine | undefined;

  const change = (state: BreakerState, retryAt: number | undefined) => {
    const from = status.state;
    const since = (from === 'closed') === (state === 'closed') ? status.since : clock.now();
    status = { state, since, lastCause, retryAt };
    refusal = undefined;
    try {
      options.onState?.({ name, from, ...status });
    } catch {
      // Who listens does not decide what becomes of a call.
    }
  };
  const stop = () => {
    cancel();
    engine?.shutdown();
    engine = undefined;
  };
  const open = () => {
    // Calls that are still under way belong to this engine: what becomes of them says nothing about the probe to come.
    stop();
    cancel = clock.after(resetTimeout, halfOpen);
    change('open', clock.now() + resetTimeout);
  };
  const halfOpen = () => {
    stop();
    engine = start(true);
    if (status.state !== 'halfOpen') change('halfOpen', status.retryAt);
  };
  const start = (half: boolean): Engine => {
    // `state`, which the types leave out, is how opossum is made half-open at once; its own timers know no Clock.
    const settings: Opossum.Options & { state: object } = {
      ...window.settings(),
      name,
      timeout: false,
      volumeThreshold: options.volumeThreshold,
      // Opossum opens above the threshold, which 100 % of failures never are.
      errorThresholdPercentage: Math.min(options.errorThresholdPercentage, 99.99),
      errorFilter: (error: unknown) => {
        window.turn();
        if (!isFault(error, options.isFault)) return true;
        lastCause = error;
        // A window full of successes would keep it closed long after a store began to hang.
        if (clock.now() - lastFault >= length) inARow = 0;
        lastFault = clock.now();
        if (++inARow >= options.volumeThreshold) queueMicrotask(() => started.open());
        return false;
      },
      state: { closed: !half, halfOpen: half },
    };
    const started: Engine = new Opossum((run: () => Promise<unknown>) => run(), settings);
    started.on('open', open);
    started.on('success', () => {
      inARow = 0;
    });
    started.on('close', () => {
      cancel();
      change('closed', undefined);
    });
    return started;
  };
  const refuse = () => {
    refusal ??= new StoreFault(
      `the circuit breaker of ${name} has been open since ${new Date(status.since).toISOString()}, after: ${textOf(lastCause)}`,
      'none',
      { cause: lastCause, open: true, ...(status.retryAt !== undefined && { retryAt: status.retryAt }) },
    );
    return Promise.reject(refusal);
  };
  let closed = false;
  engine = start(false);

  const guard: Guard = <T>(run: () => Promise<T>): Promise<T> => {
    if (closed) return run();
    if (!engine) return refuse();
    if (engine.halfOpen) {
      if (!engine.pendingClose) return refuse();
      // A probe that never ends must not keep the breaker open for ever.
      cancel = clock.after(resetTimeout, halfOpen);
    }
    window.turn();
    return engine.fire(run) as Promise<T>;
  };
  return Object.assign(guard, {
    status: () => ({ ...status, lastCause }),
    tryNow: () => {
      if (!closed && status.state === 'open') halfOpen();
    },
    close: () => {
      closed = true;
      stop();
    },
  });
}

function isFault(error: unknown, ofUser: BreakerSettings['isFault']): boolean {
  if (ofUser)
    try {
      return ofUser(error);
    } catch {
      // Opossum would leave the call without an end.
    }
  return error instanceof StoreFault;
}
