import { expect, test } from '@jest/globals';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { nameOf, RedisBench, schema } from './redis-bench.js';

const bench = new RedisBench();

const begin = (token: string, lockTime: number) => bench.store.begin(schema, [sampleKey('a')], token, lockTime);
/** The writers of the lock, as the marker has them. */
const writers = async () => (await bench.raw.hget(nameOf('a'), '~'))!.replace(/^L.*\|/, '');
const end = () => bench.raw.pexpiretime(nameOf('a'));

test('a writer alone has the end of the key; with others each has his own, and the key the last of them', async () => {
  await begin('w1', 600_000);
  expect(await writers()).toBe('w1');
  const first = await end();
  await begin('w2', 300_000);
  const [, second] = /^w1@\d+,w2@(\d+)!$/.exec(await writers())!;
  expect(await writers()).toBe(`w1@${first},w2@${second}!`);
  expect(await end()).toBe(first);
  expect(Number(second)).toBeLessThan(first);
  await bench.commit('a', 'x', 'w1');
  expect(await writers()).toBe('w2!');
  expect(await end()).toBe(Number(second));
});

test('a lock that never is without writers keeps no token of those who have ended', async () => {
  await begin('w0', 600_000);
  for (let at = 1; at <= 50; at++) {
    await begin(`dead${at}`, 0);
    await begin(`w${at}`, 600_000);
    await bench.commit('a', 'x', `w${at - 1}`);
  }
  expect(await writers()).toBe('w50!');
});
