import { describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { CorruptEntryError, ValidationError } from '../../src/core/errors.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { type BreakerChange, type BreakerOptions, circuitBreaker } from '../../src/policies/circuit-breaker.js';
import { compose } from '../../src/policies/guard.js';
import { timeout } from '../../src/policies/timeout.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { gate, outcome } from './gate.js';

const START = Date.UTC(2024, 0, 1);
const down = (message = 'connect ECONNREFUSED') => new StoreFault(message, 'none');

function made(options: Partial<BreakerOptions> = {}) {
  const clock = fakeClock(START);
  const changes: BreakerChange[] = [];
  const guard = circuitBreaker({
    name: 'postgres',
    errorThresholdPercentage: 50,
    volumeThreshold: 5,
    resetTimeout: 10_000,
    timeout: 500,
    clock,
    onState: (change) => changes.push(change),
    ...options,
  });
  let calls = 0;
  const call = (error?: unknown) =>
    guard(() => {
      calls++;
      return error === undefined ? Promise.resolve('answer') : Promise.reject(error);
    });
  const fail = async (times: number, error: unknown = down()) => {
    for (let n = 0; n < times; n++) await expect(call(error)).rejects.toBe(error);
  };
  return {
    clock,
    guard,
    call,
    fail,
    changes,
    steps: () => changes.map((c) => `${c.from} > ${c.state}`),
    calls: () => calls,
  };
}

async function refusal(promise: Promise<unknown>): Promise<StoreFault> {
  const error = (await promise.catch((error) => error)) as StoreFault;
  expect(error).toBeInstanceOf(StoreFault);
  expect(error.open).toBe(true);
  return error;
}

describe('circuitBreaker', () => {
  test('opens at the threshold of faults and calls no more', async () => {
    const { clock, guard, call, fail, steps, calls } = made();
    await clock.advance(250);
    await fail(4);
    expect(guard.status().state).toBe('closed');
    const last = down('the fifth');
    await fail(1, last);
    expect(guard.status()).toEqual({
      state: 'open',
      since: START + 250,
      lastCause: last,
      retryAt: START + 10_250,
    });
    const fault = await refusal(call());
    expect(fault).toMatchObject({ outcome: 'none', retryAt: START + 10_250, cause: last });
    expect(fault.message).toBe(
      'the circuit breaker of postgres has been open since 2024-01-01T00:00:00.250Z, after: the fifth',
    );
    expect(calls()).toBe(5);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('does not open by answers: lookups of what does not exist, conflicts, bad values, corrupt entries', async () => {
    const { guard, call, fail, steps } = made();
    for (let n = 0; n < 5; n++) await expect(guard(() => Promise.resolve([null]))).resolves.toEqual([null]);
    for (let n = 0; n < 5; n++)
      await expect(
        guard(() => Promise.resolve({ done: false, outcome: { status: 'conflict' } })),
      ).resolves.toBeDefined();
    await fail(20, new ValidationError('too long'));
    await fail(20, new CorruptEntryError('person', 'x', 'not a number'));
    await fail(20, new TypeError('a bug'));
    await expect(call()).resolves.toBe('answer');
    expect(guard.status()).toEqual({ state: 'closed', since: START, lastCause: undefined, retryAt: undefined });
    expect(steps()).toEqual([]);
    guard.close();
  });

  test('stays closed while no more than the threshold fails', async () => {
    const { guard, call, fail, steps } = made();
    for (let n = 0; n < 20; n++) {
      await call();
      await fail(1);
    }
    expect(steps()).toEqual([]);
    await fail(1);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('with a threshold of 100 opens when everything fails', async () => {
    const { guard, fail, steps } = made({ errorThresholdPercentage: 100 });
    await fail(5);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('opens after as many faults in a row as its volume threshold, however many successes are in its window', async () => {
    const { guard, call, fail, steps } = made();
    for (let n = 0; n < 1000; n++) await call();
    await fail(4);
    await call();
    await fail(4);
    expect(steps()).toEqual([]);
    await fail(1);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('forgets faults that lie further back than its window', async () => {
    const { clock, guard, fail, steps } = made();
    for (let n = 0; n < 10; n++) {
      await fail(2);
      await clock.advance(10_000);
    }
    expect(steps()).toEqual([]);
    await fail(5);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('counts calls that take longer than ten seconds each', async () => {
    const { clock, guard, steps } = made({ timeout: 30_000 });
    const timed = compose([guard, timeout(30_000, clock, 'postgres')]);
    const calls = Array.from({ length: 5 }, () => timed(() => gate().promise).catch((error) => error));
    await clock.advance(30_000);
    await Promise.all(calls);
    expect(steps()).toEqual(['closed > open']);
    guard.close();
  });

  test('takes timeouts for faults', async () => {
    const { clock, guard } = made();
    const timed = compose([guard, timeout(500, clock, 'postgres', { outcome: 'unknown', unknownFor: 1000 })]);
    const calls = Array.from({ length: 5 }, () => timed(() => gate().promise).catch((error) => error));
    await clock.advance(500);
    for (const fault of await Promise.all(calls)) expect(fault).toMatchObject({ outcome: 'unknown', unknownFor: 1000 });
    expect(guard.status()).toMatchObject({
      state: 'open',
      lastCause: { message: 'postgres did not answer within 500 ms' },
    });
    guard.close();
  });

  test('lets one call through after the reset timeout, and closes when it succeeds', async () => {
    const { clock, guard, call, fail, steps, calls } = made();
    await fail(5);
    await clock.advance(9_999);
    await refusal(call());
    await clock.advance(1);
    expect(guard.status().state).toBe('halfOpen');
    const probe = gate<string>();
    const probed = guard(() => probe.promise);
    const beside = await refusal(call());
    expect(beside.retryAt).toBe(START + 10_000);
    probe.open('back');
    await expect(probed).resolves.toBe('back');
    expect(guard.status()).toMatchObject({ state: 'closed', since: START + 10_000, retryAt: undefined });
    await expect(call()).resolves.toBe('answer');
    expect(calls()).toBe(6);
    expect(steps()).toEqual(['closed > open', 'open > halfOpen', 'halfOpen > closed']);
    expect(clock.pending).toBe(0);
    guard.close();
  });

  test('opens again when the probe fails, and says since when it has failed in all', async () => {
    const { clock, guard, call, fail, changes, steps } = made();
    await fail(5);
    await clock.advance(10_000);
    const still = down('still down');
    await expect(call(still)).rejects.toBe(still);
    expect(guard.status()).toEqual({ state: 'open', since: START, lastCause: still, retryAt: START + 20_000 });
    await refusal(call());
    await clock.advance(10_000);
    await expect(call()).resolves.toBe('answer');
    expect(steps()).toEqual([
      'closed > open',
      'open > halfOpen',
      'halfOpen > open',
      'open > halfOpen',
      'halfOpen > closed',
    ]);
    expect(changes.map((change) => change.since - START)).toEqual([0, 0, 0, 0, 20_000]);
    guard.close();
  });

  test('closes when the probe brings an answer that is an error', async () => {
    const { clock, guard, fail } = made();
    await fail(5);
    await clock.advance(10_000);
    await fail(1, new ValidationError('too long'));
    expect(guard.status().state).toBe('closed');
    guard.close();
  });

  test('does not open at the next fault after it closed because of those before', async () => {
    const { clock, guard, call, fail, steps } = made({ resetTimeout: 1000 });
    await fail(5);
    await clock.advance(1000);
    await call();
    await fail(3);
    expect(guard.status().state).toBe('closed');
    await fail(1);
    expect(guard.status().state).toBe('open');
    expect(steps().at(-1)).toBe('closed > open');
    guard.close();
  });

  test('decides by the probe alone, not by calls that were under way when it opened', async () => {
    const { clock, guard, fail, steps } = made();
    const [early, late] = [gate<string>(), gate<string>()];
    const underWay = [guard(() => early.promise), guard(() => late.promise)];
    await fail(3);
    expect(guard.status().state).toBe('open');
    await clock.advance(10_000);
    early.open('an old answer');
    await expect(underWay[0]).resolves.toBe('an old answer');
    expect(guard.status().state).toBe('halfOpen');
    const old = down('an old fault');
    late.fail(old);
    await expect(underWay[1]).rejects.toBe(old);
    expect(guard.status().state).toBe('halfOpen');
    expect(steps()).toEqual(['closed > open', 'open > halfOpen']);
    guard.close();
  });

  test('sends another probe when one never ends', async () => {
    const { clock, guard, call, fail, steps } = made();
    await fail(5);
    await clock.advance(10_000);
    const hung = gate<string>();
    const first = guard(() => hung.promise);
    await clock.advance(9_999);
    await refusal(call());
    await clock.advance(1);
    await expect(call()).resolves.toBe('answer');
    expect(guard.status().state).toBe('closed');
    hung.fail(down('much later'));
    await expect(first).rejects.toThrow('much later');
    expect(guard.status().state).toBe('closed');
    expect(steps()).toEqual(['closed > open', 'open > halfOpen', 'halfOpen > closed']);
    guard.close();
  });

  test('opens once for many calls that fail together', async () => {
    const { clock, guard, call, steps } = made();
    const failing = gate();
    const calls = Array.from({ length: 100 }, () => guard(() => failing.promise).catch((error) => error));
    failing.fail(down());
    await Promise.all(calls);
    expect(steps()).toEqual(['closed > open']);
    await clock.advance(10_000);
    await expect(call()).resolves.toBe('answer');
    guard.close();
  });

  test('lets the user say what a fault is', async () => {
    const { guard, fail } = made({ isFault: (error) => error instanceof TypeError });
    await fail(10, down());
    expect(guard.status().state).toBe('closed');
    await fail(5, new TypeError('mine'));
    expect(guard.status().state).toBe('open');
    guard.close();
  });

  test("goes by its own rule where the user's throws, and every call ends", async () => {
    const { guard, fail } = made({
      isFault: () => {
        throw new Error('broken rule');
      },
    });
    await fail(10, new ValidationError('too long'));
    expect(guard.status().state).toBe('closed');
    await fail(5, down());
    expect(guard.status().state).toBe('open');
    guard.close();
  });

  test('is not disturbed by a listener that throws', async () => {
    const { clock, guard, call, fail } = made({
      onState: () => {
        throw new Error('broken listener');
      },
    });
    await fail(5);
    await clock.advance(10_000);
    await expect(call()).resolves.toBe('answer');
    expect(guard.status().state).toBe('closed');
    guard.close();
  });

  test('rejects where a call throws at once', async () => {
    const { guard } = made();
    await expect(
      guard(() => {
        throw down('at once');
      }),
    ).rejects.toThrow('at once');
    guard.close();
  });

  test('is shared: what fails for one entity opens it for all', async () => {
    const { guard, fail } = made();
    const [people, cities] = [compose([guard]), compose([guard])];
    await fail(5);
    await refusal(people(() => Promise.resolve(1)));
    await refusal(cities(() => Promise.resolve(1)));
    guard.close();
  });

  test('after close lets everything through, tells nothing and has no timer', async () => {
    const { clock, guard, call, fail, steps } = made();
    const slow = gate<string>();
    const underWay = guard(() => slow.promise);
    await fail(4);
    expect(guard.status().state).toBe('open');
    guard.close();
    guard.close();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    await expect(call()).resolves.toBe('answer');
    await fail(10);
    slow.open('end');
    await expect(underWay).resolves.toBe('end');
    expect(steps()).toEqual(['closed > open']);
  });

  test('closed while half open leaves no timer of its probe', async () => {
    const { clock, guard, fail } = made();
    await fail(5);
    await clock.advance(10_000);
    const probe = gate<string>();
    const probed = guard(() => probe.promise);
    guard.close();
    expect(clock.pending).toBe(0);
    probe.open('end');
    await expect(probed).resolves.toBe('end');
    expect(await outcome(probed)).toBe('end');
  });

  test('keeps no process alive while it is open', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { guard, fail } = made({ clock: systemClock });
    await fail(5);
    expect(guard.status().state).toBe('open');
    expect(timers()).toBe(before);
    guard.close();
  });

  test('goes by the clock it was given and leaves no timer of opossum behind', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    try {
      const { guard, fail, steps } = made();
      const slow = gate<string>();
      const underWay = guard(() => slow.promise);
      await fail(4);
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(60_000);
      slow.open('late');
      await expect(underWay).resolves.toBe('late');
      expect(steps()).toEqual(['closed > open']);
      guard.close();
    } finally {
      jest.useRealTimers();
    }
  });
});
