import { expect, test } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
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
