import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openFallback } from '../../src/fallbacks/open-fallback.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { MARKER } from '../../src/hot/redis/lua.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import type { HoldfastOptions } from '../../src/index.js';
import type { TestDatabases } from '../fallbacks/typeorm/databases.js';
import { type RedisOptions, type RedisServer, startRedis } from '../support/redis-server.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { History } from './history.js';
import { NAMESPACE } from './namespace.js';
import { Process } from './process.js';
import { patient, type Subject } from './subject.js';

export interface RedisSubjectOptions {
  /** Makes the durable store; the subject drops it at its end. */
  readonly databases: TestDatabases;
  readonly redis?: RedisOptions;
  /** What processes are opened with where they do not say. */
  readonly options?: Partial<HoldfastOptions> & { readonly repairInterval?: number };
}

/** How one process reaches the tiers, where not straight. */
export interface Ways {
  readonly redis?: RedisConnection;
  readonly database?: string;
  readonly options?: Partial<HoldfastOptions>;
}

/** A Redis of its own in front of a database, and the processes on them, each with connections of its own. */
export interface RedisSubject extends Subject {
  open(name: string, ways?: Ways): Promise<Process>;
  /** What a process reaches Redis by. */
  proxy(process: Process): TcpProxy;
  readonly server: RedisServer;
  readonly raw: Redis;
  /** Where the durable store is. */
  readonly database: string;
}

const SLACK = 10_000;

export async function redisSubject({
  databases,
  redis = {},
  options = patient,
}: RedisSubjectOptions): Promise<RedisSubject> {
  const { repairInterval = 100 } = options;
  const history = new History();
  const servers = [await startRedis(redis)];
  const { dir, port, url } = servers[0]!;
  const raw = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  raw.on('error', () => undefined);
  const { url: database } = await databases.fresh();
  const opened = new Map<Process, TcpProxy>();
  const straight: Process[] = [];
  const links: RedisLink[] = [];
  const file = join(dir, 'dump.rdb');
  const kept = join(dir, 'kept.rdb');
  let count = 0;
  return {
    history,
    raw,
    database,
    get server() {
      return servers.at(-1)!;
    },
    async open(name, ways = {}) {
      const proxy = await startProxy({ port });
      const link = await connectRedis(ways.redis ?? `redis://127.0.0.1:${proxy.port}`);
      links.push(link);
      const tiers = {
        hot: redisHotStore({ connection: link, namespace: NAMESPACE }),
        driver: await openFallback('home', ways.database ?? database),
      };
      const process = await Process.open(name, history, tiers, { ...options, repairInterval, ...ways.options });
      opened.set(process, proxy);
      if (!ways.redis) straight.push(process);
      return process;
    },
    proxy: (process) => opened.get(process)!,
    id: () => `k${count++}`,
    flush: async () => void (await raw.flushall()),
    async keep() {
      await raw.save();
      await copyFile(file, kept);
    },
    async kill() {
      await raw.save();
      await servers.at(-1)!.kill();
    },
    async comeBack(withWhat) {
      if (withWhat === 'nothing') await rm(file);
      else if (withWhat === 'what it had kept before') await copyFile(kept, file);
      servers.push(await startRedis({ ...redis, dir, port }));
      // Who has come another way is for the test to see to.
      await Promise.all(straight.map((process) => process.reconnected()));
    },
    async cut(processes) {
      for (const process of processes) opened.get(process)!.cut();
    },
    async mend(processes) {
      for (const process of processes) opened.get(process)!.resume();
      await Promise.all(processes.map((process) => process.reconnected()));
    },
    async outlast() {
      for (const key of await raw.keys(`${NAMESPACE}:*`)) {
        const marker = await raw.hget(key, MARKER);
        if (!/^[LF]/.test(marker ?? '')) continue;
        if ((await raw.pttl(key)) === -1) throw new Error(`${key} is ${marker} for ever`);
        await raw.pexpire(key, 0);
      }
    },
    during: (work) => work,
    // What the servers and the machine take comes on top of the interval.
    settle: (check) =>
      until(
        'both tiers agree',
        async () => {
          await check();
          return true;
        },
        repairInterval + SLACK,
      ).then(() => undefined),
    async close() {
      for (const process of opened.keys()) await process.close();
      for (const link of links) await link.close();
      for (const proxy of opened.values()) await proxy.stop();
      raw.disconnect();
      for (const server of servers.reverse()) await server.stop();
      await databases.dropAll();
    },
  };
}
