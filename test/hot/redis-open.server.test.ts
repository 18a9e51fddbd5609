import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { ValidationError } from '../../src/core/errors.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { freePort } from '../support/free-port.js';
import { pretendRedis } from '../support/pretend-redis.js';
import {
  type RedisCluster,
  type RedisServer,
  startCluster,
  startRedis,
  startSentinel,
} from '../support/redis-server.js';
import { startProxy } from '../support/tcp-proxy.js';

const PASSWORD = 'correct horse/battery@staple';
const schema = sampleSchema({ fields: { name: 'string' } });

/** What opening ends in. */
async function refusal(option: RedisConnection, timeout?: number): Promise<Error> {
  const error: unknown = await connectRedis(option, timeout === undefined ? {} : { timeout }).then(
    async (link) => {
      await link.close();
      return new Error('it was opened');
    },
    (error) => error,
  );
  expect(inspect(error, { depth: 10 })).not.toMatch(/wrong-password|battery/);
  return error as Error;
}

/** Writes and reads one entry, and says under which key it lies. */
async function roundTrip(option: RedisConnection): Promise<string> {
  const connection = await connectRedis(option);
  const namespace = `open-${randomBytes(4).toString('hex')}`;
  const store = redisHotStore({ connection, namespace });
  await store.open([schema]);
  const key = sampleKey('a');
  const value = sampleRow(schema, { name: 'Ann' });
  expect(await store.begin(schema, [key], 'w', 60_000)).toEqual([undefined]);
  expect(await store.commit(schema, [{ key, value, ttl: 60_000 }], 'w', 'set')).toEqual([undefined]);
  expect(await store.read(schema, [key], undefined, 'r')).toEqual([{ state: 'value', value }]);
  await store.close();
  await connection.close();
  return `${namespace}:sample:{a}`;
}

describe('opening Redis', () => {
  let server: RedisServer;
  let cluster: RedisCluster;

  beforeAll(async () => {
    [server, cluster] = await Promise.all([startRedis({ password: PASSWORD }), startCluster()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([server?.stop(), cluster?.stop()]);
  });

  test('takes a URL with a password and a database', async () => {
    const client = new Redis(`${server.url}/3`);
    const key = await roundTrip(`${server.url}/3`);
    expect(await client.exists(key)).toBe(1);
    client.disconnect();
  });

  test('takes a user and a password', async () => {
    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'ann', 'on', '>s@cret:1', '~*', '+@all');
    await roundTrip(`redis://ann:${encodeURIComponent('s@cret:1')}@127.0.0.1:${server.port}`);
    admin.disconnect();
  });

  test('takes an ioredis client, and leaves it open', async () => {
    const client = new Redis(server.url);
    await roundTrip(client);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  test('takes an ioredis client with ways of its own: lazy, with a key prefix, with numbers as texts, pipelining by itself', async () => {
    const client = new Redis(server.url, {
      lazyConnect: true,
      keyPrefix: 'pre:',
      stringNumbers: true,
      enableAutoPipelining: true,
    });
    const key = await roundTrip(client);
    expect(await client.exists(key)).toBe('1');
    const plain = new Redis(server.url);
    expect(await plain.exists(`pre:${key}`)).toBe(1);
    const link = await connectRedis(client);
    const found: string[] = [];
    for await (const keys of link.scan(key.replace(/[{}]/g, '\\$&'))) found.push(...keys);
    expect(found).toEqual([key]);
    plain.disconnect();
    client.disconnect();
  });

  test('takes the nodes of a cluster, and an ioredis Cluster with a key prefix', async () => {
    await roundTrip({ cluster: cluster.nodes });
    await roundTrip({ cluster: [`redis://127.0.0.1:${cluster.nodes[4]!.port}`] });
    for (const options of [{ keyPrefix: 'pre:' }, { redisOptions: { keyPrefix: 'pre:' } }]) {
      const client = new Cluster([...cluster.nodes], options);
      const key = await roundTrip(client);
      expect(await client.exists(key)).toBe(1);
      const plain = new Cluster([...cluster.nodes]);
      expect(await plain.exists(`pre:${key}`)).toBe(1);
      plain.disconnect();
      expect(await client.ping()).toBe('PONG');
      client.disconnect();
    }
  });

  test('tells where nobody listens', async () => {
    const port = await freePort();
    const error = await refusal(`redis://:wrong-password@127.0.0.1:${port}`);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error).toMatchObject({ outcome: 'none' });
    expect(error.message).toMatch(new RegExp(`^Redis at 127.0.0.1:${port} could not be opened: .*ECONNREFUSED`));
    expect((await refusal(`redis://localhost:${port}`)).message).toMatch(
      /localhost:\d+ could not be opened: .*ECONNREFUSED/,
    );
    expect((await refusal({ cluster: [{ host: '127.0.0.1', port }] })).message).toMatch(/could not be opened/);
    expect((await refusal({ sentinels: [{ host: '127.0.0.1', port }], name: 'main' })).message).toMatch(
      /could not be opened: All sentinels are unreachable/,
    );
  });

  test('tells of a wrong password, and of none, without showing it', async () => {
    const wrong = await refusal(`redis://:wrong-password@127.0.0.1:${server.port}`);
    expect(wrong).toBeInstanceOf(StoreFault);
    expect(wrong.message).toMatch(/could not be opened: WRONGPASS .*Give the right user and password/);
    const none = await refusal(`redis://127.0.0.1:${server.port}`);
    expect(none.message).toMatch(/could not be opened: NOAUTH .*Give the right user and password/);
  });

  test('tells of a database that there is not', async () => {
    const error = await refusal(`${server.url}/99`);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toMatch(/DB index is out of range/);
  });

  test('tells of a server that accepts and never answers', async () => {
    const proxy = await startProxy({ port: server.port });
    proxy.stall();
    const error = await refusal(`redis://:battery@127.0.0.1:${proxy.port}`, 300);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toMatch(/no answer within 300 ms/);
    await proxy.stop();
  });

  test('tells of a user who may not run scripts', async () => {
    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>s', '~*', '+@read', '+info', '+ping', '+client');
    const connection = await connectRedis(`redis://reader:s@127.0.0.1:${server.port}`);
    const opening = redisHotStore({ connection, namespace: 'open' }).open([schema]);
    await expect(opening).rejects.toBeInstanceOf(StoreFault);
    await expect(opening).rejects.toThrow(/NOPERM/);
    await connection.close();
    admin.disconnect();
  });

  test('tells that a node of a cluster was given as a single server, and what to give instead', async () => {
    const error = await refusal(`redis://127.0.0.1:${cluster.nodes[0]!.port}`);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toMatch(/is a node of a cluster.*Give \{ cluster: \['redis:\/\/127.0.0.1:\d+'\] \}/);
  });

  test('tells that a sentinel was given as a server, and what to give instead', async () => {
    const sentinel = await startSentinel();
    const error = await refusal(`redis://127.0.0.1:${sentinel.sentinels[0]!.port}`);
    await sentinel.stop();
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toMatch(/is a sentinel.*Give \{ sentinels/);
  }, 60_000);

  test('tells that a single server was given as a cluster', async () => {
    const error = await refusal({ cluster: [server.url] });
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toMatch(/cluster support disabled/);
  });

  test('tells that a server is too old', async () => {
    const old = await pretendRedis('redis_version:6.2.14\r\nredis_mode:standalone\r\n');
    const error = await refusal(`redis://127.0.0.1:${old.port}`);
    old.server.close();
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toMatch(/of version 6\.2\.14.*7\.0 or later/);
  });
});
