import { clearImmediate, setImmediate } from 'node:timers';
import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import type { Guard } from './guard.js';

/** What a call that takes too long may have done. */
export type TimeoutOutcome =
  /** A read: nothing. */
  | { readonly outcome: 'none' }
  /** A write: it may have been made, or may yet be within `unknownFor` milliseconds. */
  | { readonly outcome: 'unknown'; readonly unknownFor: number };

const swallow = (error: unknown) => error;

/**
 * Gives a call up after `ms` milliseconds with a `StoreFault`, whose `settled` tells when the call really ended; off where
 * `ms` is 0 or undefined. The call itself is not stopped.
 */
export function timeout(
  ms: number | undefined,
  clock: Clock,
  subject: string,
  late: TimeoutOutcome = { outcome: 'none' },
): Guard | undefined {
  if (!ms) return undefined;
  const fault = (call: Promise<unknown>) =>
    new StoreFault(`${subject} did not answer within ${ms} ms`, late.outcome, {
      settled: call.then(() => undefined, swallow),
      ...(late.outcome === 'unknown' && { unknownFor: late.unknownFor }),
    });
  return <T>(run: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      const call = run();
      let lastTurn: NodeJS.Immediate | undefined;
      const stop = clock.after(ms, () => {
        // Where this process itself was held up, the answer may have arrived in time and wait to be read: the event loop
        // reads it before it comes to this.
        lastTurn = setImmediate(() => reject(fault(call)));
      });
      const end = () => {
        stop();
        if (lastTurn) clearImmediate(lastTurn);
      };
      call.then(
        (value) => {
          end();
          resolve(value);
        },
        (error) => {
          end();
          reject(error);
        },
      );
    });
}
