import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { connectRedis } from '../../src/hot/redis/connect.js';
import { luaScript } from '../../src/hot/redis/script.js';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisSentinel, startSentinel } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';

describe('the hot store on a master that Sentinel names', () => {
  let sentinel: RedisSentinel;
  let subject: RedisSubject;

  beforeAll(async () => {
    sentinel = await startSentinel();
    subject = await redisSubject({ sentinels: sentinel.sentinels, name: sentinel.name });
  }, 60_000);
  afterAll(async () => {
    await subject?.link.close();
    await sentinel?.stop();
  });

  test('is found where the sentinel that is asked first accepts and never answers', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const sentinels = [{ host: '127.0.0.1', port }, ...sentinel.sentinels];
    const link = await connectRedis({ sentinels, name: sentinel.name });
    expect((await link.run([{ script: luaScript('return 1'), keys: [], args: [] }]))[0]).toEqual({ reply: 1 });
    await link.close();
    silent.close();
  }, 20_000);

  for (const { name, run } of hotStoreConformance()) test(name, () => run(subject));
});

test('a master that fails is replaced by the one that Sentinel names, where all is cold at first', async () => {
  const schema = sampleSchema({ fields: { name: 'string' } });
  const key = sampleKey('a');
  const value = sampleRow(schema, { name: 'x' });
  const sentinel = await startSentinel();
  const { link, store } = await redisSubject({ sentinels: sentinel.sentinels, name: sentinel.name });
  const put = async () => {
    const begun = await store.begin(schema, [key], 'w', 60_000);
    return [...begun, ...(await store.commit(schema, [{ key, value, ttl: undefined }], 'w', 'set'))];
  };
  const read = async () => (await store.read(schema, [key], undefined, 'r'))[0]!;

  expect(await put()).toEqual([undefined, undefined]);
  const master = new Redis(sentinel.servers[0]!.url, { retryStrategy: () => null });
  await master.set('last', 'write');
  await master.wait(2, 0);
  master.disconnect();
  await sentinel.servers[0]!.kill();
  await until('the loss is noticed', async () => (await read()).state === 'unreachable');
  await until('another master serves', async () => (await read()).state !== 'unreachable');
  expect(await read()).toEqual({ state: 'fill', token: 'r' });
  expect(await put()).toEqual([undefined, undefined]);
  expect(await read()).toEqual({ state: 'value', value });
  await link.close();
  await sentinel.stop();
}, 60_000);
