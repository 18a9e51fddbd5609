import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  CorruptEntryError,
  Entity,
  Fallback,
  Holdfast,
  type HoldfastOptions,
  Key,
  RedisHash,
  StoreUnavailableError,
  ValidationError,
} from '../../src/index.js';
import { freePort } from '../support/free-port.js';
import { startRedis } from '../support/redis-server.js';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { Counter, CounterAlone, EveryType, EveryTypeAlone } from './every-type.js';

@Entity('never_made')
@RedisHash()
@Fallback('home')
class NeverMade {
  @Key() id!: string;
}

const withUser = (url: string, password: string) => {
  const changed = new URL(url);
  changed.username = 'nobody';
  changed.password = password;
  return changed.href;
};

async function refusal(
  options: Omit<HoldfastOptions, 'entities' | 'logger'>,
  entities: HoldfastOptions['entities'] = [Counter],
): Promise<Error> {
  const opened = await Holdfast.open({ entities, logger: false, ...options }).catch((error: unknown) => error as Error);
  if (opened instanceof Error) return opened;
  await opened.close();
  throw new Error('open() did not refuse');
}

describe('open() on servers that cannot be used', () => {
  const secret = 's3cr3t-p4ss';
  let locked: Awaited<ReturnType<typeof startRedis>>;
  let silent: ReturnType<typeof createServer>;

  beforeAll(async () => {
    locked = await startRedis({ password: 'right' });
    silent = createServer().listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await locked.stop();
    silent.close();
  });

  test('says which, and never shows a password', async () => {
    const nowhere = await freePort();
    const refusals: Record<string, Error> = {
      'Redis nowhere': await refusal({
        redis: `redis://:${secret}@127.0.0.1:${nowhere}`,
        fallbacks: { home: 'memory:' },
      }),
      'Redis with a wrong password': await refusal({
        redis: `redis://:${secret}@127.0.0.1:${locked.port}`,
        fallbacks: { home: 'memory:' },
      }),
      'PostgreSQL nowhere': await refusal({
        fallbacks: { home: `postgresql://u:${secret}@127.0.0.1:${nowhere}/test` },
      }),
      'PostgreSQL without its database': await refusal({
        fallbacks: { home: postgresUrl.replace(/\/[^/]*$/, '/no_such_database') },
      }),
      'MariaDB nowhere': await refusal({ fallbacks: { home: `mysql://u:${secret}@127.0.0.1:${nowhere}/test` } }),
      'MariaDB with a wrong password': await refusal({ fallbacks: { home: withUser(mysqlUrl, secret) } }),
    };
    for (const [name, error] of Object.entries(refusals)) {
      expect([name, error.constructor.name]).toEqual([name, StoreUnavailableError.name]);
      for (let at: unknown = error; at instanceof Error; at = at.cause) expect(at.message).not.toContain(secret);
    }
    expect(refusals['Redis nowhere']!.message).toContain(`127.0.0.1:${nowhere}`);
  }, 60_000);

  test('asks for the table that is missing, where it may not make it', async () => {
    const error = await refusal({ fallbacks: { home: postgresUrl }, synchronize: false }, [NeverMade]).catch(
      (e: Error) => e,
    );
    expect(error.message).toMatch(/never_made/);
    expect(error.message).toMatch(/synchronize/);
  });
});

describe('an entry in Redis that somebody else wrote', () => {
  const namespace = `bad_${process.pid}`;
  const redis = new Redis(redisUrl);
  let homed: Holdfast;
  let alone: Holdfast;

  beforeAll(async () => {
    homed = await Holdfast.open({
      entities: [Counter, EveryType],
      redis: redisUrl,
      fallbacks: { home: 'memory:' },
      namespace,
      logger: false,
    });
    alone = await Holdfast.open({
      entities: [CounterAlone, EveryTypeAlone],
      redis: redisUrl,
      namespace,
      logger: false,
    });
  });
  afterAll(async () => {
    await homed.close();
    await alone.close();
    const keys = await redis.keys(`${namespace}:*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });

  test('is read anew from the durable store, where there is one', async () => {
    const counters = homed.repository(Counter);
    await counters.save({ id: 'c', value: 1 });
    const key = `${namespace}:counter:{c}`;
    expect(await redis.hget(key, 'value')).toBe('1');
    await redis.hset(key, 'value', 'corrupt');
    expect(await counters.find('c')).toMatchObject({ value: 1 });
    expect(await counters.find('c')).toMatchObject({ value: 1 });
    await redis.del(key);
    await redis.set(key, 'a string');
    expect(await counters.find('c')).toMatchObject({ value: 1 });
    await redis.del(key);
    await redis.rpush(key, 'a list');
    await counters.save({ id: 'c', value: 2, version: 1 });
    expect(await counters.find('c')).toMatchObject({ value: 2 });
  });

  test('is a CorruptEntryError that names the key, where Redis is the truth, and stays as it is', async () => {
    const counters = alone.repository(CounterAlone);
    await counters.save({ id: 'c', value: 1 });
    const key = `${namespace}:counter_alone:{c}`;
    await redis.hset(key, 'value', 'corrupt');
    const error = await counters.find('c').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CorruptEntryError);
    expect((error as Error).message).toContain('c');
    expect(await redis.hget(key, 'value')).toBe('corrupt');
    await redis.del(key);
    await redis.set(key, 'a string');
    await expect(counters.find('c')).rejects.toThrow(CorruptEntryError);
    await expect(counters.increment('c', 'value')).rejects.toThrow(CorruptEntryError);
    await expect(counters.save({ id: 'c', value: 1 })).rejects.toThrow();
    expect(await redis.get(key)).toBe('a string');
  });

  test('may hold JSON with __proto__, which stays a property like any other', async () => {
    const every = homed.repository(EveryType);
    const tags = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
    await every.save({ country: 'x', number: 1, tags });
    const found = (await every.find({ country: 'x', number: 1 }))!.tags as object;
    expect(Object.keys(found)).toEqual(['__proto__', 'a']);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
    await expect(every.save({ country: 'x', number: 1, ['__proto__' as 'name']: 'x' }))
      .rejects.toThrow(ValidationError)
      .catch(() => {});
  });
});

describe('a value that the column cannot keep', () => {
  test.each([
    ['PostgreSQL', postgresUrl],
    ['MariaDB', mysqlUrl],
  ])('is a ValidationError on %s, and nothing is written', async (_, url) => {
    const holdfast = await Holdfast.open({
      entities: [EveryType],
      redis: false,
      fallbacks: { home: url },
      synchronize: true,
      logger: false,
    });
    try {
      const every = holdfast.repository(EveryType);
      const nul = await every
        .save([
          { country: 'nul', number: 1 },
          { country: 'nul', number: 2, name: 'a\0b' },
        ])
        .catch((error: unknown) => error);
      if (nul instanceof Error) {
        expect(nul).toBeInstanceOf(ValidationError);
        expect(await every.exists({ country: 'nul', number: 1 })).toBe(false);
      } else expect((await every.find({ country: 'nul', number: 2 }))!.name).toBe('a\0b');
      await every.delete([
        { country: 'nul', number: 1 },
        { country: 'nul', number: 2 },
      ]);
    } finally {
      await holdfast.close();
    }
  });
});
