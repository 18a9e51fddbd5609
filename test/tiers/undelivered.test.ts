import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fenced } from '../support/fenced.js';
import { until } from '../support/until.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

describe('a write that the hot tier was not told of', () => {
  test('remembers no locks that were never taken, however often the key is written', async () => {
    const tiers = await make();
    tiers.hot.faults.down();
    for (let n = 0; n < 100; n++) await tiers.save(n);
    const abandoned = tiers.hot.faults.calls.abandon;
    tiers.hot.faults.up();
    await tiers.clock.advance(1000);
    await until('the entry is dropped', async () => (await tiers.hotState()) === 'fill');
    expect(tiers.hot.faults.calls.abandon).toBe(abandoned);
    expect(tiers.hot.faults.calls.drop).toBe(1);
  });

  test('does not set a value when its begin and its commit both arrive a second time', async () => {
    const tiers = await make();
    await tiers.save(0);
    const { store } = tiers.hot;
    // A client that sends again what it has no answer for: both steps were made, and are made once more after another write.
    let token = '';
    const begin = store.begin.bind(store);
    const sent: (() => Promise<unknown>)[] = [];
    const resends = {
      ...store,
      begin: async (...args: Parameters<typeof begin>) => {
        token = args[2];
        await begin(...args);
        sent.push(() => begin(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
      commit: async (...args: Parameters<typeof store.commit>) => {
        await store.commit(...args);
        sent.push(() => store.commit(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
      abandon: async (...args: Parameters<typeof store.abandon>) => {
        await store.abandon(...args);
        sent.push(() => store.abandon(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
    };
    const writer = tiers.another(() => resends);
    await writer.save(1);
    expect(token).not.toBe('');
    await tiers.save(2);
    for (const again of sent) await again();
    expect(await tiers.another().read()).toBe(2);
  });
});
