import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis } from './redis-process.js';
import { until } from './until.js';

/** A Redis Cluster of this test's own. */
export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The servers in the order of `nodes`: three masters, then the replica of each. */
  readonly servers: readonly RedisServer[];
  /** Starts a server that was killed again, on the files that it left. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;

/**
 * Starts three masters, each with a replica, and waits until every node serves all slots.
 * `nodeTimeout`: after how many milliseconds without an answer a master is taken for dead, 5000 by default.
 */
export async function startCluster(options: { readonly nodeTimeout?: number } = {}): Promise<RedisCluster> {
  const started = await Promise.allSettled(Array.from({ length: 2 * MASTERS }, () => startNode()));
  const made = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  const servers = made.map(({ server }) => server);
  const killed: RedisServer[] = [];
  const clients = servers.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
  for (const client of clients) client.on('error', () => undefined);
  // Who was started first has made the folder, and removes it.
  const stop = async () => {
    for (const some of [servers, killed]) await Promise.all(some.map((server) => server.stop()));
  };
  try {
    for (const node of started) if (node.status === 'rejected') throw node.reason;
    await join(clients, servers);
    for (const client of clients) await client.config('SET', 'cluster-node-timeout', options.nodeTimeout ?? 5000);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    servers,
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    async restart(index) {
      const { port, dir } = servers[index]!;
      killed.push(servers[index]!);
      servers[index] = await startRedis({ args: made[index]!.args, port, dir });
    },
    stop,
  };
}

async function startNode(): Promise<{ readonly server: RedisServer; readonly args: readonly string[] }> {
  for (let tries = 1; ; tries++) {
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
    // Nodes meet no faster than this timeout lets them.
    args.push('--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0');
    try {
      return { server: await startRedis({ args }), args };
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function join(clients: readonly Redis[], servers: readonly RedisServer[]): Promise<void> {
  const ids = await Promise.all(clients.map((client) => client.cluster('MYID') as Promise<string>));
  for (const [index, client] of clients.entries()) {
    await client.cluster('SET-CONFIG-EPOCH', index + 1);
    if (index >= MASTERS) continue;
    const first = Math.ceil((index * SLOTS) / MASTERS);
    const last = Math.ceil(((index + 1) * SLOTS) / MASTERS) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
  }
  const buses = await Promise.all(
    clients.map(async (client) => ((await client.config('GET', 'cluster-port')) as string[])[1]!),
  );
  for (const client of clients)
    for (const [index, { port }] of servers.entries())
      await client.call('CLUSTER', 'MEET', '127.0.0.1', port, buses[index]!);
  await until('every node of the cluster knows all others', async () => {
    const known = await Promise.all(clients.map(nodesOf));
    return known.every(
      (nodes) => nodes.length === servers.length && ids.every((id) => nodes.some((node) => node.startsWith(id))),
    );
  });
  for (const [index, client] of clients.entries())
    if (index >= MASTERS) await client.cluster('REPLICATE', ids[index - MASTERS]!);
  await until('every node of the cluster serves all slots', async () =>
    (await Promise.all(clients.map(isReady))).every(Boolean),
  );
}

const nodesOf = async (client: Redis): Promise<string[]> =>
  ((await client.cluster('NODES')) as string)
    .split('\n')
    .filter((line) => line !== '' && !/handshake|noaddr|fail/.test(line));

async function isReady(client: Redis): Promise<boolean> {
  const info = (await client.cluster('INFO')) as string;
  if (!info.includes('cluster_state:ok') || !info.includes(`cluster_slots_ok:${SLOTS}`)) return false;
  const replication = await client.info('replication');
  if (replication.includes('role:slave')) return replication.includes('master_link_status:up');
  const slots = (await client.cluster('SLOTS')) as unknown[][];
  return slots.length === MASTERS && slots.every((range) => range.length === 4);
}
