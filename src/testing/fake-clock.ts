import { setImmediate } from 'node:timers';
import type { Clock } from '../core/clock.js';

/** A clock that stands still until it is told to advance. */
export interface FakeClock extends Clock {
  /**
   * Moves the time on by `ms`. Timers that fall due fire in their order, each at its own time, and what waits for promises
   * runs on between them.
   */
  advance(ms: number): Promise<void>;
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock for tests, at `start` milliseconds since 1970. */
export function fakeClock(start = 0): FakeClock {
  let now = start;
  const timers = new Set<Timer>();
  const next = (until: number) => {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    return first;
  };
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settled();
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settled();
      }
      now = Math.max(now, until);
    },
    get pending() {
      return timers.size;
    },
  };
}
