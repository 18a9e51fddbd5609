import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { permissionsFor } from '../../src/hot/redis/permissions.js';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { type SampleKind, sampleSchema } from '../../src/testing/sample-schema.js';
import { root } from '../house/source-files.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { redisSubject } from './redis-subject.js';

let server: RedisServer;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis();
  admin = new Redis(server.url);
}, 30_000);
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const COLLECTIONS: readonly SampleKind[] = ['sorted-set', 'geo-set', 'set', 'list'];
const RULES = permissionsFor(['hash', 'zset']).split(' ');

async function subjectAs(rules: readonly string[]) {
  await admin.acl('SETUSER', 'ann', 'reset', 'on', '>secret', '~test-*', ...rules);
  const url = new URL(server.url);
  url.username = 'ann';
  url.password = 'secret';
  return redisSubject(url.href);
}

const open = async (rules: readonly string[], kinds: readonly SampleKind[]): Promise<unknown> => {
  const { store, link } = await subjectAs(rules);
  const failed = await store.open(kinds.map((kind) => sampleSchema({ kind }))).catch((error: unknown) => error);
  await link.close();
  return failed;
};

test('the permissions that the README names are those that a user is told to need', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8').replaceAll('\n', ' ');
  expect(text).toContain(permissionsFor([]));
  expect(text).toContain(permissionsFor(['zset']).slice(permissionsFor([]).length + 1));
});

test('a user with these permissions can do all that collections need', async () => {
  const subject = await subjectAs(RULES);
  const name = /^of a (sorted-set|geo-set|set|list): (?!a right to fill that|putting aside|what was put aside and)/;
  for (const one of hotStoreConformance()) if (name.test(one.name)) await one.run(subject);
  await subject.link.close();
}, 90_000);

test.each([
  ['zadd', 'sorted-set'],
  ['zrange', 'sorted-set'],
  ['geosearch', 'geo-set'],
  ['rpush', 'list'],
  ['lrange', 'list'],
  ['sadd', 'set'],
  ['smembers', 'set'],
  ['mget', 'set'],
  ['rename', 'list'],
  ['unlink', 'list'],
] as const)('a user without %s is told so when a %s is opened', async (command, kind) => {
  expect(await open([...RULES, `-${command}`], [kind])).toMatchObject({
    message: expect.stringMatching(/can't run this command.*\+@sortedset \+@geo \+@list \+@set \+mget \+rename/),
  });
});

test('a user of whom no collection is opened needs nothing for them', async () => {
  const rules = permissionsFor(['hash', 'string']).split(' ');
  expect(await open(rules, ['hash', 'flag'])).toBeUndefined();
  for (const kind of COLLECTIONS) expect(await open(rules, [kind])).toBeInstanceOf(Error);
});
