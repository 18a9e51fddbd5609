import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  Cached,
  type Class,
  CorruptEntryError,
  Entity,
  Fallback,
  Flag,
  type FlagRepository,
  type FlagValue,
  Holdfast,
  Key,
  Value,
} from '../../src/index.js';
import { memoryDriver } from '../../src/testing.js';
import { until } from '../support/until.js';
import { redisUrl } from '../support/urls.js';

class Fields {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

@Entity()
@Flag({ ttl: '1h' })
@Fallback('home')
class Homed extends Fields {}

@Entity()
@Flag({ ttl: '1h' })
class Alone extends Fields {}

@Entity()
@Flag()
@Fallback('home')
@Cached({ ttl: '1h' })
class HomedKept extends Fields {}

@Entity()
@Flag()
@Cached({ ttl: '1h' })
class AloneKept extends Fields {}

const namespace = `flags_${process.pid}`;
const nameOf = (entity: string, id: string) => `${namespace}:${entity}:{${id}}`;

let raw: Redis;
const home = memoryDriver();
const opened: Holdfast[] = [];

async function open(): Promise<Holdfast> {
  const entities = [Homed, Alone, HomedKept, AloneKept];
  const holdfast = await Holdfast.open({ entities, redis: redisUrl, fallbacks: { home }, namespace, logger: false });
  opened.push(holdfast);
  return holdfast;
}

beforeAll(() => {
  raw = new Redis(redisUrl);
});
afterEach(async () => {
  for (const holdfast of opened.splice(0)) await holdfast.close();
  const keys = await raw.keys(`${namespace}:*`);
  if (keys.length > 0) await raw.unlink(keys);
});
afterAll(() => raw.disconnect());

describe.each([
  ['homed', Homed],
  ['alone', Alone],
])('a flag in Redis (%s)', (name, entity: Class<Fields>) => {
  let flags: FlagRepository<Fields>;
  beforeEach(async () => {
    flags = (await open()).repository(entity) as unknown as FlagRepository<Fields>;
    await flags.delete(['a', 'b']);
  });

  test('is one string, which ends with its ttl, and nothing else', async () => {
    for (const step of [
      () => flags.set('a'),
      () => flags.unset('a'),
      () => flags.update('a', { seen: true }),
      () => flags.get('a'),
      () => flags.evict('a').then(() => flags.get('a')),
    ]) {
      await step();
      expect(await raw.keys(`${namespace}:${name}:*`)).toContain(nameOf(name, 'a'));
      expect(await raw.type(nameOf(name, 'a'))).toBe('string');
      expect(await raw.strlen(nameOf(name, 'a'))).toBe(name === 'alone' ? 1 : 18);
      const left = await raw.pttl(nameOf(name, 'a'));
      expect(left).toBeGreaterThan(3_000_000);
      expect(left).toBeLessThanOrEqual(3_600_000);
    }
    expect(await flags.isSet('a')).toBe(true);
    await flags.set('b');
    expect((await raw.keys(`${namespace}:*`)).filter((key) => key.endsWith('b}'))).toEqual([nameOf(name, 'b')]);
  });

  test('takes no more memory than a string of its length', async () => {
    await flags.set('a');
    const text = await raw.get(nameOf(name, 'a'));
    const twin = nameOf(name.replace(/./g, 'x'), 'a');
    await raw.set(twin, text!, 'PX', 60_000);
    expect(await raw.memory('USAGE', nameOf(name, 'a'))).toBe(await raw.memory('USAGE', twin));
    await raw.unlink(twin);
  });
});

test('what is no flag under the key of a hot one is dropped, and read anew', async () => {
  const flags = (await open()).repository(Homed);
  await flags.set('a');
  for (const spoil of [
    () => raw.hset(nameOf('homed', 'a'), '~', 'x'),
    () => raw.lpush(nameOf('homed', 'a'), 'x'),
    () => raw.set(nameOf('homed', 'a'), ''),
    () => raw.set(nameOf('homed', 'a'), 'x'),
    () => raw.set(nameOf('homed', 'a'), '1'),
    async () => {
      await flags.get('a');
      await raw.setrange(nameOf('homed', 'a'), 0, '-');
    },
  ]) {
    await raw.unlink(nameOf('homed', 'a'));
    await spoil();
    expect(await flags.get('a')).toBe(true);
    expect(await flags.get('a')).toBe(true);
    await raw.unlink(nameOf('homed', 'a'));
    await spoil();
    await flags.set('a');
    expect(await flags.get('a')).toBe(true);
  }
});

describe.each([
  ['a hash', () => raw.hset(nameOf('alone', 'a'), 'seen', '1'), /it is a Redis hash, not a string/],
  ['a text that is neither', () => raw.set(nameOf('alone', 'a'), 'yes'), /"yes" is not a stored boolean/],
  ['null, as a hash has it', () => raw.set(nameOf('alone', 'a'), '\0'), /is not a stored boolean/],
])('where Redis is the truth, %s in place of a flag', (_, spoil, fact) => {
  test('is told as corrupt, and left; it can be set, and deleted', async () => {
    const flags = (await open()).repository(Alone);
    await spoil();
    const before = await raw.dump(nameOf('alone', 'a'));
    for (const call of [
      () => flags.get('a'),
      () => flags.find('a'),
      () => flags.isSetMany(['b', 'a']),
      () => flags.update('a', { seen: true }),
    ]) {
      await expect(call()).rejects.toThrow(CorruptEntryError);
      await expect(call()).rejects.toThrow(fact);
    }
    expect(await raw.dump(nameOf('alone', 'a'))).toBe(before);
    await flags.set('a');
    expect(await flags.get('a')).toBe(true);
    await raw.unlink(nameOf('alone', 'a'));
    await spoil();
    expect(await flags.delete('a')).toBe(true);
    expect(await raw.exists(nameOf('alone', 'a'))).toBe(0);
  });
});

test('where Redis is the truth, a flag that was made by hand is read', async () => {
  const flags = (await open()).repository(Alone);
  await raw.mset(nameOf('alone', 'yes'), '1', nameOf('alone', 'no'), '0');
  expect(await flags.isSetMany(['yes', 'no', 'never'])).toEqual([true, false, false]);
  expect(await flags.get('no')).toBe(false);
  expect(await flags.count()).toBe(2);
});

test.each([
  ['in front of a durable store', HomedKept],
  ['alone', AloneKept],
])('a flag that other processes keep is heard of by them (%s)', async (_, entity: Class<Fields>) => {
  const [mine, others] = (await Promise.all([open(), open()])).map(
    (holdfast) => holdfast.repository(entity) as unknown as FlagRepository<Fields>,
  ) as [FlagRepository<Fields>, FlagRepository<Fields>];
  await mine.delete('a');
  for (const [step, value] of [
    [() => mine.set('a'), true],
    [() => mine.unset('a'), false],
    [() => mine.update('a', { seen: true }), true],
    [() => mine.delete('a'), undefined],
  ] as const) {
    await others.get('a');
    await step();
    await until('the other process has heard of it', async () => (await others.get('a')) === value);
  }
});
