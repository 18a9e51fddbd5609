import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import {
  Cached,
  Entity,
  Fallback,
  Field,
  Holdfast,
  type HoldfastOptions,
  Key,
  RedisHash,
  StoreUnavailableError,
  ValidationError,
} from '../../src/index.js';
import { memoryDriver } from '../../src/testing.js';
import { freePort } from '../support/free-port.js';
import { pretendRedis } from '../support/pretend-redis.js';
import { type RedisServer, startCluster, startRedis, startSentinel } from '../support/redis-server.js';
import { temporaryFolder } from '../support/server-process.js';
import { until } from '../support/until.js';

@Entity()
@RedisHash()
@Fallback('home')
class Note {
  @Key() id!: string;
  @Field() n!: number;
}

@Entity()
@RedisHash()
@Fallback('home')
@Cached({ max: 100, ttl: '1h' })
class Kept {
  @Key() id!: string;
  @Field() n!: number;
}

@Entity()
@RedisHash()
class Alone {
  @Key() id!: string;
  @Field() n!: number;
}

const NAMESPACE = 'away';

const later: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of later.splice(0).reverse()) await step();
});

const lines: string[] = [];
const line = (text: string) => void lines.push(text);
const logger = { info: line, warn: line, error: line };

/** A process of its own, on the database that all share. */
async function open(options: Partial<HoldfastOptions>): Promise<Holdfast> {
  lines.length = 0;
  const holdfast = await Holdfast.open({
    entities: [Note, Alone],
    namespace: NAMESPACE,
    synchronize: true,
    repairInterval: 100,
    logger,
    openWithoutRedis: true,
    ...options,
  });
  later.push(() => holdfast.close());
  return holdfast;
}

async function database(): Promise<Record<string, string>> {
  const dir = await temporaryFolder('away');
  later.push(() => rm(dir, { recursive: true }));
  return { home: `sqlite:${dir}/home.db` };
}

const isUp = (holdfast: Holdfast) => until('Redis is trusted', () => holdfast.health().state === 'up');

async function restarted({ port, dir }: RedisServer, args: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ port, dir, args });
  later.push(() => server.stop());
  return server;
}

/** What opening ends in. */
const refusal = (options: Partial<HoldfastOptions>): Promise<unknown> =>
  open(options).then(
    () => new Error('it was opened'),
    (error: unknown) => error,
  );

