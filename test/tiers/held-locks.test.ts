import { expect, test } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { LockKeeper } from '../../src/tiers/held-locks.js';
import { fenced } from '../support/fenced.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

test('a lock stands for as long as its write is under way, however slow', async () => {
  const tiers = await make();
  const other = await tiers.another();
  await tiers.save(1);
  const gate = tiers.durable.faults.gate('write', 'after');
  const saving = tiers.save(2);
  await gate.reached;
  await tiers.clock.advance(60_000);
  expect(await other.read()).toBe(1);
  await other.save(3);
  expect(await tiers.hotState()).toBe('busy');
  gate.open();
  await saving;
  expect(await other.read()).toBe(3);
});

test('no lock is renewed when its write is over, nor is one of a write that is over at once', async () => {
  const tiers = await make();
  await tiers.save(1);
  await tiers.clock.advance(20_000);
  expect(tiers.hot.faults.calls.renew).toBe(0);
  const gate = tiers.durable.faults.gate('write', 'before');
  const saving = tiers.save(2);
  await gate.reached;
  await tiers.clock.advance(8000);
  const renewed = tiers.hot.faults.calls.renew;
  expect(renewed).toBeGreaterThan(0);
  gate.open();
  await saving;
  await tiers.clock.advance(60_000);
  expect(tiers.hot.faults.calls.renew).toBe(renewed);
});

test('the locks of hundreds of writes of one entry are renewed together', async () => {
  const tiers = await make();
  await tiers.save(0);
  tiers.durable.faults.hang();
  const saving = Array.from({ length: 300 }, (_, n) => tiers.save(n));
  await tiers.clock.advance(600);
  // Two turns: what is held at the first one is renewed from the second one on.
  expect(tiers.hot.faults.calls.renew).toBe(2);
  tiers.durable.faults.up();
  await Promise.all(saving);
  await tiers.save(1);
  expect(await tiers.hotState()).toBe(1);
});

test('locks are renewed in calls of a bounded size, those of one key next to each other', async () => {
  const clock = fakeClock();
  const hot = memoryHotStore({ clock });
  const renewed: { readonly ids: readonly string[]; readonly tokens: readonly string[] }[] = [];
  const keeper = new LockKeeper({
    clock,
    lockTime: 10_000,
    servedFor: 1000,
    hot: {
      ...hot,
      async renew(_, keys, tokens) {
        renewed.push({ ids: keys.map(({ id }) => id), tokens: tokens as readonly string[] });
        return keys.map(() => undefined);
      },
    },
  });
  const schema = sampleSchema();
  const held = Array.from({ length: 4500 }, (_, at) => ({
    token: `t${at}`,
    touched: new Map([[schema, [sampleKey(`k${at % 3}`), sampleKey(`own${at}`)]]]),
  }));
  for (const locks of held) keeper.hold(locks);
  await clock.advance(400);
  expect(renewed.map(({ ids }) => ids.length)).toEqual([2000, 2000, 2000, 2000, 1000]);
  const ids = renewed.flatMap((call) => call.ids);
  const tokens = renewed.flatMap((call) => call.tokens);
  expect(new Set(ids.map((id, at) => `${id} ${tokens[at]}`)).size).toBe(9000);
  for (const id of ['k0', 'k1', 'k2']) expect(ids.lastIndexOf(id) - ids.indexOf(id)).toBe(1499);
  expect(tokens[ids.indexOf('own7')]).toBe('t7');
});
