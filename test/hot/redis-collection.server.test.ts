import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  type CollectionQuestion,
  type Delta,
  type Member,
  type Structure,
  valueOfMembers,
} from '../../src/core/collection.js';
import { Members } from '../../src/core/members.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { asQuery, Steps } from '../../src/testing/hot-steps.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';

const LONG = 600_000;
const STRUCTURES: readonly Structure[] = ['sorted-set', 'geo-set', 'set', 'list'];
const TYPE = { 'sorted-set': 'zset', 'geo-set': 'zset', set: 'set', list: 'list' } as const;
const key = sampleKey('a');

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

const schemaOf = (kind: Structure) => sampleSchema({ kind });
const stepsOf = (kind: Structure) => new Steps(subject, schemaOf(kind));
const texts = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `t${index + from}`);

test.each(STRUCTURES)('a %s lies in its own type, and its marker beside it ends when it does', async (kind) => {
  const at = stepsOf(kind);
  const ends = async () => [await raw.pexpiretime(name), await raw.pexpiretime(`${name}~`)];
  await at.put(key, ['a', 'b']);
  expect((await raw.keys('*')).sort()).toEqual([name, `${name}~`]);
  expect(await raw.type(name)).toBe(TYPE[kind]);
  const [first, second] = await ends();
  expect(Math.abs(first! - second!)).toBeLessThan(20);
  await at.begin(key, 'w', 5000);
  const [locked, marker] = await ends();
  expect(locked).toBeLessThan(first!);
  expect(Math.abs(locked! - marker!)).toBeLessThan(20);
  await at.renew(key, 'w', 50_000);
  for (const end of await ends()) expect(end).toBeGreaterThan(locked! + 10_000);
  await at.commitDelta(key, 'w', at.added('c'));
  expect(await ends()).toEqual([second, second]);
  const entry = { key, value: at.row(['a']), ttl: undefined };
  await at.begin(key, 'w');
  await at.store.commit(at.schema, [entry], 'w', 'set');
  expect(await ends()).toEqual([-1, -1]);
  await at.begin(key, 'w');
  await at.commitDelta(key, 'w', at.added('c'));
  expect(await ends()).toEqual([-1, -1]);
  await at.begin(key, 'w');
  await at.commitDelta(key, 'w', at.removed('c', 'a'));
  expect(await raw.keys('*')).toEqual([`${name}~`]);
  await at.put(key, null);
  expect(await raw.keys('*')).toEqual([`${name}~`]);
});

test('several writers of one collection lie in one lock, of which each has his end and his members', async () => {
  const at = stepsOf('sorted-set');
  const writers = async () => (await raw.get(`${name}~`))!.replace(/^L.*\|/, '');
  await at.put(key, ['a']);
  await at.beginOn(key, 'w1', ['b', 'c']);
  expect(await writers()).toMatch(/^w1:\.[0-9a-z]+\.[0-9a-z]+\.$/);
  const first = await raw.pexpiretime(`${name}~`);
  await at.beginOn(key, 'w2', ['d'], 2 * LONG);
  expect(await writers()).toMatch(new RegExp(`^w1@${first}:\\.[0-9a-z]+\\.[0-9a-z]+\\.,w2@\\d+:\\.[0-9a-z]+\\.$`));
  const last = await raw.pexpiretime(`${name}~`);
  expect(last).toBeGreaterThan(first + LONG / 2);
  expect(await raw.pexpiretime(name)).toBe(last);
  await at.commitDelta(key, 'w2', at.added('d'));
  expect(await writers()).toMatch(/^w1:\.[0-9a-z]+\.[0-9a-z]+\.$/);
  expect([await raw.pexpiretime(name), await raw.pexpiretime(`${name}~`)]).toEqual([first, first]);
  for (const token of ['w3', 'w4', 'w5']) await at.beginOn(key, token, [token]);
  await at.commitDelta(key, 'w4', at.added('w4'));
  expect(await writers()).toMatch(/^w1@\d+:[^,]+,w3@\d+:[^,]+,w5@\d+:[^,]+$/);
  await at.commitDelta(key, 'w5', at.added('w5'));
  await at.commitDelta(key, 'w1', at.added('w1'));
  expect(await writers()).toMatch(/^w3:[^,]+$/);
  await at.begin(key, 'w6');
  expect(await writers()).toMatch(/^w3@\d+:[^,]+,w6@\d+!$/);
});

