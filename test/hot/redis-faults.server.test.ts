import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotFault, HotStore } from '../../src/core/hot-store.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const schema = sampleSchema({ fields: { name: 'string', age: 'integer', tags: 'json' } });
const row = (name: string) => sampleRow(schema, { name });
const nameOf = (id: string) => `test:sample:{${id}}`;

const servers: RedisServer[] = [];
const links: RedisLink[] = [];
const clients: Redis[] = [];
let server: RedisServer;
let store: HotStore;
let raw: Redis;

async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const started = await startRedis(options);
  servers.push(started);
  return started;
}

async function open(connection: RedisConnection): Promise<HotStore> {
  const link = await connectRedis(connection);
  links.push(link);
  return redisHotStore({ connection: link, namespace: 'test' });
}

function client(url: string): Redis {
  const made = new Redis(url);
  made.on('error', () => undefined);
  clients.push(made);
  return made;
}

beforeEach(async () => {
  server = await start();
  store = await open(server.url);
  raw = client(server.url);
});
afterEach(async () => {
  for (const one of clients.splice(0)) one.disconnect();
  for (const link of links.splice(0)) await link.close();
  await Promise.all(servers.splice(0).map((one) => one.stop()));
});

const begin = (id: string, token = 'w', on = store) => on.begin(schema, [sampleKey(id)], token, 60_000);
const commit = (id: string, name: string | null, token = 'w', on = store) =>
  on.commit(schema, [{ key: sampleKey(id), value: name === null ? null : row(name), ttl: undefined }], token, 'set');
const put = async (id: string, name: string | null, on = store) => {
  expect(await begin(id, 'putter', on)).toEqual([undefined]);
  expect(await commit(id, name, 'putter', on)).toEqual([undefined]);
};
const read = async (id: string, token = 'reader', on = store) =>
  (await on.read(schema, [sampleKey(id)], undefined, token))[0]!;
const fill = (id: string, name: string, token = 'reader') =>
  store.fill(schema, [{ key: sampleKey(id), value: row(name), ttl: undefined }], token);

const value = (name: string) => ({ state: 'value', value: row(name) });
const COLD = { state: 'fill', token: 'reader' };
const UNREACHABLE = { state: 'unreachable', error: expect.any(StoreFault) };

/** Every step, each on an entry of its own. */
const steps = {
  read: () => store.read(schema, [sampleKey('a')], undefined, 't'),
  begin: () => begin('a'),
  renew: () => store.renew(schema, [sampleKey('a')], 't', 1000),
  commit: () => commit('a', 'x'),
  abandon: () => store.abandon(schema, [sampleKey('a')], 't'),
  fill: () => fill('a', 'x'),
  drop: () => store.drop(schema, [sampleKey('a')]),
};

/** Insists that every step is refused, for reasons that match. */
async function refusesAll(reason: RegExp) {
  for (const step of Object.values(steps)) {
    const [answer] = await step();
    expect(answer).toMatchObject({ error: expect.any(StoreFault) });
    expect(((answer as NonNullable<HotFault>).error as StoreFault).message).toMatch(reason);
    expect((answer as NonNullable<HotFault>).error).toMatchObject({ outcome: 'none' });
  }
}

