import { describe, expect, test } from '@jest/globals';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { COLD, nameOf, RedisBench, schema, value } from './redis-bench.js';

const bench = new RedisBench();

describe('what lies under a key', () => {
  const makers: Record<string, (name: string) => Promise<unknown>> = {
    string: (name) => bench.raw.set(name, 'x'),
    list: (name) => bench.raw.rpush(name, 'x'),
    set: (name) => bench.raw.sadd(name, 'x'),
    zset: (name) => bench.raw.zadd(name, 1, 'x'),
    stream: (name) => bench.raw.xadd(name, '*', 'a', 'b'),
  };

  test.each(Object.keys(makers))('and is a %s is told as corrupt, and is gone', async (type) => {
    await makers[type]!(nameOf('a'));
    expect(await bench.read('a')).toEqual({ state: 'corrupt', fact: `it was a Redis ${type} in place of a hash` });
    expect(await bench.raw.exists(nameOf('a'))).toBe(0);
    expect(await bench.read('a')).toEqual(COLD);
  });

  test('and is no hash does not hinder any step, nor the other keys of a call', async () => {
    await bench.put('b', 'x');
    for (const step of Object.values(bench.steps)) {
      await bench.raw.del(nameOf('a'));
      await bench.raw.set(nameOf('a'), 'x');
      await step();
      expect(['none', 'hash']).toContain(await bench.raw.type(nameOf('a')));
    }
    await bench.raw.del(nameOf('a'));
    await bench.raw.set(nameOf('a'), 'x');
    const replies = await bench.store.read(schema, [sampleKey('a'), sampleKey('b')], undefined, 'r');
    expect(replies).toEqual([{ state: 'corrupt', fact: expect.any(String) }, value('x')]);
  });

  test('and does not parse is told as corrupt, and is gone', async () => {
    for (const [field, text] of [
      ['age', 'many'],
      ['age', ''],
      ['tags', '{'],
      ['age', '\0\0'],
    ] as const) {
      await bench.put('a', 'x');
      await bench.raw.hset(nameOf('a'), field, text);
      expect(await bench.read('a')).toEqual({ state: 'corrupt', fact: expect.stringContaining('is not a stored') });
      expect(await bench.raw.exists(nameOf('a'))).toBe(0);
      expect(await bench.read('a')).toEqual(COLD);
    }
  });

  test('and does not parse is told where the broken field is asked for, not where it is not', async () => {
    await bench.put('a', 'x');
    await bench.raw.hset(nameOf('a'), 'age', 'many');
    expect(await bench.store.read(schema, [sampleKey('a')], [[0]], 'r')).toEqual([value('x')]);
    expect(await bench.store.read(schema, [sampleKey('a')], [[1]], 'r')).toEqual([
      { state: 'corrupt', fact: expect.any(String) },
    ]);
    expect(await bench.raw.exists(nameOf('a'))).toBe(0);
  });

  test('and does not parse while it is being written leaves the lock, marked', async () => {
    await bench.put('a', 'x');
    await bench.begin('a', 'w1');
    await bench.raw.hset(nameOf('a'), 'age', 'many');
    expect(await bench.read('a')).toMatchObject({ state: 'corrupt' });
    expect(await bench.read('a')).toEqual({ state: 'busy' });
    await bench.commit('a', 'new', 'w1');
    expect(await bench.read('a')).toEqual(COLD);
  });

  test('and did not parse is not dropped where it has been replaced since', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    const distant = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    await bench.put('a', 'x');
    await bench.read('a', 'r', distant);
    await bench.raw.hset(nameOf('a'), 'age', 'many');
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await bench.raw.info('commandstats'))![1]);
    const before = await calls();
    proxy.stall('replies');
    const reading = bench.read('a', 'r', distant);
    await until('the read has been run', async () => (await calls()) > before);
    await bench.put('a', 'new');
    proxy.resume();
    expect(await reading).toMatchObject({ state: 'corrupt' });
    expect(await bench.read('a')).toEqual(value('new'));
    await proxy.stop();
  });

  test('and has no marker, or one that nobody writes, is cold', async () => {
    const tag = (await bench.raw.info('replication')).match(/master_replid:(.{8})/)![1]!;
    const mine = tag + schema.fingerprint;
    for (const marker of [
      undefined,
      '',
      'x',
      'P',
      'PP',
      `L${mine}`,
      `L${mine}p0`,
      `P${mine}x`,
      `X${mine}`,
      `P${'0'.repeat(8)}${schema.fingerprint}`,
    ]) {
      for (const step of ['read', ...Object.keys(bench.steps)]) {
        await bench.raw.del(nameOf('a'));
        await bench.raw.hset(nameOf('a'), { name: 'foreign', ...(marker === undefined ? {} : { '~': marker }) });
        for (const answer of await bench.steps[step]!())
          if (answer !== undefined) expect(answer).toEqual({ state: 'fill', token: 't' });
        expect((await bench.read('a', 'other')).state).not.toBe('value');
      }
    }
  });
});
