import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisDriver } from '../../src/fallbacks/redis/driver.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { type FallbackContext, fallbackConformance } from '../../src/testing/fallback-conformance.js';
import { type RedisCluster, startCluster } from '../support/redis-server.js';
import { redisUrl } from '../support/urls.js';

/** A namespace of its own for each store, and one link for all. */
function context(link: () => RedisLink, run: string): FallbackContext {
  let namespace: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = redisDriver({ connection: link(), namespace });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    open(schemas, options) {
      namespace = `${run}-${randomBytes(6).toString('hex')}`;
      return start(schemas, options);
    },
    reopen: start,
    // Redis removes what has expired by its own clock, to the millisecond.
    pass: (ms) => sleep(ms + 5),
  };
}

describe('the redis driver on one server', () => {
  const run = `test-${randomBytes(6).toString('hex')}`;
  let link: RedisLink;

  beforeAll(async () => {
    link = await connectRedis(redisUrl);
  });
  afterAll(async () => {
    const client = new Redis(redisUrl);
    for await (const keys of link.scan(`${run}-*`)) await client.unlink([...keys]);
    client.disconnect();
    await link.close();
  });

  for (const { name, run: check } of fallbackConformance()) test(name, () => check(context(() => link, run)), 30_000);
});

describe('the redis driver on Redis Cluster', () => {
  let cluster: RedisCluster;
  let link: RedisLink;

  beforeAll(async () => {
    cluster = await startCluster();
    link = await connectRedis({ cluster: cluster.nodes });
  }, 60_000);
  afterAll(async () => {
    await link?.close();
    await cluster?.stop();
  });

  for (const { name, run } of fallbackConformance()) test(name, () => run(context(() => link, 'test')), 30_000);
});
