import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { type Answer, membersOf, valueOfMembers } from '../../src/core/collection.js';
import { CorruptEntryError } from '../../src/core/errors.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { CollectionChange } from '../../src/core/kind.js';
import type { Members } from '../../src/core/members.js';
import type { Row, Schema } from '../../src/core/schema.js';
import { redisDriver } from '../../src/fallbacks/redis/driver.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import {
  membersFor,
  type SampleMembers,
  sampleCollection,
  sampleMembers,
  sampleQuery,
} from '../../src/testing/sample-collections.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const scores = sampleCollection({ name: 'scores', structure: 'sorted-set' });
const list = sampleCollection({ name: 'list', structure: 'list' });
const set = sampleCollection({ name: 'set', structure: 'set' });
const DATA = 'test:scores:{a}';
const COMPANION = `${DATA}~`;
const LATER = Date.now() + 3_600_000;

let server: RedisServer;
let raw: Redis;
let driver: FallbackDriver;
const links: RedisLink[] = [];

async function open(url: string): Promise<FallbackDriver> {
  const link = await connectRedis(url);
  links.push(link);
  const opened = redisDriver({ connection: link, namespace: 'test' });
  const silent = { info() {}, warn() {}, error() {} };
  await opened.open([scores, list, set], {
    synchronize: undefined,
    clock: systemClock,
    logger: silent,
    statementTimeout: 10_000,
  });
  return opened;
}

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

const write = (change: CollectionChange, schema: Schema = scores, on = driver) =>
  on.write([{ schema, key: sampleKey('a'), change }]);
const put = (members: SampleMembers, more: object = {}, schema: Schema = scores): CollectionChange => ({
  type: 'put',
  row: valueOfMembers(membersFor(schema.kind.structure!, members)) as Row,
  ...more,
});
const add = (members: SampleMembers, expiresAt?: number): CollectionChange => ({
  type: 'add',
  members: sampleMembers(members),
  expiresAt,
});
const remove = (...texts: string[]): CollectionChange => ({ type: 'remove', texts });
const members = async (schema: Schema = scores, on = driver) => {
  const [entry] = await on.read(schema, [sampleKey('a')], undefined);
  return entry && [...membersOf(entry.value).ordered].map(({ text }) => text);
};

describe('a collection in Redis', () => {
  test.each([
    ['zset', scores, () => raw.zrange('test:scores:{a}', 0, -1)],
    ['list', list, () => raw.lrange('test:list:{a}', 0, -1)],
    ['set', set, () => raw.smembers('test:set:{a}')],
  ] as const)('is a %s and nothing else', async (type, schema, all) => {
    await write(put(['x', 'y'], {}, schema), schema);
    expect(await raw.keys('*')).toEqual([`test:${schema.name}:{a}`]);
    expect(await raw.type(`test:${schema.name}:{a}`)).toBe(type);
    expect([...(await all())].sort()).toEqual(['x', 'y']);
  });

  test('has a companion while it is empty, which ends when its members would', async () => {
    await write(put([], { expiresAt: LATER }));
    expect([await raw.exists(DATA), await raw.get(COMPANION)]).toEqual([0, 'E']);
    expect(await raw.pexpiretime(COMPANION)).toBe(LATER);
    await write(add(['x'], LATER + 5));
    expect([await raw.exists(DATA), await raw.exists(COMPANION)]).toEqual([1, 0]);
    expect(await raw.pexpiretime(DATA)).toBe(LATER);
    await write(remove('x'));
    expect([await raw.exists(DATA), await raw.get(COMPANION)]).toEqual([0, 'E']);
    expect(await raw.pexpiretime(COMPANION)).toBe(LATER);
    await write(put(['y']));
    expect([await raw.pexpiretime(DATA), await raw.exists(COMPANION)]).toEqual([-1, 0]);
    await write(remove('y'));
    expect(await raw.pexpiretime(COMPANION)).toBe(-1);
    await write({ type: 'delete' });
    expect(await raw.dbsize()).toBe(0);
  });

  test('that was made by hand is read and changed as any other', async () => {
    await raw.zadd(DATA, 1, 'x', 2, 'y');
    expect(await members()).toEqual(['x', 'y']);
    expect(await write(add(['w']))).toMatchObject({ outcomes: [{ existed: true }] });
    expect(await members()).toEqual(['w', 'x', 'y']);
    expect(await driver.count(scores)).toBe(1);
  });

  test('is not there where its companion says something else', async () => {
    await raw.set(COMPANION, 'Pwhatever');
    expect(await members()).toBeNull();
    expect(await write(put([], { expect: 'absent' }))).toMatchObject({ done: true });
    expect(await members()).toEqual([]);
    await raw.del(COMPANION);
    await raw.lpush(COMPANION, 'x');
    expect(await members()).toBeNull();
    await write(add(['x']));
    await write(remove('x'));
    expect(await members()).toEqual([]);
    expect(await raw.get(COMPANION)).toBe('E');
  });

  test('takes a change of its members in one script', async () => {
    const changes: readonly CollectionChange[] = [
      add([['x', 1]]),
      { type: 'increment', text: 'x', by: 2 },
      remove('x'),
      { type: 'delete' },
    ];
    // Once, so that Redis knows the scripts.
    for (const change of changes) await write(change);
    for (const change of changes) {
      await raw.config('RESETSTAT');
      await write(change);
      const stats = await raw.info('commandstats');
      expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
    }
  });

  test('takes 20,000 members, and their removal, in one change', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `m${String(at).padStart(5, '0')}`);
    await write(add(many));
    expect(await members()).toEqual(many);
    expect(await write(remove(...many.slice(1)))).toMatchObject({ outcomes: [{ answer: { numbers: [19_999] } }] });
    await write({ type: 'push', end: 'first', texts: many }, list);
    expect(await members(list)).toEqual([...many].reverse());
    await write(add(many), set);
    expect((await members(set))!.length).toBe(20_000);
  });
});

