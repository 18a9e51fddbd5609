import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis, startRedisProcess } from './redis-process.js';
import { temporaryFolder } from './server-process.js';
import { until } from './until.js';

/** A master with replicas, watched by three sentinels, of this test's own. */
export interface RedisSentinel {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly name: string;
  /** The data servers; the first is the master at the start. */
  readonly servers: readonly RedisServer[];
  /** The port of the master as the sentinels have it now. */
  master(): Promise<number>;
  stop(): Promise<void>;
}

const SENTINELS = 3;
const REPLICAS = 2;

/**
 * Starts a master, two replicas and three sentinels, and waits until they know each other.
 * `downAfter`: after how many milliseconds without an answer the master is taken for dead, 1000 by default.
 */
export async function startSentinel(options: { readonly downAfter?: number } = {}): Promise<RedisSentinel> {
  const name = 'holdfast';
  const running: Pick<RedisServer, 'stop'>[] = [];
  const keep = <T extends Pick<RedisServer, 'stop'>>(server: T): T => {
    running.push(server);
    return server;
  };
  const stop = async () => {
    // The sentinels first, so that they do not take the end of the others for a failure.
    for (const server of running.splice(0).reverse()) await server.stop();
  };
  try {
    const master = keep(await startRedis());
    const servers = [master];
    for (let replica = 0; replica < REPLICAS; replica++)
      servers.push(keep(await startRedis({ replicaOf: master.port })));
    const ports: number[] = [];
    for (let sentinel = 0; sentinel < SENTINELS; sentinel++)
      ports.push(keep(await startOne(name, master.port, options.downAfter ?? 1000)).port);
    await until('every sentinel knows the others and the replicas', async () =>
      (await Promise.all(ports.map((port) => isReady(port, name)))).every(Boolean),
    );
    const sentinels = ports.map((port) => ({ host: '127.0.0.1', port }));
    return { sentinels, name, servers, master: () => masterOf(ports, name), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOne(name: string, master: number, downAfter: number): Promise<Omit<RedisServer, 'url'>> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const dir = await temporaryFolder('sentinel');
    const file = join(dir, 'sentinel.conf');
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir "${dir}"\n` +
        `sentinel monitor ${name} 127.0.0.1 ${master} 2\nsentinel down-after-milliseconds ${name} ${downAfter}\n` +
        `sentinel failover-timeout ${name} 6000\nsentinel parallel-syncs ${name} ${REPLICAS}\n`,
    );
    try {
      return await startRedisProcess([file, '--sentinel'], port, dir, true);
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function ask<T>(port: number, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

function isReady(port: number, name: string): Promise<boolean> {
  return ask(port, async (client) => {
    const fields = (await client.call('SENTINEL', 'MASTER', name)) as string[];
    const value = (field: string) => fields[fields.indexOf(field) + 1];
    if (value('num-other-sentinels') !== String(SENTINELS - 1) || value('num-slaves') !== String(REPLICAS))
      return false;
    const replicas = (await client.call('SENTINEL', 'REPLICAS', name)) as string[][];
    return replicas.every((replica) => replica[replica.indexOf('master-link-status') + 1] === 'ok');
  });
}

async function masterOf(sentinels: readonly number[], name: string): Promise<number> {
  for (const port of sentinels) {
    const address = await ask(
      port,
      (client) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name) as Promise<string[]>,
    ).catch(() => undefined);
    if (address) return Number(address[1]);
  }
  throw new Error('no sentinel answers');
}
