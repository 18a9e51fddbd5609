import assert from 'node:assert/strict';
import type { HotReply } from '../core/hot-store.js';
import { type HotCase, hotCase, NEW, OLD } from './hot-steps.js';
import { sampleKey } from './sample-schema.js';

/** Cases about readers: who fills a cold entry, and what keeps a fill from putting an old value back. */
export const fillCases: readonly HotCase[] = [
  hotCase('a cold entry gives the right to fill to the first who asks', async (at, key) => {
    await at.isCold(key, 'r1');
    await at.isBusy(key, 'r2');
    await at.fill(key, 'r1', OLD);
    await at.isValue(key, OLD);
  }),
  hotCase('a fill of null is served as absent', async (at, key) => {
    await at.isCold(key);
    await at.fill(key, 'reader', null);
    await at.isAbsent(key);
  }),
  hotCase('a fill under a token that does not hold the right does nothing', async (at, key) => {
    await at.fill(key, 'r1', OLD);
    await at.isCold(key, 'r2');
    await at.fill(key, 'r1', OLD);
    await at.isBusy(key);
    await at.fill(key, 'r2', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('a second fill under the same token does nothing', async (at, key) => {
    await at.isCold(key);
    await at.fill(key, 'reader', NEW);
    await at.fill(key, 'reader', OLD);
    await at.isValue(key, NEW);
  }),
  hotCase('a read that arrives twice keeps its right to fill', async (at, key) => {
    await at.isCold(key, 'r1');
    await at.isCold(key, 'r1');
    await at.fill(key, 'r1', OLD);
    await at.isValue(key, OLD);
  }),
  hotCase('a fill that began before a write never puts the old value back', async (at, key) => {
    await at.isCold(key);
    await at.begin(key, 'w');
    await at.fill(key, 'reader', OLD);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW);
    await at.fill(key, 'reader', OLD);
    await at.isValue(key, NEW);
  }),
  hotCase('a fill that began before a deletion never puts the value back', async (at, key) => {
    await at.isCold(key);
    await at.begin(key, 'w');
    await at.commit(key, 'w', null);
    await at.fill(key, 'reader', OLD);
    await at.isAbsent(key);
  }),
  hotCase('a fill that began before a drop does nothing', async (at, key) => {
    await at.isCold(key);
    await at.drop(key);
    await at.fill(key, 'reader', OLD);
    await at.isCold(key);
  }),
  hotCase('a fill that began before a write was given up does nothing', async (at, key) => {
    await at.isCold(key, 'r1');
    await at.begin(key, 'w');
    await at.abandon(key, 'w');
    await at.fill(key, 'r1', OLD);
    await at.isCold(key, 'r2');
  }),
  hotCase('a write whose lock was never taken drops the fill that is under way', async (at, key) => {
    await at.isCold(key);
    await at.commit(key, 'w', NEW);
    await at.fill(key, 'reader', OLD);
    await at.isCold(key);
  }),
  hotCase('a fill in the middle of a write that others joined does nothing', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.isBusy(key);
    await at.fill(key, 'reader', OLD);
    await at.isBusy(key);
  }),
  hotCase('a reader of many keys gets each answer in its place', async (at) => {
    const keys = Array.from({ length: 1203 }, (_, index) => sampleKey(String(index)));
    const samples = [OLD, NEW] as const;
    const kept = keys.filter((_, index) => index % 3 === 0);
    const gone = keys.filter((_, index) => index % 3 === 1);
    const written = (list: typeof keys) =>
      list.map((key, index) => ({ key, value: list === kept ? at.row(samples[index % 2]!) : null, ttl: undefined }));
    for (const list of [kept, gone]) {
      await at.store.begin(at.schema, list, 'w', 600_000);
      const faults = await at.store.commit(at.schema, written(list), 'w', 'set');
      assert.deepEqual(
        faults,
        list.map(() => undefined),
      );
    }
    const replies = await at.store.read(at.schema, keys, undefined, 'reader');
    assert.equal(replies.length, keys.length);
    replies.forEach((reply, index) => {
      const wanted = [
        { state: 'value', value: at.row(samples[Math.floor(index / 3) % 2]!) },
        { state: 'absent' },
        { state: 'fill', token: 'reader' },
      ][index % 3];
      assert.deepEqual(at.shown(reply), at.shown(wanted as HotReply));
    });
  }),
  hotCase('the same key twice in one read is answered alike', async (at, key) => {
    const replies = await at.store.read(at.schema, [key, key], undefined, 'reader');
    assert.deepEqual(replies, [
      { state: 'fill', token: 'reader' },
      { state: 'fill', token: 'reader' },
    ]);
  }),
  hotCase('no keys cost nothing and answer nothing', async (at) => {
    assert.deepEqual(await at.store.read(at.schema, [], undefined, 't'), []);
    assert.deepEqual(await at.store.begin(at.schema, [], 't', 1000), []);
    assert.deepEqual(await at.store.renew(at.schema, [], 't', 1000), []);
    assert.deepEqual(await at.store.commit(at.schema, [], 't', 'set'), []);
    assert.deepEqual(await at.store.abandon(at.schema, [], 't'), []);
    assert.deepEqual(await at.store.fill(at.schema, [], 't'), []);
    assert.deepEqual(await at.store.abandon(at.schema, [], []), []);
    assert.deepEqual(await at.store.drop(at.schema, []), []);
    assert.deepEqual(await at.store.peek(at.schema, []), []);
  }),
];
