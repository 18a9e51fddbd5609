import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { connectRedis } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';

const LONG = 600_000;
const namespace = `test-${randomBytes(6).toString('hex')}`;
const schema = sampleSchema({ kind: 'sorted-set' });

let server: RedisServer;
let raw: Redis;
let link: RedisLink;
/** How many keys each script was given. */
let scripts: number[] = [];

beforeAll(async () => {
  server = await startRedis();
  raw = new Redis(server.url);
  link = await connectRedis(server.url);
});
beforeEach(() => raw.flushall());
afterAll(async () => {
  await link?.close();
  raw?.disconnect();
  await server?.stop();
});

const open = (cluster: boolean) =>
  redisHotStore({
    namespace,
    connection: {
      ...link,
      cluster,
      run(calls) {
        scripts.push(...calls.map(({ keys }) => keys.length));
        return link.run(calls);
      },
    },
  });

const ends = async (id: string) => {
  const marker = await raw.get(`${namespace}:${schema.name}:{${id}}~`);
  return new Map(Array.from(marker!.matchAll(/([a-z0-9]+)@(\d+):/g), ([, token, end]) => [token!, Number(end)]));
};

test.each([
  [false, [2]],
  [true, [1, 1]],
])('many tokens of one key are renewed in one script, also where keys are apart (cluster: %s)', async (apart, made) => {
  const store = open(apart);
  const keys = [sampleKey('a'), sampleKey('b')];
  const tokens = Array.from({ length: 300 }, (_, at) => `w${at}`);
  for (const token of [...tokens, 'other'])
    await store.begin(
      schema,
      keys,
      token,
      LONG,
      LONG,
      keys.map(() => [token]),
    );
  const before = [await ends('a'), await ends('b')];
  scripts = [];
  const pairs = tokens.flatMap((token) => keys.map((key) => ({ key, token })));
  const faults = await store.renew(
    schema,
    pairs.map(({ key }) => key),
    pairs.map(({ token }) => token),
    2 * LONG,
  );
  expect(faults).toEqual(pairs.map(() => undefined));
  expect(scripts).toEqual(made);
  for (const [at, { id }] of keys.entries()) {
    const after = await ends(id);
    expect(after.size).toBe(301);
    for (const token of tokens) expect(after.get(token)).toBeGreaterThan(before[at]!.get(token)! + LONG / 2);
    expect(after.get('other')).toBe(before[at]!.get('other'));
  }
});