test.each(STRUCTURES)(
  'a %s whose members Redis has evicted is cold, and no change makes a part of it',
  async (kind) => {
    const at = stepsOf(kind);
    for (const question of [undefined, ...QUESTIONS[kind]]) {
      await at.put(key, ['a', 'b']);
      await raw.del(name);
      await at.looks(key, 'cold');
      expect(await at.read(key, 'r', question && asQuery(question))).toEqual({ state: 'fill', token: 'r' });
    }
    await at.put(key, ['a', 'b']);
    await at.begin(key, 'w1');
    await raw.del(name);
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('c'));
    expect(await raw.exists(name)).toBe(0);
    await at.isCold(key);
    await at.put(key, ['a', 'b']);
    await at.begin(key, 'w2');
    await raw.del(name);
    await at.commit(key, 'w2', ['n'], 'ifPresent');
    await at.isCold(key);
    await at.put(key, ['a', 'b']);
    await raw.del(name);
    await at.begin(key, 'w3');
    await at.commit(key, 'w3', ['n']);
    await at.isValue(key, ['n']);
  },
);

const QUESTIONS = {
  'sorted-set': [
    { type: 'exists' },
    { type: 'size' },
    { type: 'count', min: 0, max: 1 },
    { type: 'scores', texts: ['none'] },
    { type: 'rank', text: 'none', reverse: false },
    { type: 'scan', after: '', limit: 10 },
    { type: 'slice', min: 0, max: 1, offset: 0, limit: 0, reverse: false, size: false },
    { type: 'slice', min: 0, max: 1, offset: 0, limit: 1, reverse: false, size: true },
  ],
  'geo-set': [{ type: 'near', center: 'a', area: { radius: 1 }, limit: 1, sort: 'asc' }],
  set: [
    { type: 'scores', texts: ['none', 'other'] },
    { type: 'scan', after: '', limit: 10 },
  ],
  list: [
    { type: 'between', start: 0, stop: 1 },
    { type: 'scan', after: '', limit: 10 },
  ],
} as const;

test.each(STRUCTURES)('members of a %s without a marker are nothing, and go', async (kind) => {
  const at = stepsOf(kind);
  await at.put(key, ['a', 'b']);
  await raw.del(`${name}~`);
  await at.looks(key, 'cold');
  await at.isCold(key);
  expect(await raw.exists(name)).toBe(0);
  await at.fill(key, 'reader', ['c']);
  await at.isValue(key, ['c']);
  await raw.del(`${name}~`);
  await at.begin(key, 'w');
  await at.commit(key, 'w', ['d']);
  await at.isValue(key, ['d']);
  await raw.del(`${name}~`);
  await at.commitDelta(key, 'w', at.added('e'));
  expect(await raw.keys('*')).toEqual([]);
});

test('a lock that never is without writers of members keeps no token of those who have ended', async () => {
  const at = stepsOf('sorted-set');
  await at.put(key, ['a']);
  for (const token of ['w0', 'w1', 'w2']) await at.beginOn(key, token, [token]);
  for (let index = 3; index <= 50; index++) {
    await at.beginOn(key, `dead${index}`, [`dead${index}`], 0);
    await at.beginOn(key, `w${index}`, [`w${index}`]);
    await at.commitDelta(key, `w${index - 3}`, at.added(`w${index - 3}`));
  }
  expect(await raw.get(`${name}~`)).not.toContain('dead');
});

test('members beside a marker that says there are none make the entry cold', async () => {
  const at = stepsOf('sorted-set');
  await at.put(key, []);
  await raw.zadd(name, 1, 'x');
  await at.isCold(key);
  await at.fill(key, 'reader', []);
  await at.begin(key, 'w');
  await raw.zadd(name, 1, 'x');
  await at.commitDelta(key, 'w', at.added('a'));
  expect(await raw.keys('*')).toEqual([]);
});

const makers: Readonly<Record<string, () => Promise<unknown>>> = {
  string: () => raw.set(name, 'x'),
  hash: () => raw.hset(name, 'a', 'x'),
  stream: () => raw.xadd(name, '*', 'a', 'b'),
};

test.each(STRUCTURES)('what is in place of the members of a %s is told as corrupt, and is gone', async (kind) => {
  const at = stepsOf(kind);
  for (const [type, make] of Object.entries(makers)) {
    const corrupt = { state: 'corrupt', fact: `it was a Redis ${type} in place of a ${TYPE[kind]}` };
    await at.put(key, ['a']);
    await raw.del(name);
    await make();
    expect(await at.peek(key)).toEqual(corrupt);
    expect(await raw.type(name)).toBe(type);
    expect(await at.read(key, 'r', asQuery({ type: 'exists' }))).toEqual(corrupt);
    expect(await raw.exists(name)).toBe(0);
    await at.isCold(key);
  }
});

