import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Class, Entity, Fallback, Flag, type FlagValue, Holdfast, Key, Value } from '../../src/index.js';
import { startRedis } from '../support/redis-server.js';
import { Visitor } from './entities.js';

@Entity()
@Flag()
@Fallback('home')
class Visited {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

let server: Awaited<ReturnType<typeof startRedis>>;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
}, 30_000);
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

// As README names them.
const COMMANDS =
  '+@connection +@hash +get +set +eval +evalsha +info +time +del +unlink +exists +persist +pexpire +pexpireat +pexpiretime +pttl +type +scan +publish +subscribe +unsubscribe'.split(
    ' ',
  );

/** Opens as a user with these rules. */
async function openAs(
  rules: readonly string[],
  entities: readonly Class<object>[] = [Visitor, Visited],
): Promise<Holdfast> {
  await admin.acl('SETUSER', 'shop', 'reset', 'on', '>secret', ...rules);
  const url = new URL(server.url);
  url.username = 'shop';
  url.password = 'secret';
  const options = { entities, fallbacks: { home: 'memory:' }, namespace: 'shop', logger: false } as const;
  return Holdfast.open({ ...options, redis: url.href });
}

test('a user with the permissions that the README names can do all', async () => {
  const holdfast = await openAs([...COMMANDS, '~shop:*', '&shop:*']);
  const visitors = holdfast.repository(Visitor);
  await visitors.save({ id: 'v', name: 'Vera' });
  expect(await visitors.refresh('v')).toMatchObject({ name: 'Vera' });
  expect(await visitors.delete('v')).toBe(true);
  const flags = holdfast.repository(Visited);
  await flags.set('v');
  await flags.unset('v');
  expect((await flags.refresh('v'))!.seen).toBe(false);
  expect(await flags.delete('v')).toBe(true);
  expect(await holdfast.verify(Visited)).toMatchObject({ differing: 0 });
  expect(await holdfast.verify(Visitor)).toMatchObject({ differing: 0 });
  expect(holdfast.health().state).toBe('up');
  await holdfast.close();
});

test.each([
  ['commands that write', [...COMMANDS, '-hset', '~shop:*', '&shop:*'], /can't run this command.*\+@hash/],
  ['what flags are read with', [...COMMANDS, '-get', '~shop:*', '&shop:*'], /can't run this command.*\+get/],
  ['what flags are written with', [...COMMANDS, '-set', '~shop:*', '&shop:*'], /can't run this command.*\+set/],
  ['commands that drop', [...COMMANDS, '-del', '~shop:*', '&shop:*'], /can't run this command.*\+del/],
  ['INFO', [...COMMANDS, '-info', '~shop:*', '&shop:*'], /info/i],
  ['scripts', [...COMMANDS, '-evalsha', '~shop:*', '&shop:*'], /evalsha/i],
  ['its keys', [...COMMANDS, '~other:*', '&shop:*'], /keys/i],
  ['its channels', [...COMMANDS, '~shop:*', '&other:*'], /&shop/],
])('a user without %s is told so when it opens', async (_, rules, text) => {
  const error = await openAs(rules).then(
    () => undefined,
    (caught: Error) => caught,
  );
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(error!.message).toMatch(text);
});

test('a user whose entities are hashes needs no commands on strings', async () => {
  const holdfast = await openAs([...COMMANDS, '-get', '-set', '~shop:*', '&shop:*'], [Visitor]);
  await holdfast.repository(Visitor).save({ id: 'v', name: 'Vera' });
  await holdfast.close();
});
