import { describe, expect, test } from '@jest/globals';
import { ValidationError } from '../../src/core/errors.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { type RetryOptions, retry } from '../../src/policies/retry.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { gate, outcome } from './gate.js';

const none = (message = 'connection refused') => new StoreFault(message, 'none');

function made(options: Partial<RetryOptions> = {}) {
  const clock = fakeClock();
  const guard = retry({ attempts: 4, backoff: 100, random: () => 0, clock, ...options })!;
  const at: number[] = [];
  /** Fails with each of the errors, then answers. */
  const call = (...errors: unknown[]) =>
    guard(() => {
      at.push(clock.now());
      const error = errors.shift();
      return error === undefined ? Promise.resolve('answer') : Promise.reject(error);
    });
  return { clock, guard, call, at };
}

describe('retry', () => {
  test('is off for fewer than two attempts', () => {
    for (const attempts of [undefined, 0, 1])
      expect(retry({ attempts, backoff: 1, clock: fakeClock() })).toBeUndefined();
  });

  test('calls once where the call succeeds', async () => {
    const { call, at, clock } = made();
    await expect(call()).resolves.toBe('answer');
    expect(at).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  test('calls again with pauses that double, and gives back the first answer', async () => {
    const { clock, call, at } = made();
    const result = call(none(), none(), none());
    await clock.advance(10_000);
    await expect(result).resolves.toBe('answer');
    expect(at).toEqual([0, 100, 300, 700]);
  });

  test('gives up after the last attempt with the last fault', async () => {
    const { clock, call, at } = made({ attempts: 3 });
    const last = none('third');
    const result = call(none('first'), none('second'), last, none('never asked')).catch((error) => error);
    await clock.advance(10_000);
    expect(await result).toBe(last);
    expect(at).toHaveLength(3);
  });

  test('shortens a pause at random by up to the jitter', async () => {
    for (const [jitter, random, pause] of [
      [1, 1, 0],
      [1, 0.5, 50],
      [0.2, 1, 80],
      [0, 1, 100],
    ] as const) {
      const { clock, call, at } = made({ jitter, random: () => random });
      const result = call(none());
      await clock.advance(100);
      await result;
      expect(at).toEqual([0, pause]);
    }
  });

  test('with its own randomness stays between no pause and the full one', async () => {
    for (let n = 0; n < 50; n++) {
      const clock = fakeClock();
      const guard = retry({ attempts: 2, backoff: 100, clock })!;
      let calls = 0;
      const result = guard(() => (calls++ === 0 ? Promise.reject(none()) : Promise.resolve(clock.now())));
      await clock.advance(100);
      const at = await result;
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(100);
    }
  });

  test.each([
    ['an answer such as a validation error', new ValidationError('too long')],
    ['an error that is no fault', new Error('bug')],
    ['a write that may have been made', new StoreFault('timed out', 'unknown')],
    ['an open breaker', new StoreFault('open', 'none', { open: true, retryAt: 5000 })],
  ])('does not call again after %s', async (_, error) => {
    const { call, at } = made();
    await expect(call(error)).rejects.toBe(error);
    expect(at).toEqual([0]);
  });

  test('stops where a later attempt ends in something that is not retryable', async () => {
    const { clock, call, at } = made();
    const open = new StoreFault('open', 'none', { open: true });
    const result = call(none(), open).catch((error) => error);
    await clock.advance(10_000);
    expect(await result).toBe(open);
    expect(at).toHaveLength(2);
  });

  test('asks isRetryable only about what is safe to call again', async () => {
    const asked: unknown[] = [];
    const { call } = made({
      isRetryable: (fault) => {
        asked.push(fault);
        return false;
      },
    });
    const safe = none();
    await expect(call(safe)).rejects.toBe(safe);
    await expect(call(new StoreFault('timed out', 'unknown'))).rejects.toThrow('timed out');
    expect(asked).toEqual([safe]);
  });

  test('ends a pause at close with the fault before it', async () => {
    const { clock, guard, call, at } = made();
    const fault = none();
    const result = call(fault).catch((error) => error);
    expect(await outcome(result)).toBe('pending');
    guard.close();
    expect(await result).toBe(fault);
    expect(at).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  test('after close calls once, and does not repeat a call that was under way', async () => {
    const { guard, call, at } = made();
    const slow = gate();
    const underWay = guard(() => slow.promise).catch((error) => error);
    guard.close();
    const fault = none();
    slow.fail(fault);
    expect(await underWay).toBe(fault);
    await expect(call(none('once'))).rejects.toThrow('once');
    expect(at).toHaveLength(1);
  });
});
