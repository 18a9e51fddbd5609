import { expect, test } from '@jest/globals';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import { keyOf } from '../../src/core/key-text.js';
import { Members } from '../../src/core/members.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import type { Guard } from '../../src/policies/guard.js';
import { guardedDriver, guardedHot } from '../../src/tiers/guarded.js';
import { playlistSchema } from '../support/playlist.js';

test('what puts a large collection in place goes past the guard of steps, and through one that gives it time', async () => {
  const calls: string[] = [];
  const noting =
    (name: string): Guard =>
    (run) => {
      calls.push(name);
      return run();
    };
  const hot = guardedHot(memoryHotStore(), () => noting('step'), noting('long'));
  const schema = playlistSchema();
  const entry = (size: number) => {
    const members = Members.of(
      'sorted-set',
      Array.from({ length: size }, (_, score) => ({ text: `t${score}`, score })),
    );
    return { key: keyOf(['k']), value: [members], ttl: undefined };
  };
  await hot.commit(schema, [entry(2000)], 't', 'set');
  await hot.commit(schema, [entry(2001)], 't', 'set');
  await hot.fill(schema, [entry(5)], 't');
  await hot.fill(schema, [entry(5000)], 't');
  await hot.fill(schema, [{ ...entry(0), value: null }], 't');
  await hot.commit(schema, [{ key: keyOf(['k']), deltas: [] }], 't', 'set');
  expect(calls).toEqual(['step', 'long', 'step', 'long', 'step', 'step']);
});

test('a store that goes through all it has to count it is given the time for that', async () => {
  const schema = playlistSchema();
  const calls: string[] = [];
  for (const countsByScan of [true, false]) {
    const guard: Guard = (run) => {
      calls.push(`guarded: ${countsByScan}`);
      return run();
    };
    const capabilities = { transactions: true, ttl: true, shared: true, nul: true, countsByScan };
    const driver = {
      name: 'counting',
      capabilities,
      count: async () => 3,
    } as Partial<FallbackDriver> as FallbackDriver;
    expect(await guardedDriver(driver, { read: () => guard, write: () => guard }).count(schema)).toBe(3);
  }
  expect(calls).toEqual(['guarded: false']);
});
