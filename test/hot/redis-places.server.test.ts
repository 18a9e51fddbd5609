import { rm } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { Cluster } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { ClusterLink } from '../../src/hot/redis/cluster.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { freePort } from '../support/free-port.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { nameOf, RedisBench, schema } from './redis-bench.js';

const bench = new RedisBench();

const WELL = new Map([['', undefined]]);
const faultOf = async (store = bench.store) => (await store.places()).get('')?.error as StoreFault | undefined;

describe('one server', () => {
  test('is one place, of which every key is, and leaves nothing of being asked', async () => {
    expect(bench.store.place(schema, sampleKey('a'))).toBe('');
    expect(await bench.store.places()).toEqual(WELL);
    expect(await bench.raw.dbsize()).toBe(0);
  });

  test('that takes no writes for want of replicas is not well', async () => {
    await bench.raw.config('SET', 'min-replicas-to-write', '1');
    expect((await faultOf())?.message).toMatch(/NOREPLICAS/);
    await bench.raw.config('SET', 'min-replicas-to-write', '0');
    expect(await bench.store.places()).toEqual(WELL);
  });

  test('that takes no writes since it cannot save is not well', async () => {
    const failing = await bench.start({ args: ['--save', '3600', '1'] });
    const raw = bench.client(failing.url);
    const store = await bench.open(failing.url);
    await rm(failing.dir, { recursive: true });
    await raw.set('changed', '');
    await raw.bgsave();
    await until('saving has failed', async () => /rdb_last_bgsave_status:err/.test(await raw.info('persistence')));
    expect((await faultOf(store))?.message).toMatch(/MISCONF/);
    await failing.kill();
  });

  test('that is a replica is not well', async () => {
    const replica = await bench.start({ replicaOf: bench.server.port });
    const raw = bench.client(replica.url);
    const store = await bench.open(replica.url);
    await until('it is linked', async () => /master_link_status:up/.test(await raw.info('replication')));
    expect((await faultOf(store))?.message).toMatch(/READONLY/);
  });

  test('that is out of memory is well: entries can still be dropped', async () => {
    await bench.raw.config('SET', 'maxmemory', '1');
    expect(await bench.store.places()).toEqual(WELL);
  });

  test('that forgot its scripts is well', async () => {
    await bench.store.places();
    await bench.raw.script('FLUSH');
    expect(await bench.store.places()).toEqual(WELL);
  });

  test('that cannot be reached is not well until it can be', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    const store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    proxy.cut();
    await until('the break is noticed', async () => (await faultOf(store)) !== undefined);
    expect(await faultOf(store)).toBeInstanceOf(StoreFault);
    proxy.resume();
    await until('it is mended', async () => (await faultOf(store)) === undefined);
    await bench.closeLast();
    expect(await faultOf(store)).toBeInstanceOf(StoreFault);
    await proxy.stop();
  });
});

test('a cluster of which no node is known has no place for a key, and says so', async () => {
  const client = new Cluster([{ host: '127.0.0.1', port: await freePort() }], { lazyConnect: true });
  const link = new ClusterLink(client, 'here', true);
  const store = redisHotStore({ connection: link, namespace: 'test' });
  expect(store.place(schema, sampleKey('a'))).toBe('nobody');
  expect(await store.places()).toEqual(new Map([['nobody', { error: expect.any(StoreFault) }]]));
  await link.close();
});

describe('a scope', () => {
  const scope = async (url: string, namespace: string, keyPrefix?: string) => {
    const client = bench.client(url, keyPrefix === undefined ? {} : { keyPrefix });
    const link = await bench.link(client);
    return redisHotStore({ connection: link, namespace }).scope;
  };

  test('is what all keys of the store start with, and the database', async () => {
    const { url } = bench.server;
    expect(await scope(url, 'app')).toBe('app:');
    expect(await scope(url, '')).toBe('');
    expect(await scope(url, 'app', 'pre:')).toBe('pre:app:');
    expect(await scope(url, '', 'pre:app:')).toBe('pre:app:');
    expect(await scope(`${url}/3`, 'app')).toBe('app:{3}');
    expect(await scope(`${url}/3`, '')).not.toBe(await scope(url, '', '{3}'));
  });

  test('that would be long is short, and tells prefixes apart', async () => {
    const { url } = bench.server;
    const long = 'x'.repeat(300);
    const [a, b] = [await scope(url, `${long}a`), await scope(url, `${long}b`)];
    expect(a).not.toBe(b);
    expect(await scope(url, `${long}a`)).toBe(a);
    for (const one of [a, b]) expect(one.length).toBeLessThanOrEqual(255);
    expect(await scope(url, 'x'.repeat(254))).toBe(`${'x'.repeat(254)}:`);
  });
});

describe('looking at an entry', () => {
  test('that is no hash tells so, and leaves it', async () => {
    await bench.raw.set(nameOf('a'), 'x');
    expect(await bench.store.peek(schema, [sampleKey('a')])).toEqual([
      { state: 'corrupt', fact: 'it was a Redis string in place of a hash' },
    ]);
    expect(await bench.raw.get(nameOf('a'))).toBe('x');
  });

  test('that does not parse tells so, and leaves it', async () => {
    await bench.put('a', 'x');
    await bench.raw.hset(nameOf('a'), 'age', 'many');
    const before = await bench.raw.hgetall(nameOf('a'));
    expect(await bench.store.peek(schema, [sampleKey('a')])).toEqual([
      { state: 'corrupt', fact: expect.stringContaining('is not a stored') },
    ]);
    expect(await bench.raw.hgetall(nameOf('a'))).toEqual(before);
  });

  test('changes nothing, whatever its state', async () => {
    await bench.put('value', 'x');
    await bench.put('absent', null);
    await bench.read('filling');
    await bench.begin('written');
    await bench.put('over', 'x');
    await bench.begin('over');
    await bench.raw.hset(nameOf('foreign'), '~', 'x');
    const changes = async () =>
      Number(/rdb_changes_since_last_save:(\d+)/.exec(await bench.raw.info('persistence'))![1]);
    const before = await changes();
    const keys = ['value', 'absent', 'filling', 'written', 'over', 'foreign', 'none'].map((id) => sampleKey(id));
    expect((await bench.store.peek(schema, keys)).map(({ state }) => state)).toEqual(
      'value absent busy busy busy cold cold'.split(' '),
    );
    expect(await changes()).toBe(before);
  });

  test('on a Redis that cannot be reached, or is a replica, tells neither value nor absence', async () => {
    await bench.put('a', 'x');
    await bench.raw.config('SET', 'min-replicas-to-write', '1');
    const [refused] = await bench.store.peek(schema, [sampleKey('a')]);
    expect(refused).toEqual({ state: 'unreachable', error: expect.any(StoreFault) });
    await bench.raw.config('SET', 'min-replicas-to-write', '0');
    await bench.server.kill();
    const [lost] = await bench.store.peek(schema, [sampleKey('a')]);
    expect(lost).toEqual({ state: 'unreachable', error: expect.any(StoreFault) });
    await expect(bench.store.ids(schema)[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(StoreFault);
  });
});