describe('told of something else in the place of a collection', () => {
  const spoil = () => raw.set(DATA, 'x');

  test('says so to queries and changes, and changes nothing', async () => {
    await spoil();
    const size = { id: 'size', type: 'size' };
    const exists = { id: 'exists', type: 'exists' };
    const modify: CollectionChange = { type: 'modify', change: (row) => row };
    const calls = [
      () => members(),
      ...[size, exists].map((query) => () => driver.read(scores, [sampleKey('a')], query)),
      ...[add(['x']), remove('x'), { type: 'increment', text: 'x', by: 1 } as const, modify].map(
        (change) => () => write(change),
      ),
      () =>
        driver.write([
          { schema: set, key: sampleKey('a'), change: add(['x']) },
          { schema: scores, key: sampleKey('a'), change: add(['x']) },
        ]),
    ];
    for (const call of calls) {
      const error = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(CorruptEntryError);
      expect((error as Error).message).toContain('it is a Redis string, not a zset');
      expect((error as Error).message).toContain(DATA);
    }
    expect(await raw.keys('*')).toEqual([DATA]);
    expect(await write(put(['x'], { expect: 'absent' }))).toMatchObject({ outcome: { status: 'exists' } });
  });

  test('lets a save replace it, and a deletion remove it', async () => {
    await spoil();
    await write(put(['x']));
    expect(await members()).toEqual(['x']);
    await raw.del(DATA);
    await spoil();
    await driver.write([put(['x']), add(['y'])].map((change) => ({ schema: scores, key: sampleKey('a'), change })));
    expect(await members()).toEqual(['x', 'y']);
    await raw.del(DATA);
    await spoil();
    expect(await write({ type: 'delete' })).toMatchObject({ outcomes: [{ existed: true }] });
    expect(await raw.dbsize()).toBe(0);
  });
});

test('a change of the whole is made anew where somebody else has changed a member meanwhile', async () => {
  for (const [schema, meddle, expected] of [
    [scores, () => raw.zadd('test:scores:{a}', 5, 'other'), ['x', 'other', 'seen 2']],
    [scores, () => raw.pexpireat('test:scores:{a}', LATER), ['x', 'seen 1']],
    [list, () => raw.rpush('test:list:{a}', 'other'), ['x', 'other', 'seen 2']],
    [set, () => raw.sadd('test:set:{a}', 'other'), ['other', 'seen 2', 'x']],
    [set, () => raw.del('test:set:{a}'), undefined],
  ] as const) {
    await raw.flushall();
    await write(put(['x'], {}, schema), schema);
    const proxy = await startProxy({ port: server.port });
    const distant = await open(`redis://127.0.0.1:${proxy.port}`);
    let runs = 0;
    const seen = (all: Members): SampleMembers => [
      ...[...all.ordered].map(({ text, score }) => [text, score] as const),
      [`seen ${all.size}`, 9],
    ];
    const change = (row: Row): Row => {
      if (runs++ === 0) {
        proxy.stall();
        void meddle().then(() => proxy.resume());
      }
      return valueOfMembers(membersFor(schema.kind.structure!, seen(membersOf(row)))) as Row;
    };
    const result = await write({ type: 'modify', change }, schema, distant);
    if (expected === undefined) expect(result).toMatchObject({ outcome: { status: 'missing' } });
    else {
      expect(runs).toBe(2);
      expect(await members(schema)).toEqual(expected);
    }
    await proxy.stop();
  }
  expect(await raw.dbsize()).toBe(0);
});

