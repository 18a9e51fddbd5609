import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HotStore } from '../../src/core/hot-store.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { redisHotStore } from '../../src/hot/redis/store.js';

/** A hot store on a real Redis, in a namespace of its own. */
export interface RedisSubject {
  readonly link: RedisLink;
  readonly store: HotStore;
  readonly namespace: string;
  pass(ms: number): Promise<void>;
}

export async function redisSubject(connection: RedisConnection): Promise<RedisSubject> {
  const link = await connectRedis(connection);
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  return {
    link,
    namespace,
    store: redisHotStore({ connection: link, namespace }),
    // Redis removes what has expired by its own clock, to the millisecond.
    pass: (ms) => sleep(ms + 20),
  };
}

/** Deletes all keys of the subject, and closes it. */
export async function tidy({ link, store, namespace }: RedisSubject, remove: (key: string) => Promise<unknown>) {
  for await (const keys of link.scan(`${namespace}:*`)) await Promise.all(keys.map(remove));
  await store.close();
  await link.close();
}