describe('a Redis that comes back', () => {
  test('with old data serves nothing of it: values, absences, fills and locks are cold', async () => {
    await put('value', 'old');
    await put('absent', null);
    await read('filling', 'r1');
    await begin('locked', 'w1');
    await put('under', 'old');
    await begin('under', 'w1');
    await raw.save();
    await put('value', 'new');
    await server.kill();
    await start({ dir: server.dir, port: server.port });
    await until('the store reaches Redis again', async () => (await read('other')).state !== 'unreachable');
    for (const id of ['value', 'absent', 'filling', 'locked', 'under']) {
      expect(await raw.exists(nameOf(id))).toBe(1);
      expect(await read(id)).toEqual(COLD);
    }
    expect(await fill('value', 'new')).toEqual([undefined]);
    expect(await read('value')).toEqual(value('new'));
  });

  test('with an old lock does not take the commit of its writer', async () => {
    await begin('a', 'w1');
    await raw.save();
    await server.kill();
    await start({ dir: server.dir, port: server.port });
    await until('the store reaches Redis again', async () => (await read('other')).state !== 'unreachable');
    expect(await commit('a', 'late', 'w1')).toEqual([undefined]);
    expect(await read('a')).toEqual(COLD);
  });

  test('having forgotten its scripts is sent them again', async () => {
    await put('a', 'x');
    await raw.script('FLUSH');
    expect(await read('a')).toEqual(value('x'));
    await raw.script('FLUSH');
    const many = Array.from({ length: 1200 }, (_, at) => sampleKey(`k${at}`));
    const faults = await store.begin(schema, many, 'w', 60_000);
    expect(faults).toEqual(many.map(() => undefined));
  });
});

describe('a replica', () => {
  test('refuses every step, and when it is promoted all that it holds is cold', async () => {
    const replica = await start({ replicaOf: server.port });
    await put('a', 'x');
    await put('b', null);
    await raw.wait(1, 0);
    const atReplica = await open(replica.url);
    const replicaRaw = client(replica.url);
    for (const id of ['a', 'b']) expect(await read(id, 'reader', atReplica)).toEqual(UNREACHABLE);
    await until('the link is up again', async () => (await begin('c', 'w', atReplica))[0]?.error !== undefined);
    await replicaRaw.replicaof('NO', 'ONE');
    await until('the promoted one takes steps', async () => (await begin('c', 'w', atReplica))[0] === undefined);
    for (const id of ['a', 'b']) {
      expect(await replicaRaw.exists(nameOf(id))).toBe(1);
      expect(await read(id, 'reader', atReplica)).toEqual(COLD);
    }
  });
});

describe('a Redis that takes no writes', () => {
  test('for want of replicas answers no reads either', async () => {
    await put('a', 'x');
    await raw.config('SET', 'min-replicas-to-write', '1');
    await refusesAll(/NOREPLICAS/);
    await raw.config('SET', 'min-replicas-to-write', '0');
    expect(await read('a')).toEqual(value('x'));
  });

  test('since it cannot save answers no reads either', async () => {
    const failing = await start({ args: ['--save', '3600', '1'] });
    const failingRaw = client(failing.url);
    store = await open(failing.url);
    await put('a', 'x');
    await rm(failing.dir, { recursive: true });
    await failingRaw.bgsave();
    await until('saving has failed', async () =>
      /rdb_last_bgsave_status:err/.test(await failingRaw.info('persistence')),
    );
    await refusesAll(/MISCONF/);
    // It would not end in an orderly way without being saved.
    await failing.kill();
  });

  test('for want of memory still lets go of entries and locks', async () => {
    await put('a', 'old');
    await put('b', 'old');
    await begin('b', 'w1');
    await put('c', 'old');
    await raw.config('SET', 'maxmemory', '1');
    const answers = [await read('a')];
    expect(answers).toEqual([UNREACHABLE]);
    expect(await fill('a', 'x')).toEqual([{ error: expect.any(StoreFault) }]);
    expect(await begin('a', 'w1')).toEqual([undefined]);
    expect(await store.renew(schema, [sampleKey('a')], 'w1', 60_000)).toEqual([undefined]);
    expect(await commit('a', 'new', 'w1')).toEqual([undefined]);
    expect(await store.abandon(schema, [sampleKey('b')], 'w1')).toEqual([undefined]);
    expect(await store.drop(schema, [sampleKey('c')])).toEqual([undefined]);
    await raw.config('SET', 'maxmemory', '0');
    for (const id of ['a', 'b', 'c']) expect(await read(id)).toEqual(COLD);
  });

  test('for want of memory marks the lock of others all the same', async () => {
    await put('a', 'old');
    await begin('a', 'w1');
    await begin('a', 'w2');
    await raw.config('SET', 'maxmemory', '1');
    expect(await commit('a', 'new', 'w1')).toEqual([undefined]);
    await raw.config('SET', 'maxmemory', '0');
    expect(await read('a')).toEqual({ state: 'busy' });
    expect(await commit('a', 'new', 'w2')).toEqual([undefined]);
    expect(await read('a')).toEqual(COLD);
  });

  test('because it is busy with a script refuses, and serves again afterwards', async () => {
    await put('a', 'x');
    await raw.config('SET', 'busy-reply-threshold', '1');
    const other = client(server.url);
    const endless = other.eval('while true do end', 0).catch(() => undefined);
    await until('Redis is busy', async () =>
      raw.ping().then(
        () => false,
        (error) => /BUSY/.test(String(error)),
      ),
    );
    expect(await read('a')).toEqual(UNREACHABLE);
    await raw.script('KILL');
    await endless;
    expect(await read('a')).toEqual(value('x'));
  });
});