test('for want of memory no member is added, but members are removed, and collections deleted', async () => {
  await write(put(['x', 'y']));
  await raw.config('SET', 'maxmemory', '1');
  await expect(write(add(['z']))).rejects.toThrow(/OOM/);
  await expect(write({ type: 'increment', text: 'x', by: 1 })).rejects.toThrow(/OOM/);
  expect(await write(remove('x', 'y'))).toMatchObject({ done: true });
  expect(await members()).toEqual([]);
  expect(await write({ type: 'delete' })).toMatchObject({ done: true });
  expect(await members()).toBeNull();
});

test('processes that keep a collection are told of each change of its members', async () => {
  const kept = { ...scores, cache: { max: 10, ttl: 1000, jitter: 0, staleIfError: 0 } };
  const ear = raw.duplicate();
  const heard: string[] = [];
  await ear.subscribe('test:scores:changed');
  ear.on('message', (_, message) => heard.push(message));
  for (const change of [add(['x']), remove('x'), put(['y']), { type: 'delete' } as const])
    await driver.write([{ schema: kept, key: sampleKey('a'), change }]);
  await driver.write([
    { schema: kept, key: sampleKey('a'), change: add(['x']) },
    { schema: list, key: sampleKey('c'), change: { type: 'push', end: 'last', texts: ['x'] } as CollectionChange },
    { schema: kept, key: sampleKey('b'), change: add(['x']) },
  ]);
  await write(add(['z']));
  await until('all has been heard', () => heard.length >= 5);
  expect(heard).toEqual(['a', 'a', 'a', 'a', 'a}b']);
  ear.disconnect();
});

test('a search that may go through all members has a script to itself, sent after the one before', async () => {
  const places = sampleCollection({ name: 'places', structure: 'geo-set' });
  // Each a batch that is sent in one piece: how many keys its scripts have.
  const sent: number[][] = [];
  let underWay = 0;
  const [link] = links as [RedisLink];
  const counting = redisDriver({
    namespace: 'test',
    connection: {
      ...link,
      async run(calls) {
        expect(underWay++).toBe(0);
        sent.push(calls.map(({ keys }) => keys.length));
        const answers = await link.run(calls);
        underWay--;
        return answers;
      },
    },
  });
  await counting.open([places], {
    synchronize: undefined,
    clock: systemClock,
    logger: { info() {}, warn() {}, error() {} },
    statementTimeout: 10_000,
  });
  const keys = Array.from({ length: 5 }, (_, index) => sampleKey(`k${index}`));
  const change = put([['a', 3663832614298053]], {}, places);
  await counting.write(keys.map((key) => ({ schema: places, key, change })));
  const center = { longitude: 2.2945, latitude: 48.8585 };
  const near = sampleQuery({ type: 'near', center, area: { radius: 1000 }, limit: 10, sort: 'asc' });
  const far = sampleQuery({ type: 'near', center, area: { radius: 9_000_000 }, limit: 10, sort: 'asc' });
  const all = sampleQuery({ type: 'near', center, area: { radius: 1000 }, limit: undefined, sort: 'asc' });
  for (const [query, made] of [
    [near, [[5]]],
    [far, [[1], [1], [1], [1], [1]]],
    [all, [[1], [1], [1], [1], [1]]],
  ] as const) {
    sent.length = 0;
    const entries = await counting.read(places, keys, query);
    expect(sent).toEqual(made);
    const texts = entries.map((entry) => [...(entry!.value as Answer).members].map(({ text }) => text));
    expect(texts).toEqual(keys.map(() => ['a']));
  }
});
