import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { timeout } from '../../src/policies/timeout.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { gate, outcome } from './gate.js';

async function faultOf(promise: Promise<unknown>): Promise<StoreFault> {
  const error = await promise.catch((error) => error);
  expect(error).toBeInstanceOf(StoreFault);
  return error as StoreFault;
}

describe('timeout', () => {
  test('is off for 0 and for undefined', () => {
    expect(timeout(0, fakeClock(), 'postgres')).toBeUndefined();
    expect(timeout(undefined, fakeClock(), 'postgres')).toBeUndefined();
  });

  test('gives back what a call in time gives, and leaves no timer', async () => {
    const clock = fakeClock();
    const guard = timeout(500, clock, 'postgres')!;
    await expect(guard(() => Promise.resolve(7))).resolves.toBe(7);
    const error = new Error('refused');
    await expect(guard(() => Promise.reject(error))).rejects.toBe(error);
    expect(clock.pending).toBe(0);
  });

  test('rejects a read that takes longer as a fault that wrote nothing', async () => {
    const clock = fakeClock();
    const call = gate();
    const result = timeout(500, clock, 'postgres')!(() => call.promise);
    await clock.advance(499);
    expect(await outcome(result)).toBe('pending');
    const fault = faultOf(result);
    await clock.advance(1);
    expect(await fault).toMatchObject({
      message: 'postgres did not answer within 500 ms',
      outcome: 'none',
      unknownFor: 0,
      open: false,
    });
    call.open();
  });

  test('says of a write that its outcome is unknown, and for how long', async () => {
    const clock = fakeClock();
    const fault = faultOf(
      timeout(500, clock, 'postgres', { outcome: 'unknown', unknownFor: 2000 })!(() => gate().promise),
    );
    await clock.advance(500);
    expect(await fault).toMatchObject({ outcome: 'unknown', unknownFor: 2000 });
  });

  test('tells when the call that it gave up really ended', async () => {
    const clock = fakeClock();
    const call = gate<string>();
    const result = faultOf(timeout(500, clock, 'postgres')!(() => call.promise));
    await clock.advance(500);
    const { settled } = await result;
    expect(await outcome(settled!)).toBe('pending');
    call.open('late');
    await expect(settled).resolves.toBeUndefined();
  });

  test('tells of a late failure without an unhandled rejection', async () => {
    const clock = fakeClock();
    const call = gate<string>();
    const result = faultOf(timeout(500, clock, 'postgres')!(() => call.promise));
    await clock.advance(500);
    const { settled } = await result;
    const error = new Error('cancelled by the server');
    call.fail(error);
    await expect(settled).resolves.toBe(error);
  });

  test('rejects where the call throws at once', async () => {
    const clock = fakeClock();
    const error = new Error('at once');
    await expect(
      timeout(500, clock, 'postgres')!(() => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(clock.pending).toBe(0);
  });

  test('takes an answer that had arrived while the process itself was held up', async () => {
    const result = timeout(5, systemClock, 'postgres')!(
      () => new Promise((resolve) => setImmediate(resolve, 'answer')),
    );
    const until = Date.now() + 20;
    while (Date.now() < until);
    await expect(result).resolves.toBe('answer');
  });
});
