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

/** A namespace of its own for each fresh store; one link for all. */
function context(link: () => RedisLink): FallbackContext {
  let namespace: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = redisDriver({ connection: link(), namespace });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    open(schemas, options) {
      namespace = `test-${randomBytes(6).toString('hex')}`;
      return start(schemas, options);
    },
    reopen: start,
    pass: (ms) => sleep(ms + 5),
  };
}

describe('the redis driver on one server', () => {
  let link: RedisLink;
  let client: Redis;
  const namespaces: string[] = [];

  beforeAll(async () => {
    link = await connectRedis(redisUrl);
    client = new Redis(redisUrl);
  });
  afterAll(async () => {
    for await (const keys of link.scan('test-*:*')) {
      const mine = keys.filter((key) => namespaces.includes(key.slice(0, key.indexOf(':'))));
      if (mine.length > 0) await client.unlink(mine);
    }
    client.disconnect();
    await link.close();
  });

  for (const { name, run } of fallbackConformance())
    test(
      name,
      () => {
        const own = context(() => link);
        return run({
          ...own,
          async open(schemas, options) {
            const driver = await own.open(schemas, options);
            return driver;
          },
        });
      },
      30_000,
    );
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

  for (const { name, run } of fallbackConformance()) test(name, () => run(context(() => link)), 30_000);
});
