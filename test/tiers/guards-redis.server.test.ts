import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisSubject, redisSubject, tidy } from '../hot/redis-subject.js';
import { startRedis } from '../support/redis-process.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { redisUrl } from '../support/urls.js';

let subject: RedisSubject;
let client: Redis;
beforeAll(async () => {
  client = new Redis(redisUrl);
  subject = await redisSubject(redisUrl);
});
afterAll(async () => {
  await tidy(subject, (key) => client.unlink(key));
  client.disconnect();
});

test('what another version of the class wrote leaves nothing in what is written over it', async () => {
  const { store } = subject;
  const fields = { name: 'string', age: 'integer' } as const;
  const before = sampleSchema({ fields });
  const now = sampleSchema({ fields, schema: { fingerprint: '0badf00d' } });
  const key = sampleKey('a');
  for (const [schema, values] of [
    [before, { name: 'old', age: 3 }],
    [now, { name: 'new' }],
  ] as const) {
    await store.begin(schema, [key], 'w', 60_000);
    await store.commit(schema, [{ key, value: sampleRow(schema, values), ttl: undefined }], 'w', 'set');
  }
  expect(await store.read(now, [key], undefined, 'r')).toEqual([
    { state: 'value', value: sampleRow(now, { name: 'new' }) },
  ]);
});

test('a user of Redis who may not drop entries is refused at open, and not trusted later', async () => {
  const server = await startRedis();
  const admin = new Redis(server.url);
  const user = (...rules: string[]) => admin.call('ACL', 'SETUSER', 'ann', 'on', '>s', '~*', '&*', '+@all', ...rules);
  await user();
  const { store, link } = await redisSubject(`redis://ann:s@127.0.0.1:${server.port}`);
  await store.open([]);
  expect([...(await store.places()).values()]).toEqual([undefined]);
  for (const command of ['hset', 'pexpire', 'del']) {
    await user(`-${command}`);
    await expect(store.open([])).rejects.toBeInstanceOf(StoreFault);
    expect([...(await store.places()).values()]).toEqual([{ error: expect.any(StoreFault) }]);
  }
  await link.close();
  admin.disconnect();
  await server.stop();
});

test('a step on a client that was given, and is not connected now, is refused, and not made later', async () => {
  const { hostname, port } = new URL(redisUrl);
  const proxy = await startProxy({ host: hostname, port: Number(port || 6379) });
  const given = new Redis(proxy.port, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  const { store, link, namespace } = await redisSubject(given);
  const schema = sampleSchema({ fields: { name: 'string' } });
  await store.open([schema]);
  proxy.cut();
  await until('it is not connected', () => given.status !== 'ready');
  expect(await store.begin(schema, [sampleKey('a')], 'w', 60_000)).toEqual([{ error: expect.any(StoreFault) }]);
  proxy.resume();
  await until('it is connected', () => given.status === 'ready');
  await given.ping();
  expect(await client.keys(`${namespace}:*`)).toEqual([]);
  await link.close();
  given.disconnect();
  await proxy.stop();
});
