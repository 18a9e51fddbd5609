import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import type { Guard } from './guard.js';
import { stayAlive } from './stay-alive.js';

/** What a retry is made of. */
export interface RetryOptions {
  /** Calls in all; 0, 1 and undefined put retries off. */
  readonly attempts: number | undefined;
  /** The longest pause before the second call, in milliseconds; it doubles with each call. */
  readonly backoff: number;
  /** 0 to 1: by how much of itself a pause is shortened at random; 1 (the default) spreads calls out best. */
  readonly jitter?: number;
  readonly clock: Clock;
  /** Narrows what is called again; what may have been written never is. */
  readonly isRetryable?: ((fault: StoreFault) => boolean) | undefined;
  readonly random?: () => number;
}

/** A guard that calls again. After `close()` it waits for nothing more: a pause ends at once with the fault before it. */
export type Retry = Guard & { close(): void };

const LONGEST_PAUSE = 30_000;

/**
 * Calls a read again after a fault of its store, with exponential backoff. Not after an answer of any kind, not while the
 * breaker is open, and not where something may have been written.
 */
export function retry({
  attempts,
  backoff,
  jitter = 1,
  clock,
  isRetryable = () => true,
  random = Math.random,
}: RetryOptions): Retry | undefined {
  if (!attempts || attempts <= 1) return undefined;
  const pauses = new Set<() => void>();
  let closed = false;

  const pause = (calls: number) =>
    new Promise<void>((resolve) => {
      const rest = stayAlive();
      const end = () => {
        rest();
        cancel();
        pauses.delete(end);
        resolve();
      };
      const longest = Math.min(backoff * 2 ** (calls - 1), LONGEST_PAUSE);
      const cancel = clock.after(longest * (1 - jitter * random()), end);
      pauses.add(end);
    });
  const again = async <T>(run: () => Promise<T>, first: unknown): Promise<T> => {
    let fault = first;
    for (let calls = 1; calls < attempts; calls++) {
      if (!(fault instanceof StoreFault) || fault.outcome !== 'none' || fault.open || !isRetryable(fault)) break;
      if (!closed) await pause(calls);
      if (closed) break;
      try {
        return await run();
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  };

  const guard: Guard = (run) => run().catch((fault) => again(run, fault));
  return Object.assign(guard, {
    close: () => {
      closed = true;
      for (const end of [...pauses]) end();
    },
  });
}
