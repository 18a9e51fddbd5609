import { Redis } from 'ioredis';
import { startRedis } from './redis-process.js';
import { isLeftBehind } from './run-name.js';
import type { TestServer } from './test-server.js';

/** Starts a Redis of this run's own; `undefined` where none is installed. */
export async function startSharedRedis(): Promise<TestServer | undefined> {
  try {
    const { url, stop } = await startRedis();
    return { url, how: 'started', stop };
  } catch (error) {
    if (String(error).includes('ENOENT')) return undefined;
    throw error;
  }
}

/** A Redis 7 or later that listens already; the keys under `namespace` are removed from it at the end. */
export async function findRedis(namespace: string): Promise<TestServer | undefined> {
  const url = 'redis://127.0.0.1:6379';
  try {
    const version = await ask(url, async (client) => /redis_version:(\d+)/.exec(await client.info('server'))?.[1]);
    if (Number(version) < 7) return undefined;
  } catch {
    return undefined;
  }
  return { url, how: 'found on port 6379', stop: () => clearRedis(url, namespace) };
}

/** Removes the keys under `namespace`, and those of runs that were killed before they could. */
export const clearRedis = (url: string, namespace: string): Promise<void> =>
  ask(url, async (client) => {
    for await (const keys of client.scanStream({ match: 'holdfast_test_*', count: 1000 }) as AsyncIterable<string[]>) {
      const unwanted = keys.filter((key) => key.startsWith(`${namespace}:`) || isLeftBehind(key));
      if (unwanted.length > 0) await client.unlink(unwanted);
    }
  });

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null, connectTimeout: 5000 });
  client.on('error', () => undefined);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}
