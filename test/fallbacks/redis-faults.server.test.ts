import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { ClosedError, CorruptEntryError, ValidationError } from '../../src/core/errors.js';
import { type DriverOptions, type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { RowChange } from '../../src/core/kind.js';
import type { Row, Schema } from '../../src/core/schema.js';
import { redisDriver } from '../../src/fallbacks/redis/driver.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startCluster, startRedis } from '../support/redis-server.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const schema = sampleSchema({ fields: { name: 'string', count: 'integer', tags: 'json' }, version: 'version' });
const options: DriverOptions = {
  synchronize: undefined,
  clock: systemClock,
  logger: console,
  statementTimeout: 10_000,
};
const row = (values: Parameters<typeof sampleRow>[1], of: Schema = schema) => sampleRow(of, values);
const nameOf = (id: string) => `test:sample:{${id}}`;

describe('the redis driver', () => {
  let server: RedisServer;
  let raw: Redis;
  let driver: FallbackDriver;
  const links: RedisLink[] = [];

  const open = async (connection: RedisConnection, namespace = 'test') => {
    const link = await connectRedis(connection);
    links.push(link);
    const opened = redisDriver({ connection: link, namespace });
    await opened.open([schema], options);
    return opened;
  };
  beforeAll(async () => {
    server = await startRedis();
    raw = new Redis(server.url);
    driver = await open(server.url);
  });
  afterEach(async () => {
    await raw.config('SET', 'maxmemory', '0');
    await raw.flushall();
  });
  afterAll(async () => {
    raw?.disconnect();
    for (const link of links) await link.close();
    await server?.stop();
  });

  const write = (id: string, change: RowChange, on = driver, of = schema) =>
    on.write([{ schema: of, key: sampleKey(id), change }]);
  const put = (values: Parameters<typeof sampleRow>[1], more: object = {}): RowChange => ({
    type: 'put',
    row: row(values),
    ...more,
  });
  const read = async (id: string, on = driver, of = schema) => (await on.read(of, [sampleKey(id)], undefined))[0]!;
  const increment: RowChange = { type: 'increment', field: 1, by: 1 };

  describe.each([
    ['is of another type', () => raw.lpush(nameOf('a'), 'x'), /it is a Redis list, not a hash/],
    ['does not parse', () => raw.hset(nameOf('a'), { name: 'A', count: 'many' }), /"many" is not a stored integer/],
  ])('told of an entry that %s', (_, spoil, fact) => {
    const isCorrupt = async (call: Promise<unknown>) => {
      await expect(call).rejects.toBeInstanceOf(CorruptEntryError);
      await expect(call).rejects.toThrow(fact);
      await expect(call).rejects.toThrow(nameOf('a'));
      expect(await raw.exists(nameOf('a'))).toBe(1);
    };

    test('says so to reads and changes, and deletes nothing', async () => {
      await spoil();
      const before = await raw.dump(nameOf('a'));
      await isCorrupt(read('a'));
      await isCorrupt(driver.read(schema, [sampleKey('b'), sampleKey('a')], undefined));
      await isCorrupt(write('a', increment));
      await isCorrupt(write('a', { type: 'patch', set: new Map([[0, 'x']]) }));
      await isCorrupt(write('a', { type: 'modify', change: (one) => one }));
      await isCorrupt(
        (async () => {
          for await (const one of driver.scan(schema)) expect(one).toBeUndefined();
        })(),
      );
      expect(await raw.dump(nameOf('a'))).toBe(before);
    });

    test('lets a save replace it', async () => {
      await spoil();
      expect(await write('a', put({}, { expect: 'absent' }))).toMatchObject({ outcome: { status: 'exists' } });
      expect(await write('a', put({ name: 'new', version: 1 }))).toMatchObject({ done: true });
      expect((await read('a'))!.value).toEqual(row({ name: 'new', version: 1 }));
    });

    test('lets a save in a batch replace it, and what comes after see that', async () => {
      await spoil();
      const changes = [put({ count: 1, version: 1 }), increment].map((change) => ({
        schema,
        key: sampleKey('a'),
        change,
      }));
      expect(await driver.write(changes)).toMatchObject({ done: true });
      expect((await read('a'))!.value).toEqual(row({ count: 2, version: 2 }));
    });

    test('lets a deletion remove it', async () => {
      await spoil();
      expect(await write('a', { type: 'delete' })).toMatchObject({ outcomes: [{ entry: null, existed: true }] });
      expect(await raw.exists(nameOf('a'))).toBe(0);
    });
  });

  test('tells a save that expects a version of an entry that is of another type', async () => {
    await raw.lpush(nameOf('a'), 'x');
    const saving = write('a', put({ version: 2 }, { expect: { version: 1 } }));
    await expect(saving).rejects.toBeInstanceOf(CorruptEntryError);
    expect(await raw.type(nameOf('a'))).toBe('list');
  });

  test('changes an entry at a version in one round trip, and leaves what it does not name', async () => {
    await write('a', put({ name: 'A', count: 1, tags: '[]', version: 3 }));
    await raw.hset(nameOf('a'), { colour: 'red' });
    const asked = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await raw.info('commandstats'))?.[1] ?? 0);
    const patch = (name: string, version: number): RowChange => ({ type: 'patch', set: new Map([[0, name]]), version });
    await write('a', patch('first', 3));
    const before = await asked();
    expect(await write('a', patch('B', 4))).toMatchObject({
      done: true,
      outcomes: [{ existed: true, entry: { value: row({ name: 'B', count: 1, tags: '[]', version: 5 }) } }],
    });
    expect(await asked()).toBe(before + 1);
    expect(await raw.hget(nameOf('a'), 'colour')).toBe('red');
    await raw.del(nameOf('b'));
    await raw.lpush(nameOf('b'), 'x');
    await expect(write('b', patch('C', 1))).rejects.toBeInstanceOf(CorruptEntryError);
  });

  test('reads an entry that was made by hand', async () => {
    await raw.hset(nameOf('a'), { name: 'Ann', count: '3' });
    expect((await read('a'))!.value).toEqual(row({ name: 'Ann', count: 3 }));
    expect(await write('a', increment)).toMatchObject({ done: true });
    expect(await write('a', { type: 'modify', change: () => row({}) as Row })).toMatchObject({ done: true });
    expect((await read('a'))!.value).toEqual(row({ version: 2 }));
    expect(await driver.count(schema)).toBe(1);
  });

  test('keeps fields that another version of the class has, except where the entity is saved whole', async () => {
    const newer = sampleSchema({
      fields: { name: 'string', count: 'integer', tags: 'json', colour: 'string' },
      version: 'version',
    });
    await write('a', { type: 'put', row: row({ name: 'A', count: 1, colour: 'red' }, newer) }, driver, newer);
    await write('a', { type: 'patch', set: new Map([[0, 'B']]) });
    await write('a', increment);
    expect((await read('a', driver, newer))!.value).toEqual(
      row({ name: 'B', count: 2, version: 2, colour: 'red' }, newer),
    );
    await write('a', put({ name: 'C' }));
    expect((await read('a', driver, newer))!.value).toEqual(row({ name: 'C' }, newer));
  });

  test('loses nothing of what two processes change at once', async () => {
    const other = await open(server.url);
    await write('a', put({ count: 0, version: 1 }));
    const change: RowChange = {
      type: 'modify',
      change: ([name, count, ...rest]) => [name, (count as number) + 1, ...rest],
    };
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        write('a', at % 2 === 0 ? increment : change, at % 3 === 0 ? other : driver),
      ),
    );
    expect(results.every(({ done }) => done)).toBe(true);
    expect((await read('a'))!.value).toEqual(row({ count: 60, version: 61 }));
  });

  test('sees a change by somebody who does not go by Holdfast', async () => {
    await write('a', put({ name: 'A', count: 1 }));
    let runs = 0;
    const proxy = await startProxy({ port: server.port });
    const distant = await open(`redis://127.0.0.1:${proxy.port}`);
    const changing = write(
      'a',
      {
        type: 'modify',
        change(before) {
          // Between its read and its write the entry is changed, once.
          if (runs++ === 0) {
            proxy.stall();
            void raw.hset(nameOf('a'), 'count', '10').then(() => proxy.resume());
          }
          return before.with(1, (before[1] as number) + 1);
        },
      },
      distant,
    );
    expect(await changing).toMatchObject({ done: true });
    expect(runs).toBe(2);
    expect((await read('a'))!.value).toEqual(row({ name: 'A', count: 11, version: 1 }));
    await proxy.stop();
  });

  test('gives up on an entry that others change each time, having written nothing', async () => {
    await write('a', put({ count: 0 }));
    const other = await open(server.url);
    let count = 0;
    const proxy = await startProxy({ port: server.port });
    const distant = await open(`redis://127.0.0.1:${proxy.port}`);
    const changing = write(
      'a',
      {
        type: 'modify',
        change(before) {
          proxy.stall();
          void write('a', put({ count: ++count }), other).then(() => proxy.resume());
          return before.with(0, 'never');
        },
      },
      distant,
    );
    await expect(changing).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
    expect(((await read('a'))!.value as Row)[0]).toBeUndefined();
    await proxy.stop();
  }, 30_000);

  test('for want of memory refuses to save, and still reads and deletes', async () => {
    await write('a', put({ name: 'A' }));
    await raw.config('SET', 'maxmemory', '1');
    await expect(write('b', put({}))).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
    await expect(write('a', increment)).rejects.toThrow(/OOM/);
    expect((await read('a'))!.value).toEqual(row({ name: 'A' }));
    expect(await write('a', { type: 'delete' })).toMatchObject({ done: true });
    expect(await read('a')).toBeNull();
    // A text that reads like a deletion is none.
    await expect(write('b', put({ tags: '"delete"', name: 'delete' }))).rejects.toThrow(/OOM/);
  });

  test('on a server that has become a replica neither reads nor writes', async () => {
    const replica = await startRedis({ replicaOf: server.port });
    const link = await connectRedis(replica.url);
    const atReplica = redisDriver({ connection: link, namespace: 'test' });
    await atReplica.open([schema], options);
    await expect(read('a', atReplica)).rejects.toThrow(/READONLY/);
    await until('the link is up again', async () =>
      write('a', put({}), atReplica).then(
        () => true,
        (error) => /READONLY/.test(String(error)),
      ),
    );
    await link.close();
    await replica.stop();
  });

  test('knows whether what broke under way may have been written', async () => {
    const proxy = await startProxy({ port: server.port });
    const distant = await open(`redis://127.0.0.1:${proxy.port}`);
    proxy.stall('replies');
    const writing = write('a', put({ name: 'A' }), distant);
    await until('it has been written', async () => (await raw.exists(nameOf('a'))) === 1);
    proxy.cut();
    await expect(writing).rejects.toMatchObject({ name: 'StoreFault', outcome: 'unknown' });
    await until('the break is noticed', async () =>
      write('b', put({}), distant).then(
        () => false,
        (error: StoreFault) => error.outcome === 'none',
      ),
    );
    await proxy.stop();
  });

  test('keeps to its namespace, whatever that holds', async () => {
    for (const namespace of ['', 'a*', 'a?', '[ab]', 'a\\b', 'a']) {
      const own = await open(server.url, namespace);
      await write('x', put({ name: namespace }), own);
    }
    for (const namespace of ['', 'a*', 'a?', '[ab]', 'a\\b', 'a']) {
      const own = await open(server.url, namespace);
      expect(await own.count(schema)).toBe(1);
      for await (const { key, entry } of own.scan(schema))
        expect([key.id, (entry.value as Row)[0]]).toEqual(['x', namespace]);
    }
  });

  test('tells of a key in its place that is none of the entity', async () => {
    const cities = sampleSchema({
      name: 'city',
      keys: { country: 'string', id: 'integer' },
      fields: { name: 'string' },
    });
    await raw.hset('test:city:{DE:x}', 'name', 'Berlin');
    const scanning = (async () => {
      for await (const one of driver.scan(cities)) expect(one).toBeUndefined();
    })();
    await expect(scanning).rejects.toThrow(CorruptEntryError);
    await expect(scanning).rejects.toThrow('test:city:{DE:x}');
  });

  test('takes an entry of 9,000 fields, and a patch of most of them', async () => {
    const wide = sampleSchema({
      fields: Object.fromEntries(Array.from({ length: 9000 }, (_, at) => [`f${at}`, 'integer'])),
    });
    const all = Array.from({ length: 9000 }, (_, at) => at);
    await write('a', { type: 'put', row: all }, driver, wide);
    await write('a', { type: 'patch', set: new Map(all.map((at) => [at, at + 1])) }, driver, wide);
    await write(
      'a',
      { type: 'modify', change: (before) => before.map((one, at) => (at % 2 ? undefined : one)) },
      driver,
      wide,
    );
    expect((await read('a', driver, wide))!.value).toEqual(all.map((at) => (at % 2 ? undefined : at + 1)));
  });

  test('that was closed says so, and does not close the connection', async () => {
    const own = await open(server.url);
    await own.close();
    await expect(read('a', own)).rejects.toBeInstanceOf(ClosedError);
    await own.open([schema], options);
    expect(await read('a', own)).toBeNull();
  });
});

test('the redis driver on a cluster says why it takes no batch', async () => {
  const cluster = await startCluster();
  const link = await connectRedis({ cluster: cluster.nodes });
  const driver = redisDriver({ connection: link, namespace: 'test' });
  await driver.open([schema], options);
  const changes = ['a', 'b'].map((id) => ({
    schema,
    key: sampleKey(id),
    change: { type: 'put', row: row({}) } as RowChange,
  }));
  const writing = driver.write(changes);
  await expect(writing).rejects.toBeInstanceOf(ValidationError);
  await expect(writing).rejects.toThrow(/2 changes \(sample a, …\).*Redis Cluster.*several slots.*nothing was written/);
  await link.close();
  await cluster.stop();
}, 60_000);
