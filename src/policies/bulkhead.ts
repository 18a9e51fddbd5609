import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import type { Guard } from './guard.js';

/** What a bulkhead is made of. */
export interface BulkheadOptions {
  /** What is called: `postgres`. */
  readonly subject: string;
  /** Calls that run at once; 0, undefined and Infinity put the bulkhead off. */
  readonly limit: number | undefined;
  /** Calls that wait for a place, beyond which they are refused at once. */
  readonly queue: number;
  /** How long one waits, in milliseconds; 0 or undefined for as long as it takes. */
  readonly waitTimeout?: number | undefined;
  readonly clock: Clock;
}

/** A guard that lets only so many calls run at once. */
export type Bulkhead = Guard & {
  load(): { readonly running: number; readonly waiting: number };
};

/**
 * At most `limit` calls run at once, `queue` more wait in order; what is beyond that, or waits too long, is refused with a
 * `StoreFault` without having been called. A call has its place until its promise settles: one that a timeout within gave
 * up has left, for it is the breaker that keeps calls from a store that hangs.
 */
export function bulkhead({ subject, limit, queue, waitTimeout, clock }: BulkheadOptions): Bulkhead | undefined {
  if (!limit || limit === Infinity) return undefined;
  let running = 0;
  const waiting = new Set<() => void>();

  const leave = () => {
    const [next] = waiting;
    if (!next) running--;
    else {
      waiting.delete(next);
      next();
    }
  };
  const enter = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } finally {
      leave();
    }
  };
  const refused = (fact: string) =>
    new StoreFault(
      `${subject} ${fact}: ${running} calls run and ${waiting.size} wait, at most ${limit} and ${queue} may`,
      'none',
      { refused: true },
    );

  const guard: Guard = <T>(run: () => Promise<T>) => {
    if (running < limit) {
      running++;
      return enter(run);
    }
    if (waiting.size >= queue) return Promise.reject(refused('has no place for another call'));
    return new Promise<T>((resolve, reject) => {
      let cancel: (() => void) | undefined;
      const next = () => {
        cancel?.();
        resolve(enter(run));
      };
      waiting.add(next);
      if (waitTimeout)
        cancel = clock.after(waitTimeout, () => {
          waiting.delete(next);
          reject(refused(`had no place for a call within ${waitTimeout} ms`));
        });
    });
  };
  return Object.assign(guard, { load: () => ({ running, waiting: waiting.size }) });
}
