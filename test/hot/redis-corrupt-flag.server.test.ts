import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { HotStore } from '../../src/core/hot-store.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';

const schema = sampleSchema({ kind: 'flag' });
const key = sampleKey('a');
const COLD = { state: 'fill', token: 'r' };
const value = (seen: boolean) => ({ state: 'value', value: [seen] });
const LONG = 600_000;

let server: RedisServer;
let raw: Redis;
let subject: RedisSubject;
let name: string;

beforeAll(async () => {
  server = await startRedis();
  raw = new Redis(server.url);
  subject = await redisSubject(server.url);
  name = `${subject.namespace}:sample:{a}`;
});
beforeEach(() => raw.flushall());
afterAll(async () => {
  await subject?.link.close();
  raw?.disconnect();
  await server?.stop();
});

const begin = (token: string) => subject.store.begin(schema, [key], token, LONG);
const commit = (token: string, seen: boolean) =>
  subject.store.commit(schema, [{ key, value: [seen], ttl: LONG }], token, 'set');
const read = async (on: HotStore = subject.store) => (await on.read(schema, [key], undefined, 'r'))[0]!;
const put = async (seen: boolean) => {
  await begin('w');
  await commit('w', seen);
};

const makers: Record<string, () => Promise<unknown>> = {
  hash: () => raw.hset(name, '~', 'x'),
  list: () => raw.rpush(name, 'x'),
  set: () => raw.sadd(name, 'x'),
  zset: () => raw.zadd(name, 1, 'x'),
};

test.each(Object.keys(makers))('a %s in place of a flag is told as corrupt, and is gone', async (type) => {
  await makers[type]!();
  expect(await subject.store.peek(schema, [key])).toEqual([
    { state: 'corrupt', fact: `it was a Redis ${type} in place of a string` },
  ]);
  expect(await read()).toEqual({ state: 'corrupt', fact: `it was a Redis ${type} in place of a string` });
  expect(await raw.exists(name)).toBe(0);
  expect(await read()).toEqual(COLD);
});

test('what is of another type hinders no step, and is gone after it', async () => {
  const { store } = subject;
  for (const step of [
    () => begin('w'),
    () => store.renew(schema, [key], 'w', LONG),
    () => commit('w', true),
    () => store.abandon(schema, [key], 'w'),
    () => store.fill(schema, [{ key, value: [true], ttl: LONG }], 'w'),
    () => store.drop(schema, [key]),
  ]) {
    await raw.del(name);
    await makers.list!();
    expect(await step()).toEqual([undefined]);
    expect(['none', 'string']).toContain(await raw.type(name));
    expect((await read()).state).not.toBe('value');
  }
});

test('a flag that is neither true nor false is told as corrupt, and is gone', async () => {
  await put(true);
  await raw.setrange(name, 0, '-');
  expect(await read()).toEqual({ state: 'corrupt', fact: '"-" is not a stored boolean' });
  expect(await raw.exists(name)).toBe(0);
});

test('one that is being written leaves the lock, marked', async () => {
  await put(true);
  await begin('w1');
  await raw.setrange(name, 0, '7');
  expect(await read()).toMatchObject({ state: 'corrupt' });
  expect(await read()).toEqual({ state: 'busy' });
  await commit('w1', false);
  expect(await read()).toEqual(COLD);
});

test('one that has been replaced since it was read is not dropped', async () => {
  const proxy = await startProxy({ port: server.port });
  const link = await connectRedis(`redis://127.0.0.1:${proxy.port}`);
  const distant = redisHotStore({ connection: link, namespace: subject.namespace });
  await put(true);
  await read(distant);
  await raw.setrange(name, 0, '7');
  const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await raw.info('commandstats'))![1]);
  const before = await calls();
  proxy.stall('replies');
  const reading = read(distant);
  await until('the read has been run', async () => (await calls()) > before);
  await put(false);
  proxy.resume();
  expect(await reading).toMatchObject({ state: 'corrupt' });
  expect(await read()).toEqual(value(false));
  await link.close();
  await proxy.stop();
});

test('a text that has no marker, or one that nobody writes, is cold', async () => {
  const tag = (await raw.info('replication')).match(/master_replid:(.{8})/)![1]!;
  const mine = tag + schema.fingerprint;
  const other = `${'0'.repeat(8)}${schema.fingerprint}`;
  for (const text of ['', '1', 'x', '1P', `P${mine}`, `1L${mine}`, `1L${mine}p0`, `1P${mine}x`, `1P${other}`]) {
    await raw.set(name, text);
    expect(await read()).toEqual(COLD);
    await raw.set(name, text);
    await put(false);
    expect(await read()).toEqual(value(false));
  }
});