describe('what lies under a key', () => {
  const makers: Record<string, (name: string) => Promise<unknown>> = {
    string: (name) => raw.set(name, 'x'),
    list: (name) => raw.rpush(name, 'x'),
    set: (name) => raw.sadd(name, 'x'),
    zset: (name) => raw.zadd(name, 1, 'x'),
    stream: (name) => raw.xadd(name, '*', 'a', 'b'),
  };

  test.each(Object.keys(makers))('and is a %s is told as corrupt, and is gone', async (type) => {
    await makers[type]!(nameOf('a'));
    expect(await read('a')).toEqual({ state: 'corrupt', fact: `it was a Redis ${type} in place of a hash` });
    expect(await raw.exists(nameOf('a'))).toBe(0);
    expect(await read('a')).toEqual(COLD);
  });

  test('and is no hash does not hinder any step, nor the other keys of a call', async () => {
    await put('b', 'x');
    for (const step of Object.values(steps)) {
      await raw.del(nameOf('a'));
      await raw.set(nameOf('a'), 'x');
      await step();
      expect(['none', 'hash']).toContain(await raw.type(nameOf('a')));
    }
    await raw.del(nameOf('a'));
    await raw.set(nameOf('a'), 'x');
    const replies = await store.read(schema, [sampleKey('a'), sampleKey('b')], undefined, 'r');
    expect(replies).toEqual([{ state: 'corrupt', fact: expect.any(String) }, value('x')]);
  });

  test('and does not parse is told as corrupt, and is gone', async () => {
    for (const [field, text] of [
      ['age', 'many'],
      ['age', ''],
      ['tags', '{'],
      ['age', '\0\0'],
    ] as const) {
      await put('a', 'x');
      await raw.hset(nameOf('a'), field, text);
      expect(await read('a')).toEqual({ state: 'corrupt', fact: expect.stringContaining('is not a stored') });
      expect(await raw.exists(nameOf('a'))).toBe(0);
      expect(await read('a')).toEqual(COLD);
    }
  });

  test('and does not parse is told where the broken field is asked for, not where it is not', async () => {
    await put('a', 'x');
    await raw.hset(nameOf('a'), 'age', 'many');
    expect(await store.read(schema, [sampleKey('a')], [0], 'r')).toEqual([value('x')]);
    expect(await store.read(schema, [sampleKey('a')], [1], 'r')).toEqual([
      { state: 'corrupt', fact: expect.any(String) },
    ]);
    expect(await raw.exists(nameOf('a'))).toBe(0);
  });

  test('and does not parse while it is being written leaves the lock, marked', async () => {
    await put('a', 'x');
    await begin('a', 'w1');
    await raw.hset(nameOf('a'), 'age', 'many');
    expect(await read('a')).toMatchObject({ state: 'corrupt' });
    expect(await read('a')).toEqual({ state: 'busy' });
    await commit('a', 'new', 'w1');
    expect(await read('a')).toEqual(COLD);
  });

  test('and did not parse is not dropped where it has been replaced since', async () => {
    const proxy = await startProxy({ port: server.port });
    const distant = await open(`redis://127.0.0.1:${proxy.port}`);
    await put('a', 'x');
    await read('a', 'r', distant);
    await raw.hset(nameOf('a'), 'age', 'many');
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await raw.info('commandstats'))![1]);
    const before = await calls();
    proxy.stall('replies');
    const reading = read('a', 'r', distant);
    await until('the read has been run', async () => (await calls()) > before);
    await put('a', 'new');
    proxy.resume();
    expect(await reading).toMatchObject({ state: 'corrupt' });
    expect(await read('a')).toEqual(value('new'));
    await proxy.stop();
  });

  test('and has no marker, or one that nobody writes, is cold', async () => {
    const tag = (await raw.info('replication')).match(/master_replid:(.{8})/)![1]!;
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
      for (const step of ['read', ...Object.keys(steps)] as (keyof typeof steps)[]) {
        await raw.del(nameOf('a'));
        await raw.hset(nameOf('a'), { name: 'foreign', ...(marker === undefined ? {} : { '~': marker }) });
        for (const answer of await steps[step]())
          if (answer !== undefined) expect(answer).toEqual({ state: 'fill', token: 't' });
        expect((await read('a', 'other')).state).not.toBe('value');
      }
    }
  });
});

