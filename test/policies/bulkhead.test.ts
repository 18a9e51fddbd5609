import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { type BulkheadOptions, bulkhead } from '../../src/policies/bulkhead.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { type Gate, gate, outcome, settled } from './gate.js';

function made(options: Partial<BulkheadOptions> = {}) {
  const clock = fakeClock();
  const guard = bulkhead({ subject: 'postgres', limit: 2, queue: 2, clock, ...options })!;
  const started: number[] = [];
  const gates: Gate[] = [];
  const call = (n: number) =>
    guard(async () => {
      started.push(n);
      gates[n] = gate();
      await gates[n].promise;
      return n;
    });
  return { clock, guard, call, gates, started };
}

describe('bulkhead', () => {
  test('is off without a limit', () => {
    for (const limit of [undefined, 0, Number.POSITIVE_INFINITY])
      expect(bulkhead({ subject: 'x', limit, queue: 2, clock: fakeClock() })).toBeUndefined();
  });

  test('runs at most the limit at once, and those that wait in order', async () => {
    const { guard, call, gates, started } = made();
    const calls = [call(0), call(1), call(2), call(3)];
    await settled();
    expect(started).toEqual([0, 1]);
    expect(guard.load()).toEqual({ running: 2, waiting: 2 });
    gates[1]!.open();
    await settled();
    expect(started).toEqual([0, 1, 2]);
    gates[0]!.open();
    await settled();
    expect(started).toEqual([0, 1, 2, 3]);
    gates[2]!.open();
    gates[3]!.open();
    await expect(Promise.all(calls)).resolves.toEqual([0, 1, 2, 3]);
    expect(guard.load()).toEqual({ running: 0, waiting: 0 });
  });

  test('refuses at once what is beyond limit and queue, without calling it', async () => {
    const { call, gates, started } = made();
    const calls = [call(0), call(1), call(2), call(3)];
    const error = await call(4).catch((error) => error);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error).toMatchObject({
      outcome: 'none',
      message: 'postgres has no place for another call: 2 calls run and 2 wait, at most 2 and 2 may',
    });
    for (const n of [0, 1, 2, 3]) {
      await settled();
      gates[n]!.open();
    }
    await Promise.all(calls);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  test('with no queue refuses whatever has no place', async () => {
    const { call, gates } = made({ limit: 1, queue: 0 });
    const first = call(0);
    await expect(call(1)).rejects.toThrow('1 calls run and 0 wait');
    gates[0]!.open();
    await expect(first).resolves.toBe(0);
    const second = call(2);
    gates[2]!.open();
    await expect(second).resolves.toBe(2);
  });

  test('gives a place back however a call ends', async () => {
    const { guard } = made({ limit: 1 });
    await expect(guard(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await expect(
      guard(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(guard.load()).toEqual({ running: 0, waiting: 0 });
    await expect(guard(() => Promise.resolve(1))).resolves.toBe(1);
  });

  test('refuses one that waited too long, and keeps the order of the rest', async () => {
    const { clock, guard, call, gates, started } = made({ limit: 1, waitTimeout: 100 });
    const first = call(0);
    const second = call(1);
    const refused = second.catch((error) => error);
    await clock.advance(60);
    const third = call(2);
    await clock.advance(40);
    expect(await refused).toMatchObject({ outcome: 'none' });
    expect((await refused).message).toContain('had no place for a call within 100 ms');
    expect(guard.load()).toEqual({ running: 1, waiting: 1 });
    gates[0]!.open();
    await first;
    await settled();
    expect(started).toEqual([0, 2]);
    expect(clock.pending).toBe(0);
    gates[2]!.open();
    await expect(third).resolves.toBe(2);
  });

  test('hands a place on without letting a newcomer in before those who wait', async () => {
    const { call, gates, started } = made({ limit: 1 });
    const calls = [call(0), call(1)];
    gates[0]!.open();
    await calls[0];
    calls.push(call(2));
    expect(await outcome(calls[2]!)).toBe('pending');
    expect(started).toEqual([0, 1]);
    gates[1]!.open();
    await settled();
    gates[2]!.open();
    await Promise.all(calls);
  });
});