test.each(STRUCTURES)('what is in place of the members or the marker of a %s hinders no step', async (kind) => {
  const at = stepsOf(kind);
  const { store, schema } = at;
  for (const home of [name, `${name}~`])
    for (const step of [
      () => at.begin(key, 'w'),
      () => at.renew(key, 'w'),
      () => at.commit(key, 'w', ['n']),
      () => at.commitDelta(key, 'w', at.added('n')),
      () => at.abandon(key, 'w'),
      () => at.fill(key, 'reader', ['n']),
      () => at.drop(key),
      () => store.stage(schema, key, at.members(['n']), 'reader'),
      () => store.read(schema, [key], undefined, 'reader'),
    ])
      for (const prepare of [() => at.put(key, ['a']), () => at.begin(key, 'w'), () => at.isCold(key)]) {
        await raw.flushall();
        await prepare();
        await raw.del(home);
        await raw.hset(home, 'a', 'x');
        await step();
        const reply = await at.read(key, 'other');
        // Written or filled as a whole.
        if (reply.state === 'value') expect(at.shown(reply)).toEqual(at.shown({ ...reply, value: at.row(['n']) }));
      }
});

test('a marker that nobody writes is none', async () => {
  const at = stepsOf('sorted-set');
  const tag = (await raw.info('replication')).match(/master_replid:(.{8})/)![1]!;
  const mine = tag + at.schema.fingerprint;
  for (const marker of ['', 'x', 'P', `P${mine}x`, `L${mine}`, `L${mine}p0`, `X${mine}`, `P${'0'.repeat(16)}`]) {
    await raw.zadd(name, 1, 'x');
    await raw.set(`${name}~`, marker);
    await at.looks(key, 'cold');
    await at.isCold(key);
    expect(await raw.exists(name)).toBe(0);
    await at.drop(key);
  }
});

test.each(STRUCTURES)('what is put aside of a %s is neither an entry nor lasts', async (kind) => {
  const at = stepsOf(kind);
  const { store, schema } = at;
  await at.isCold(key, 'r');
  expect(await store.stage(schema, key, at.members(texts(3)), 'r')).toBe(true);
  expect(await raw.pttl(`${name}~r`)).toBeGreaterThan(0);
  const ids: string[] = [];
  for await (const some of store.ids(schema)) ids.push(...some);
  for await (const some of store.ids(sampleSchema())) ids.push(...some);
  expect(ids).toEqual(['a']);
  await at.drop(key);
  await store.fill(schema, [{ key, value: undefined, ttl: LONG, staged: true }], 'r');
  expect(await raw.keys('*')).toEqual([]);
});

test.each(STRUCTURES)('of a %s nothing is put in place where Redis has evicted what was put aside', async (kind) => {
  const at = stepsOf(kind);
  const { store, schema } = at;
  const staged = [{ key, value: undefined, ttl: LONG, staged: true }];
  await at.isCold(key, 'r');
  await store.stage(schema, key, at.members(texts(3)), 'r');
  await raw.del(`${name}~r`);
  expect(await store.stage(schema, key, at.members(texts(3, 3)), 'r')).toBe(false);
  await store.fill(schema, staged, 'r');
  await at.isCold(key, 'r2');
  await store.stage(schema, key, at.members(texts(3)), 'r2');
  await store.stage(schema, key, at.members(texts(3, 3)), 'r2');
  await raw.del(`${name}~r2`);
  await store.fill(schema, staged, 'r2');
  await at.isCold(key, 'r3');
  await store.stage(schema, key, at.members(texts(3)), 'r3');
  if (kind === 'list') await raw.lpop(`${name}~r3`);
  else if (kind === 'set') await raw.srem(`${name}~r3`, 't1');
  else await raw.zrem(`${name}~r3`, 't1');
  await store.fill(schema, staged, 'r3');
  await at.isCold(key);
  expect(await raw.keys('*')).toEqual([`${name}~`]);
});

