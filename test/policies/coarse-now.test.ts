import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/core/clock.js';
import { coarseNow } from '../../src/policies/coarse-now.js';
import { fakeClock } from '../../src/testing/fake-clock.js';

/** A clock whose timers never fire, as in work that never lets the event loop turn. */
function stuck(start: number): Clock & { time: number; readings: number } {
  return {
    time: start,
    readings: 0,
    now() {
      this.readings++;
      return this.time;
    },
    after: () => () => {},
  };
}

describe('coarseNow', () => {
  test('follows the clock', async () => {
    const clock = fakeClock(1000);
    const now = coarseNow(clock);
    expect(now()).toBe(1000);
    await clock.advance(1);
    expect(now()).toBe(1001);
    await clock.advance(500);
    expect(now()).toBe(1501);
    expect(now()).toBe(1501);
  });

  test('asks the clock once for several askings', () => {
    const clock = stuck(1000);
    const now = coarseNow(clock);
    for (let n = 0; n < 640; n++) now();
    expect(clock.readings).toBe(10);
  });

  test('moves on although no timer fires', () => {
    const clock = stuck(1000);
    const now = coarseNow(clock);
    now();
    clock.time = 9000;
    const seen = Array.from({ length: 64 }, now);
    expect(seen.at(-1)).toBe(9000);
  });

  test('never runs backwards, and goes on from where it was', async () => {
    const clock = stuck(100_000);
    const now = coarseNow(clock);
    const setTo = (time: number) => {
      clock.time = time;
      return Array.from({ length: 64 }, now).at(-1);
    };
    expect(setTo(100_000)).toBe(100_000);
    expect(setTo(40_000)).toBe(100_000);
    expect(setTo(40_700)).toBe(100_700);
    expect(setTo(41_000)).toBe(101_000);
  });

  test('leaves one timer at most', () => {
    const clock = fakeClock();
    const now = coarseNow(clock);
    for (let n = 0; n < 1000; n++) now();
    expect(clock.pending).toBe(1);
  });
});