describe('A process that starts while Redis is away', () => {
  const WAYS: Readonly<Record<string, (server: RedisServer) => NonNullable<HoldfastOptions['redis']>>> = {
    'by a URL': ({ url }) => url,
    "with a client of the application's own": ({ port }) => {
      const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: 0 });
      client.on('error', () => undefined);
      later.push(() => client.disconnect());
      return client;
    },
    'with a client that queues and sends again': ({ port }) => {
      const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
      client.on('error', () => undefined);
      later.push(() => client.disconnect());
      return client;
    },
  };

  test.each(Object.entries(WAYS))(
    '%s reads and writes, and serves nothing old when Redis is back with old data',
    async (_, way) => {
      const keep = ['--save', '3600 1'];
      const first = await startRedis({ args: keep });
      later.push(() => first.stop());
      const fallbacks = await database();
      const before = await open({ redis: first.url, fallbacks });
      for (const id of ['a', 'b', 'c']) await before.repository(Note).save({ id, n: 1 });
      await before.repository(Alone).save({ id: 'a', n: 1 });
      const raw = new Redis(first.url);
      await raw.save();
      raw.disconnect();
      await before.close();
      await first.kill();

      const holdfast = await open({ redis: way(first), fallbacks });
      const notes = holdfast.repository(Note);
      expect(holdfast.health()).toMatchObject({
        state: 'down',
        tiers: expect.arrayContaining([expect.objectContaining({ tier: 'redis', role: 'hot', state: 'down' })]),
      });
      expect(lines.filter((text) => /^holdfast: redis does not answer/.test(text))).toHaveLength(1);
      expect(await notes.find('a')).toMatchObject({ n: 1 });
      await notes.save({ id: 'a', n: 2 });
      expect(await notes.delete('b')).toBe(true);
      expect(await notes.find('a')).toMatchObject({ n: 2 });
      expect(await notes.find('b')).toBe(undefined);
      await expect(holdfast.repository(Alone).find('a')).rejects.toBeInstanceOf(StoreUnavailableError);

      await restarted(first, keep);
      const old = new Redis(first.url);
      later.push(() => old.disconnect());
      await until(
        'the entity without a fallback is there',
        async () => (await holdfast.repository(Alone).find('a'))?.n === 1,
      );
      await isUp(holdfast);
      expect(await notes.findMany(['a', 'b', 'c'])).toMatchObject([{ n: 2 }, undefined, { n: 1 }]);
      expect(await notes.find('a')).toMatchObject({ n: 2 });
      expect(await old.hget(`${NAMESPACE}:note:{a}`, 'n')).toBe('2');
      expect(await holdfast.verify(Note)).toMatchObject({ differing: 0 });
    },
    40_000,
  );

  test('has kept for the others what it wrote, when it ends before Redis is back', async () => {
    const server = await startRedis({ args: ['--save', '3600 1'] });
    later.push(() => server.stop());
    const fallbacks = await database();
    const before = await open({ redis: server.url, fallbacks, entities: [Note] });
    await before.repository(Note).save({ id: 'a', n: 1 });
    const raw = new Redis(server.url);
    await raw.save();
    raw.disconnect();
    await server.kill();
    const started = await open({ redis: server.url, fallbacks, entities: [Note] });
    await started.repository(Note).save({ id: 'a', n: 2 });
    await started.close();
    await restarted(server);
    await isUp(before);
    expect(await before.repository(Note).find('a')).toMatchObject({ n: 2 });
  }, 40_000);

  test('hears from others what they write, from when Redis is there', async () => {
    const port = await freePort();
    const fallbacks = await database();
    const redis = `redis://127.0.0.1:${port}`;
    const entities = [Kept];
    const one = await open({ redis, fallbacks, entities });
    expect(one.health().invalidation).toMatchObject({ state: 'down', cause: expect.any(Error) });
    expect(lines.filter((text) => /the invalidation channel is broken/.test(text))).toHaveLength(1);
    const server = await startRedis({ port });
    later.push(() => server.stop());
    await isUp(one);
    expect(one.health().invalidation).toMatchObject({ state: 'up' });
    const other = await open({ redis, fallbacks, entities });
    await other.repository(Kept).save({ id: 'a', n: 1 });
    expect(await one.repository(Kept).find('a')).toMatchObject({ n: 1 });
    await other.repository(Kept).save({ id: 'a', n: 2 });
    await until('it heard of it', async () => (await one.repository(Kept).find('a'))?.n === 2);
  }, 40_000);

  test('on Sentinel', async () => {
    const { sentinels, name, servers, stop } = await startSentinel();
    later.push(stop);
    for (const server of servers) await server.kill();
    const holdfast = await open({ redis: { sentinels, name }, fallbacks: await database(), entities: [Note] });
    await holdfast.repository(Note).save({ id: 'a', n: 1 });
    expect(holdfast.health().tiers).toContainEqual(expect.objectContaining({ role: 'hot', state: 'down' }));
    await restarted(servers[0]!);
    await isUp(holdfast);
    await holdfast.repository(Note).save({ id: 'a', n: 2 });
    expect(await holdfast.verify(Note)).toMatchObject({ agreeing: 1, differing: 0 });
  }, 60_000);

  test('on a cluster', async () => {
    const cluster = await startCluster();
    later.push(() => cluster.stop());
    for (const server of cluster.servers) await server.kill();
    const client = new Cluster([...cluster.nodes], { clusterRetryStrategy: () => 50, slotsRefreshTimeout: 1000 });
    client.on('error', () => undefined);
    later.push(() => client.disconnect());
    for (const redis of [{ cluster: cluster.nodes }, client]) {
      const holdfast = await open({ redis, fallbacks: await database(), entities: [Note] });
      const notes = holdfast.repository(Note);
      const ids = Array.from({ length: 20 }, (_, index) => `k${index}`);
      await notes.save(ids.map((id) => ({ id, n: 1 })));
      expect(await notes.findMany(ids)).toHaveLength(20);
      for (const index of cluster.servers.keys()) await cluster.restart(index);
      await isUp(holdfast);
      await notes.save(ids.map((id) => ({ id, n: 2 })));
      expect((await notes.findMany(ids)).map((note) => note?.n)).toEqual(ids.map(() => 2));
      expect(await holdfast.verify(Note)).toMatchObject({ agreeing: 20, differing: 0 });
      await holdfast.close();
      for (const server of cluster.servers) await server.kill();
    }
  }, 120_000);
});

