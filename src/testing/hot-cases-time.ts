import assert from 'node:assert/strict';
import { type HotCase, LONG, NEW, OLD, slowCase } from './hot-steps.js';

// Long enough for a slow machine to take a few steps in it, where a case needs that it has not yet passed.
const SHORT = 300;

/** Cases about how long entries, locks and rights to fill live. */
export const timeCases: readonly HotCase[] = [
  slowCase('a value is cold after its ttl', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
    await at.fill(key, 'reader', NEW, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  slowCase('"absent" is cold after its ttl', async (at, key) => {
    await at.put(key, null, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  slowCase('a value without a ttl stays, also where there was one before', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    const entry = { key, value: at.row(NEW), ttl: undefined };
    assert.deepEqual(await at.store.commit(at.schema, [entry], 'w', 'set'), [undefined]);
    await at.pass(SHORT);
    await at.isValue(key, NEW);
  }),
  slowCase('a ttl of any length is taken', async (at, key) => {
    for (const ttl of [Number.MAX_VALUE, Number.POSITIVE_INFINITY, 2 ** 53, 1e15, 1000.5 * 1000]) {
      await at.put(key, OLD, ttl);
      await at.isValue(key, OLD);
    }
  }),
  slowCase('a value that ends while it is being written is not served after its end', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW, 'ifPresent');
    await at.isCold(key);
  }),
  slowCase('a write outlives the end of the value under it', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    await at.pass(SHORT);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  slowCase('a right to fill that is not used goes to another in time', async (at, key) => {
    await at.isCold(key, 'r1');
    await at.pass(3000);
    await at.isCold(key, 'r2');
    await at.fill(key, 'r1', OLD);
    await at.isBusy(key);
    await at.fill(key, 'r2', NEW);
    await at.isValue(key, NEW);
  }),
  slowCase('a lock ends in time, and takes with it what lay under it', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w', SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  slowCase('a renewed lock holds on', async (at, key) => {
    // Sent together, so that the lock cannot end between the two.
    await Promise.all([at.begin(key, 'w', SHORT), at.renew(key, 'w', LONG)]);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  slowCase('renewing never shortens a lock', async (at, key) => {
    await at.begin(key, 'w', LONG);
    await at.renew(key, 'w', SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  slowCase('joining never shortens a lock', async (at, key) => {
    await at.begin(key, 'w1', LONG);
    await at.begin(key, 'w2', SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  slowCase('renewing a lock that is lost does nothing', async (at, key) => {
    await at.renew(key, 'w', LONG);
    await at.isCold(key);
    await at.drop(key);
    await at.put(key, OLD, SHORT);
    await at.renew(key, 'putter', LONG);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  slowCase('renewing does not lengthen the lock of others', async (at, key) => {
    await at.begin(key, 'w1', SHORT);
    await at.renew(key, 'w2', LONG);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
];
