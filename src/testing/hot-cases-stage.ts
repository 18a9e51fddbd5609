import assert from 'node:assert/strict';
import type { HotFault } from '../core/hot-store.js';
import type { Key } from '../core/schema.js';
import { collectionCase, type HotCase, LONG, type Steps } from './hot-steps.js';
import { sampleKey } from './sample-schema.js';

const texts = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `t${index + from}`);

const stage = (at: Steps, key: Key, token: string, some: readonly string[]) =>
  at.store.stage(at.schema, key, at.members(some), token);

const fillStaged = (at: Steps, key: Key, token: string): Promise<readonly HotFault[]> =>
  at.store.fill(at.schema, [{ key, value: undefined, ttl: LONG, staged: true }], token);

/** Cases about large collections, which are put in place in several steps. */
export const stageCases: readonly HotCase[] = [
  collectionCase('what was put aside is hot when it is filled, and not before', async (at, key) => {
    await at.isCold(key, 'r');
    assert.equal(await stage(at, key, 'r', texts(3)), true);
    await at.isBusy(key);
    assert.equal(await stage(at, key, 'r', texts(3, 3)), true);
    assert.deepEqual(await fillStaged(at, key, 'r'), [undefined]);
    await at.isValue(key, texts(6));
  }),
  collectionCase('nothing is put aside without the right to fill', async (at, key) => {
    assert.equal(await stage(at, key, 'r', texts(3)), false);
    await at.isCold(key, 'r1');
    assert.equal(await stage(at, key, 'r2', texts(3)), false);
    await fillStaged(at, key, 'r2');
    await at.isBusy(key, 'r3');
    await at.begin(key, 'w');
    assert.equal(await stage(at, key, 'r1', texts(3)), false);
    assert.equal(await stage(at, key, 'w', texts(3)), false);
    await at.isBusy(key);
  }),
  collectionCase('what was put aside before a write does not come back after it', async (at, key) => {
    await at.isCold(key, 'r');
    assert.equal(await stage(at, key, 'r', texts(3)), true);
    await at.put(key, ['new']);
    assert.equal(await stage(at, key, 'r', texts(3, 3)), false);
    await fillStaged(at, key, 'r');
    await at.isValue(key, ['new']);
    await at.drop(key);
    await at.isCold(key, 'r2');
    assert.equal(await stage(at, key, 'r2', ['other']), true);
    await fillStaged(at, key, 'r2');
    await at.isValue(key, ['other']);
  }),
  collectionCase('of a fill that says it is staged, and of which nothing was, nothing is hot', async (at, key) => {
    await at.isCold(key, 'r');
    await fillStaged(at, key, 'r');
    await at.isCold(key, 'r2');
    assert.equal(await stage(at, key, 'r2', []), true);
    await fillStaged(at, key, 'r2');
    await at.isValue(key, []);
  }),
  slowCaseOf('putting aside lengthens the right to fill', async (at, key) => {
    await at.isCold(key, 'r');
    await at.pass(2000);
    assert.equal(await stage(at, key, 'r', texts(3)), true);
    await at.pass(2000);
    assert.equal(await stage(at, key, 'r', texts(3, 3)), true);
    await fillStaged(at, key, 'r');
    await at.isValue(key, texts(6));
  }),
  slowCaseOf('what was put aside and not used is gone', async (at, key) => {
    await at.isCold(key, 'r');
    assert.equal(await stage(at, key, 'r', texts(3)), true);
    await at.pass(3000);
    await fillStaged(at, key, 'r');
    await at.isCold(key, 'r');
    assert.equal(await stage(at, key, 'r', ['new']), true);
    await fillStaged(at, key, 'r');
    await at.isValue(key, ['new']);
  }),
  collectionCase('a large collection is written and filled whole', async (at) => {
    const [a, b] = [sampleKey('a'), sampleKey('b')];
    await at.put(a, texts(7000));
    await at.isValue(a, texts(7000));
    await at.put(a, texts(4500));
    await at.isValue(a, texts(4500));
    await at.isCold(b);
    await at.fill(b, 'reader', texts(4500));
    await at.isValue(b, texts(4500));
    await at.begin(a, 'w');
    await at.commitDelta(a, 'w', at.added('x'));
    await at.isValue(a, [...texts(4500), 'x']);
  }),
  collectionCase('a large collection is not set where others write it, nor filled over a write', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.commit(key, 'w1', texts(4500));
    await at.isBusy(key);
    await at.commit(key, 'w2', texts(4500));
    await at.isCold(key);
    await at.begin(key, 'w');
    await at.fill(key, 'reader', texts(4500));
    await at.isBusy(key);
    await at.commit(key, 'w', texts(4500), 'ifPresent');
    await at.isCold(key);
  }),
  collectionCase('long members are written and filled whole', async (at, key) => {
    const long = texts(30).map((text) => text.padEnd(100_000, 'é'));
    await at.put(key, long);
    await at.isValue(key, long);
  }),
];

function slowCaseOf(name: string, run: Parameters<typeof collectionCase>[1]): HotCase {
  return collectionCase(name, run, ['sorted-set']);
}