describe('a link that breaks', () => {
  test('fails at once, and serves again when it is mended', async () => {
    const proxy = await startProxy({ port: server.port });
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    await put('a', 'x');
    proxy.cut();
    await until('the break is noticed', async () => (await read('a')).state === 'unreachable');
    for (const step of Object.values(steps)) expect(await step()).toMatchObject([{ error: expect.any(StoreFault) }]);
    proxy.resume();
    await until('it is mended', async () => (await read('a')).state === 'value');
    await proxy.stop();
  });

  test('while a step is under way fails it as unknown, and does not send it again', async () => {
    const proxy = await startProxy({ port: server.port });
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    await put('a', 'x');
    proxy.stall();
    const reading = read('a');
    const beginning = begin('b');
    proxy.cut();
    expect(await reading).toEqual(UNREACHABLE);
    expect(await beginning).toMatchObject([{ error: { outcome: 'unknown' } }]);
    proxy.resume();
    await until('it is mended', async () => (await read('a')).state === 'value');
    expect(await raw.exists(nameOf('b'))).toBe(0);
    await proxy.stop();
  });

  test('never ends up as an unhandled error', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    const proxy = await startProxy({ port: server.port });
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    proxy.stall();
    const reading = read('a');
    proxy.cut();
    await reading;
    proxy.resume();
    await until('it is mended', async () => (await read('a')).state !== 'unreachable');
    await proxy.stop();
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    expect(unhandled).toEqual([]);
  });

  test('to a server that accepts and never answers does not hold up closing: what waits is refused', async () => {
    const proxy = await startProxy({ port: server.port });
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    await put('a', 'x');
    proxy.stall();
    const reading = read('a');
    const beginning = begin('b');
    await links.at(-1)!.close();
    expect(await reading).toEqual(UNREACHABLE);
    expect(await beginning).toEqual([{ error: expect.any(StoreFault) }]);
    expect(await read('a')).toEqual(UNREACHABLE);
    await proxy.stop();
  });

  test('says nothing of what was to be stored', async () => {
    const proxy = await startProxy({ port: server.port });
    store = await open(`redis://127.0.0.1:${proxy.port}`);
    await begin('a', 'w');
    await raw.config('SET', 'min-replicas-to-write', '1');
    const [refused] = await commit('a', 'private matter', 'w');
    await raw.config('SET', 'min-replicas-to-write', '0');
    proxy.stall();
    const committing = commit('a', 'private matter', 'w');
    proxy.cut();
    const [broken] = await committing;
    const { inspect } = await import('node:util');
    for (const fault of [refused, broken]) {
      expect(fault).toBeDefined();
      expect(inspect(fault, { depth: 10 })).not.toContain('private matter');
    }
    await proxy.stop();
  });
});
