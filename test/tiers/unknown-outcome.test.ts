import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fenced } from '../support/fenced.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

/** A statement that was given up, and what lets it end. */
function statement(unknownFor: number) {
  let end = (_error?: unknown) => {};
  const settled = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  return { end, fault: new StoreFault('gave no answer', 'unknown', { unknownFor, settled }) };
}

describe('a write of unknown outcome', () => {
  test('that lands later than it may leaves nothing older hot', async () => {
    const tiers = await make();
    await tiers.save(1);
    const late = statement(5000);
    tiers.durable.faults.failNext('write', late.fault);
    await expect(tiers.save(2)).rejects.toMatchObject({ outcomeUnknown: true });
    await tiers.clock.advance(5001);
    expect(await tiers.hotState()).toBe('fill');
    await tiers.store.close();
    expect(await (await tiers.another()).read()).toBe(1);
    await tiers.durable.driver.write([
      { schema: tiers.schema, key: tiers.key, change: { type: 'put', row: [2] } as never },
    ]);
    late.end();
    await tiers.clock.advance(0);
    expect(await (await tiers.another()).read()).toBe(2);
  });

  test('keeps its lock though a renewal of it did not reach the hot tier', async () => {
    const tiers = await make();
    await tiers.save(1);
    const late = statement(60_000);
    tiers.durable.faults.failNext('write', late.fault);
    await expect(tiers.save(2)).rejects.toMatchObject({ outcomeUnknown: true });
    tiers.hot.faults.failNext('renew', new StoreFault('cut', 'unknown'));
    await tiers.clock.advance(410);
    expect(tiers.hot.faults.calls.renew).toBe(1);
    await tiers.clock.advance(1000);
    const other = await tiers.another();
    await other.save(3);
    // Both were in the lock: neither value may be hot before the durable store has been asked.
    expect(await tiers.hotState()).toBe('busy');
    late.end();
    await tiers.store.close();
    expect(await other.read()).toBe(3);
  });

  test('releases its lock though what tells of its end fails', async () => {
    const tiers = await make();
    await tiers.save(1);
    const fault = new StoreFault('gave no answer', 'unknown', {
      unknownFor: 60_000,
      settled: Promise.reject(new Error('of a driver that does not keep to its contract')),
    });
    tiers.durable.faults.failNext('write', fault);
    await expect(tiers.save(2)).rejects.toMatchObject({ outcomeUnknown: true });
    await tiers.store.close();
    expect(await tiers.hotState()).toBe('fill');
  });
});