describe('What is wrong with Redis itself', () => {
  test('is an error of opening where Redis is there', async () => {
    const [server, cluster] = await Promise.all([startRedis({ password: 'right' }), startCluster()]);
    later.push(
      () => server.stop(),
      () => cluster.stop(),
    );
    const fallbacks = { home: 'memory:' };
    const wrong = `redis://:wrong@127.0.0.1:${server.port}`;
    expect(await refusal({ redis: wrong, fallbacks })).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/WRONGPASS/),
    });
    const node = await refusal({ redis: `redis://127.0.0.1:${cluster.nodes[0]!.port}`, fallbacks });
    expect(node).toBeInstanceOf(ValidationError);
    const admin = new Redis(server.url);
    later.push(() => admin.disconnect());
    await admin.acl('SETUSER', 'shop', 'on', '>s', '~*', '&*', '+@all', '-info');
    expect(await refusal({ redis: `redis://shop:s@127.0.0.1:${server.port}`, fallbacks })).toMatchObject({
      message: expect.stringMatching(/NOPERM/),
    });
    await admin.acl('SETUSER', 'shop', '+info', '-publish');
    const redis = `redis://shop:s@127.0.0.1:${server.port}`;
    expect(await refusal({ redis, fallbacks, entities: [Kept] })).toMatchObject({
      message: expect.stringMatching(/does not let its user tell other processes/),
    });
  }, 60_000);

  test('is none that it takes no writes now', async () => {
    const replica = await startRedis({ replicaOf: await freePort() });
    later.push(() => replica.stop());
    const options = { redis: replica.url, fallbacks: { home: 'memory:' }, entities: [Note] };
    expect(await refusal({ ...options, openWithoutRedis: false })).toMatchObject({
      message: expect.stringMatching(/READONLY/),
    });
    const holdfast = await open(options);
    await holdfast.repository(Note).save({ id: 'a', n: 1 });
    expect(await holdfast.repository(Note).find('a')).toMatchObject({ n: 1 });
    const raw = new Redis(replica.url);
    await raw.replicaof('NO', 'ONE');
    raw.disconnect();
    await isUp(holdfast);
  }, 30_000);

  test('is found when Redis is there later: nothing is asked of it, and health says why', async () => {
    const port = await freePort();
    const redis = `redis://127.0.0.1:${port}`;
    const holdfast = await open({ redis, fallbacks: { home: memoryDriver() } });
    const old = await pretendRedis('redis_version:6.2.14\r\nredis_mode:standalone\r\n', port);
    later.push(() => old.server.close());
    const reason = () => holdfast.health().tiers.find(({ role }) => role === 'hot')?.reason;
    await until('it was checked', () => /of version 6\.2\.14.*Upgrade it/.test(reason() ?? ''));
    const notes = holdfast.repository(Note);
    await notes.save({ id: 'a', n: 1 });
    expect(await notes.find('a')).toMatchObject({ n: 1 });
    await expect(holdfast.repository(Alone).find('a')).rejects.toThrow(/of version 6\.2\.14/);
    expect(holdfast.health().state).not.toBe('up');
    await until('it is told', () => lines.some((text) => /still away \(.*of version 6\.2\.14/.test(text)));
    expect(lines.filter((text) => /of version/.test(text))).toHaveLength(1);
    expect(lines[0]).toMatch(/ECONNREFUSED.*entities without a fallback \(Alone\) can be neither read nor written/);
    expect(old.commands.filter((command) => /\beval/i.test(command))).toEqual([]);
  }, 30_000);

  test('is found later where it is the password, or the number of the database', async () => {
    const port = await freePort();
    const away = [`redis://:wrong@127.0.0.1:${port}`, `redis://:right@127.0.0.1:${port}/99`];
    const opened = [];
    for (const redis of away) opened.push(await open({ redis, fallbacks: { home: 'memory:' }, entities: [Note] }));
    const server = await startRedis({ port, password: 'right' });
    later.push(() => server.stop());
    const reasons = [/WRONGPASS/, /DB index is out of range/];
    for (const [at, holdfast] of opened.entries())
      await until(`it says ${reasons[at]}`, () => reasons[at]!.test(holdfast.health().tiers[0]!.reason ?? ''));
    expect(lines.filter((text) => /wrong@|right@/.test(text))).toEqual([]);
  }, 30_000);

  test('is found later where it is a permission, with what is needed', async () => {
    const port = await freePort();
    const redis = `redis://shop:s@127.0.0.1:${port}`;
    const holdfast = await open({ redis, fallbacks: { home: memoryDriver() }, entities: [Note, Kept] });
    const server = await startRedis({ port, args: ['--user', ...'shop on >s ~* &* +@all -eval -evalsha'.split(' ')] });
    later.push(() => server.stop());
    await until('it was told', () => /NOPERM.*Its user needs .*\+eval/.test(holdfast.health().tiers[0]?.reason ?? ''));
    expect(String(holdfast.health().invalidation?.cause)).toMatch(/NOPERM|not connected/);
    await holdfast.repository(Note).save({ id: 'a', n: 1 });
    const admin = new Redis(port);
    later.push(() => admin.disconnect());
    await admin.acl('SETUSER', 'shop', '+@all');
    await isUp(holdfast);
    expect(await holdfast.repository(Note).find('a')).toMatchObject({ n: 1 });
  }, 30_000);
});

test('the option is true or false', async () => {
  await expect(open({ openWithoutRedis: 1 as never })).rejects.toThrow(
    /The option openWithoutRedis of open\(\) cannot be 1\. Give true or false\./,
  );
});
