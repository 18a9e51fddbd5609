import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  Entity,
  Fallback,
  Field,
  Flag,
  type FlagValue,
  Holdfast,
  type HoldfastOptions,
  Items,
  Key,
  RedisHash,
  RedisSet,
  type SetItems,
  Value,
} from '../../src/index.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
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
class Alone {
  @Key() id!: string;
  @Field() n!: number;
}

@Entity()
@Flag()
class Seen {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

@Entity()
@RedisSet()
class Bag {
  @Key() id!: string;
  @Items() items!: SetItems<string>;
}

const later: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of later.splice(0).reverse()) await step();
});

const lines: string[] = [];
const line = (text: string) => void lines.push(text);

async function started(): Promise<{ server: RedisServer; admin: Redis }> {
  const server = await startRedis();
  const admin = new Redis(server.url);
  later.push(
    () => server.stop(),
    () => admin.disconnect(),
  );
  return { server, admin };
}

async function open(redis: NonNullable<HoldfastOptions['redis']>): Promise<Holdfast> {
  lines.length = 0;
  const holdfast = await Holdfast.open({
    entities: [Note, Alone, Seen, Bag],
    redis,
    fallbacks: { home: 'memory:' },
    namespace: 'place',
    repairInterval: 50,
    logger: { info: line, warn: line, error: line },
  });
  later.push(() => holdfast.close());
  return holdfast;
}

const keysOf = async (admin: Redis) => (await admin.keys('place:*')).length;

describe('Another database than the first', () => {
  test('is the only one that is read and written, also where it may not be selected on a new connection', async () => {
    const { server, admin } = await started();
    await admin.acl('SETUSER', 'shop', 'on', '>s', '~*', '&*', '+@all');
    const holdfast = await open(`redis://shop:s@127.0.0.1:${server.port}/1`);
    const [notes, alone] = [holdfast.repository(Note), holdfast.repository(Alone)];
    await notes.save({ id: 'a', n: 1 });
    await alone.save({ id: 'a', n: 1 });
    await admin.acl('SETUSER', 'shop', '-select');
    await admin.client('KILL', 'USER', 'shop');
    const hot = () => holdfast.health().tiers.find(({ role }) => role === 'hot')!;
    await until('it is not trusted', () =>
      /can't run this command.*Its user needs \+@connection/.test(hot().reason ?? ''),
    );
    await notes.save({ id: 'a', n: 2 });
    expect(await notes.find('a')).toMatchObject({ n: 2 });
    await expect(alone.find('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(alone.insert({ id: 'a', n: 5 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(alone.count()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await keysOf(admin)).toBe(0);
    await admin.acl('SETUSER', 'shop', '+select');
    await until('Redis answers', async () => (await alone.find('a'))?.n === 1);
    await until('it is trusted', () => hot().state === 'up');
    expect(await notes.find('a')).toMatchObject({ n: 2 });
    expect(await keysOf(admin)).toBe(0);
  }, 30_000);

  test("is kept to on a client of the application's own, which selects another", async () => {
    const { server, admin } = await started();
    const client = new Redis(`${server.url}/1`);
    later.push(() => client.disconnect());
    const holdfast = await open(client);
    const alone = holdfast.repository(Alone);
    await alone.save({ id: 'a', n: 1 });
    await client.select(2);
    expect(await alone.find('a')).toMatchObject({ n: 1 });
    await alone.save({ id: 'b', n: 1 });
    expect(await alone.count()).toBe(2);
    expect(await client.dbsize()).toBe(0);
    expect(await keysOf(admin)).toBe(0);
    // What a script selects is for the script alone.
    expect(await client.client('INFO')).toMatch(/ db=2 /);
  }, 30_000);
});

test('a right that is taken away is neither a corrupt entry nor none', async () => {
  const { server, admin } = await started();
  await admin.acl('SETUSER', 'shop', 'on', '>s', '~*', '&*', '+@all');
  const holdfast = await open(`redis://shop:s@127.0.0.1:${server.port}`);
  const notes = holdfast.repository(Note);
  await notes.save({ id: 'a', n: 1 });
  const [alone, flags, sets] = [holdfast.repository(Alone), holdfast.repository(Seen), holdfast.repository(Bag)];
  await alone.save({ id: 'a', n: 1 });
  await flags.set('a');
  await sets.save({ id: 'full', items: new Set(['x']) });
  await sets.save({ id: 'empty', items: new Set() });
  const refused = { code: 'STORE_UNAVAILABLE' };
  await admin.acl('SETUSER', 'shop', '-get', '-@set');
  await expect(flags.get('a')).rejects.toMatchObject(refused);
  for (const id of ['full', 'empty']) await expect(sets.find(id)).rejects.toMatchObject(refused);
  await expect(sets.has('full', 'x')).rejects.toMatchObject(refused);
  await admin.acl('SETUSER', 'shop', '-@hash');
  for (let reads = 0; reads < 20; reads++) expect(await notes.find('a')).toMatchObject({ n: 1 });
  await expect(alone.find('a')).rejects.toMatchObject(refused);
  await expect(alone.update('a', { n: 2 })).rejects.toMatchObject(refused);
  expect(lines.filter((text) => /could not be read/.test(text))).toEqual([]);
  await admin.acl('SETUSER', 'shop', '+@all');
  await until('Redis answers', async () => (await alone.find('a'))?.n === 1);
  expect(await flags.get('a')).toBe(true);
  expect([...(await sets.findOrFail('empty')).items]).toEqual([]);
  await until('it is trusted', () => holdfast.health().state === 'up');
}, 30_000);