test('of those that are as far away as the last one that is wanted, the first by their texts are answered', async () => {
  const at = stepsOf('geo-set');
  const memory = memoryHotStore();
  const [{ score }] = at.members(['a']) as [Member];
  const members = Array.from({ length: 300 }, (_, index) => ({ text: `t${(index * 7) % 300}`, score }));
  const value = valueOfMembers(Members.of('geo-set', members));
  for (const store of [subject.store, memory]) {
    await store.begin(at.schema, [key], 'w', LONG);
    await store.commit(at.schema, [{ key, value, ttl: LONG }], 'w', 'set');
  }
  for (const sort of ['asc', 'desc'] as const)
    for (const limit of [1, 2, 10, 299, 300]) {
      const query = asQuery({ type: 'near', center: 't0', area: { radius: 10 }, limit, sort });
      const reply = await at.read(key, 'r', query);
      expect(reply).toEqual((await memory.read(at.schema, [key], [query], 'r'))[0]);
    }
});

test('of more members than a script can answer with, parts are served and all of them are not', async () => {
  const at = stepsOf('sorted-set');
  await at.put(key, texts(20_001));
  await at.isBusy(key);
  await at.looks(key, 'busy');
  const [size] = await at.store.read(at.schema, [key], [asQuery({ type: 'size' })], 'r');
  expect(size).toMatchObject({ state: 'value', value: { numbers: [20_001] } });
  await at.begin(key, 'w');
  await at.commitDelta(key, 'w', { type: 'members', put: [], remove: ['t0'] });
  expect((await at.read(key)).state).toBe('value');
});

const place = { longitude: 13.4, latitude: 52.5 };
const nearBy = { type: 'near', center: place, area: { radius: 1000 }, limit: 10, sort: 'asc' } as const;
const far: readonly CollectionQuestion[] = [
  { ...nearBy, area: { radius: 500_000 } },
  { ...nearBy, area: { radius: 130_000 }, center: { longitude: 0, latitude: 85 } },
  { ...nearBy, area: { width: 800_000, height: 600_000 }, sort: 'desc' },
  { ...nearBy, area: { radius: 20_000_000 }, center: 'a' },
  { ...nearBy, limit: undefined },
];

test.each([
  [false, [8, 1, 8, 8, 8, 8]],
  [true, new Array<number>(41).fill(1)],
])(
  'a search that may go through all members has a script to itself, sent after the one before (cluster: %s)',
  async (cluster, first) => {
    // Each a batch that is sent in one piece: how many keys its scripts have.
    const sent: number[][] = [];
    let underWay = 0;
    const { link, namespace } = subject;
    const store = redisHotStore({
      namespace,
      connection: {
        ...link,
        cluster,
        async run(calls) {
          expect(underWay++).toBe(0);
          sent.push(calls.map(({ keys }) => keys.length));
          const answers = await link.run(calls);
          underWay--;
          return answers;
        },
      },
    });
    const at = new Steps({ ...subject, store }, schemaOf('geo-set'));
    const questions = Array.from({ length: 45 }, (_, index) => (index % 9 === 8 ? far[(index - 8) / 9]! : nearBy));
    const keys = questions.map((_, index) => sampleKey(`k${index}`));
    for (const one of keys) await at.put(one, ['a', 'b', 'c']);
    sent.length = 0;
    const replies = await store.read(at.schema, keys, questions.map(asQuery), 'r');
    expect(sent).toEqual([first, [1], [1], [1], [1]]);
    const memory = new Steps({ ...subject, store: memoryHotStore() }, at.schema);
    for (const [index, one] of keys.entries()) {
      await memory.put(one, ['a', 'b', 'c']);
      const expected = await memory.read(one, 'r', asQuery(questions[index]!));
      expect(at.shown(replies[index]!)).toEqual(at.shown(expected));
    }
  },
);

test('a step that Redis has no memory for leaves its lock, be it a delta or a large collection', async () => {
  const at = stepsOf('sorted-set');
  const delta: Delta = at.added('b');
  await at.put(key, ['a']);
  await at.begin(key, 'w');
  await raw.config('SET', 'maxmemory', '1');
  await raw.config('SET', 'maxmemory-policy', 'noeviction');
  try {
    expect(await at.store.commit(at.schema, [{ key, deltas: [delta] }], 'w', 'set')).toEqual([undefined]);
    await raw.config('SET', 'maxmemory', '0');
    await at.isCold(key);
    await at.drop(key);
    await at.begin(key, 'w');
    await raw.config('SET', 'maxmemory', '1');
    const large = [{ key, value: at.row(texts(5000)), ttl: LONG }];
    expect(await at.store.commit(at.schema, large, 'w', 'set')).toEqual([undefined]);
  } finally {
    await raw.config('SET', 'maxmemory', '0');
  }
  await at.isCold(key);
});
