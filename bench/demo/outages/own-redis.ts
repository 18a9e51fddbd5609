import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openHot } from 'holdfast/testing';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../../../test/support/redis-process.js';
import type { Breakable } from './breakable.js';

/** A Redis that was started for the demo, and is stopped, killed and started again for real. */
export function ownRedis(first: RedisServer, namespace: string): Breakable {
  const { url, port, dir } = first;
  const file = join(dir, 'dump.rdb');
  const old = join(dir, 'old.rdb');
  let server = first;
  return {
    url,
    told: `The Redis of this demo, process ${first.pid} on port ${port}, is stopped (SIGSTOP), killed (SIGKILL) and started again.`,
    connect: () => openHot(url, namespace),
    async remember() {
      const redis = new Redis(url);
      try {
        await redis.save();
      } finally {
        redis.disconnect();
      }
      await copyFile(file, old);
    },
    hang: () => server.pause(),
    goOn: () => server.resume(),
    kill: () => server.kill(),
    async comeBack(data) {
      if (data === 'old') await copyFile(old, file);
      else await rm(file, { force: true });
      server = await startRedis({ port, dir });
      return data === 'old' ? 'old data' : 'no data';
    },
    async close() {
      if (server !== first) await server.stop();
    },
  };
}
