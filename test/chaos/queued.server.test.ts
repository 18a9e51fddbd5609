import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Cluster, type ClusterOptions, Redis } from 'ioredis';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { slotOf } from '../../src/hot/redis/slot.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import type { HoldfastOptions } from '../../src/index.js';
import { outcome } from '../policies/gate.js';
import { type RedisCluster, startCluster } from '../support/redis-server.js';
import { startSteadyProxy } from '../support/steady-proxy.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { History } from './history.js';
import { NAMESPACE } from './namespace.js';
import { Process, placesOf, WRITES, type Write } from './process.js';
import type { Step, Stop } from './steps.js';
import { atRest, patient } from './subject.js';

/** A way to a cluster on which what is sent to its first node can be held up. */
interface HeldUp {
  readonly connection: RedisConnection;
  /** Left out: what is sent is waited for, however long it takes. */
  readonly options?: Partial<HoldfastOptions>;
  hold(): Promise<void>;
  /** What was sent meanwhile reaches the node. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const addressOf = (port: number) => ({ host: '127.0.0.1', port });

/** The first node of a cluster by a proxy, and by which nodes to find it. */
function byProxy({ nodes }: RedisCluster, proxy: { readonly port: number }) {
  const [{ port }, ...others] = nodes as [{ port: number }, ...{ host: string; port: number }[]];
  return { cluster: others.slice(0, 2), natMap: { [`127.0.0.1:${port}`]: addressOf(proxy.port) } };
}

/** An application's own cluster client. */
function ownClient(cluster: RedisCluster, proxy: { readonly port: number }, options: ClusterOptions) {
  const { cluster: known, natMap } = byProxy(cluster, proxy);
  const client = new Cluster(known, { natMap, clusterRetryStrategy: () => 20, ...options });
  client.on('error', () => undefined);
  return {
    connection: client as unknown as RedisConnection,
    /** Its connection to the first node. */
    first: () => client.nodes().find(({ options }) => options.port === proxy.port),
    async stop() {
      client.disconnect();
    },
  };
}

const WAYS: Readonly<Record<string, (cluster: RedisCluster) => Promise<HeldUp>>> = {
  async 'on a connection that never broke'(cluster) {
    const proxy = await startSteadyProxy(cluster.nodes[0]!);
    return { ...proxy, hold: async () => proxy.hold(), connection: byProxy(cluster, proxy) };
  },
  async 'by a client that was connecting to it'(cluster) {
    const proxy = await startSteadyProxy(cluster.nodes[0]!);
    const { connection, first, stop } = ownClient(cluster, proxy, {});
    return {
      connection,
      async hold() {
        proxy.hold();
        first()!.disconnect();
        await until('the client is connecting', () => first()?.status === 'connect');
      },
      resume: () => proxy.resume(),
      async stop() {
        await stop();
        await proxy.stop();
      },
    };
  },
  async 'by a client that sends again what was not answered'(cluster) {
    const proxy = await startProxy(cluster.nodes[0]!);
    const { connection, first, stop } = ownClient(cluster, proxy, {
      clusterNodeRetryStrategy: () => 20,
      redisOptions: { maxRetriesPerRequest: null },
    });
    return {
      connection,
      // What is sent again comes after it was given up.
      options: { circuitBreaker: { volumeThreshold: 1_000_000, timeout: 500 } },
      hold: async () => proxy.stall(),
      async resume() {
        proxy.cut();
        proxy.resume();
        // A node that is no master any more it may have given up, with all that was queued.
        await until('the client is connected again', () => ['ready', 'wait', undefined].includes(first()?.status));
      },
      async stop() {
        await stop();
        await proxy.stop();
      },
    };
  },
};

/** What there is, after the node was killed, where it was. */
interface Comeback {
  /** What lies there of a note, for who asks past everything. */
  readonly old: string | null;
  /** Whether what is sent to the node is run by it. */
  readonly runs: boolean;
  /** Gives the node that has its slots. */
  make(cluster: RedisCluster, node: Redis, replica: Redis): Promise<Redis>;
}

const COMEBACKS: Readonly<Record<string, Comeback>> = {
  'comes back with an old file': {
    old: '100',
    runs: true,
    async make(cluster, node) {
      await cluster.restart(0);
      return serving(node);
    },
  },
  'comes back empty': {
    old: null,
    runs: true,
    async make(cluster, node) {
      await rm(join(cluster.servers[0]!.dir, 'dump.rdb'));
      await cluster.restart(0);
      return serving(node);
    },
  },
  'is replaced by its replica, and comes back as a replica of that': {
    old: '100',
    runs: false,
    async make(cluster, node, replica) {
      await replica.config('SET', 'cluster-replica-no-failover', 'no');
      await until('the replica has taken over', async () =>
        (await replica.info('replication')).includes('role:master'),
      );
      await cluster.restart(0);
      await until('the node is a replica', async () => (await node.info('replication')).includes('role:slave'));
      return serving(replica);
    },
  },
};

async function serving(node: Redis): Promise<Redis> {
  await until('the cluster is whole', async () => String(await node.cluster('INFO')).includes('cluster_state:ok'));
  return node;
}

const nameOf = (id: string) => `${NAMESPACE}:note:{${id}}`;

/** Tells the arguments of all commands that are run at a server from now on. */
async function record(node: Redis): Promise<() => Promise<ReadonlySet<string>>> {
  await node.config('SET', 'slowlog-max-len', '100000');
  await node.config('SET', 'slowlog-log-slower-than', '0');
  return async () => {
    const log = (await node.slowlog('GET', 100_000)) as [id: number, at: number, took: number, args: string[]][];
    return new Set(log.flatMap(([, , , args]) => args));
  };
}

/** What A sends to the node that is away: a step of a write or read. */
const SENT: readonly (readonly [Write | 'find', Step])[] = [
  ...WRITES.flatMap((write) => [[write, 'before begin'] as const, [write, 'before commit'] as const]),
  ['find', 'before read'],
  ['find', 'before fill'],
];

describe.each(Object.entries(WAYS))('What is queued %s, a node of a cluster', (_, make) => {
  let history: History;
  let cluster: RedisCluster;
  let way: HeldUp;
  let nodes: Redis[];
  let links: RedisLink[];
  let a: Process;
  let b: Process;

  beforeEach(async () => {
    history = new History();
    cluster = await startCluster({ nodeTimeout: 1000 });
    way = await make(cluster);
    nodes = [0, 3].map((at) => new Redis(cluster.servers[at]!.url, { retryStrategy: () => 20 }));
    for (const node of nodes) node.on('error', () => undefined);
    // It does not take over before a test lets it.
    await nodes[1]!.config('SET', 'cluster-replica-no-failover', 'yes');
    const driver = memoryDriver();
    links = [];
    const open = async (name: string, connection: RedisConnection, options: Partial<HoldfastOptions> = {}) => {
      const link = await connectRedis(connection);
      links.push(link);
      const hot = redisHotStore({ connection: link, namespace: NAMESPACE });
      return Process.open(name, history, { hot, driver }, { ...patient, ...options, repairInterval: 100 });
    };
    a = await open('A', way.connection, way.options);
    b = await open('B', { cluster: cluster.nodes });
  }, 60_000);
  afterEach(async () => {
    for (const process of [a, b]) await process?.close();
    for (const link of links) await link.close();
    for (const node of nodes) node.disconnect();
    await way?.stop();
    await cluster?.stop();
  });

  test.each(Object.entries(COMEBACKS))(
    'that is killed and %s serves nothing old, and loses nothing',
    async (_, { old, runs, make: comeBack }) => {
      const [node, replica] = nodes as [Redis, Redis];
      const ids = Array.from({ length: 1000 }, (_, at) => `k${at}`).filter(
        (id) => slotOf(`{${id}}`) < Math.ceil(16_384 / 3),
      );
      // Others write each before the node is killed, while it is away, or not at all.
      const all = SENT.flatMap(([what, step]) => [0, 1, 2].map((others) => ({ what, step, others, id: ids.pop()! })));
      const places = all.flatMap(({ id }) => placesOf('batch', id));
      const look = async (...processes: Process[]) => {
        for (const { id, entity } of places) for (const process of processes) await process.find(id, entity);
      };
      for (const { id } of all) await b.write('batch', id, 100);
      await node.save();
      expect(await node.wait(1, 5000)).toBe(1);
      // The replica hears no more of it.
      await node.config('SET', 'requirepass', 'changed');
      await node.call('CLIENT', 'KILL', 'TYPE', 'replica');
      for (const { id } of all) await b.write('batch', id, 200);
      await look(a);

      for (const { step, id } of all) if (step === 'before fill') await b.evict(id);
      const stops: Stop[] = [];
      const sent: Promise<unknown>[] = [];
      // One after the other: what goes out together stops together.
      for (const { what, step, id } of all) {
        const stop = a.steps.stop(id, step);
        stops.push(stop);
        // A fill that is never answered is waited for by nobody but a test.
        const find = () => (way.options ? a.find(id) : a.load(id));
        sent.push(what === 'find' ? find() : a.write(what, id, 300));
        await stop.reached;
      }
      await way.hold();
      for (const { go } of stops) go();
      for (const [at, one] of way.options ? [] : sent.entries()) {
        const { what, step } = all[at]!;
        expect({ what, step, outcome: await outcome(one) }).toEqual({ what, step, outcome: 'pending' });
      }
      for (const { id, others } of all) if (others === 1) expect(await b.write('save', id, 400)).toBe(true);
      await cluster.servers[0]!.kill();
      for (const { id, others } of all) if (others === 2) expect(await b.write('save', id, 500)).toBe(true);
      await look(b);
      const master = await comeBack(cluster, node, replica);
      for (const { what, id, others } of all)
        if (what === 'find' && others === 0) expect(await master.hget(nameOf(id), 'n')).toBe(old);
      await b.reconnected();
      await look(b);
      const recorded = await record(node);
      await way.resume();
      await Promise.all(sent);
      if (runs)
        await until('all that was queued is run', async () => {
          const seen = await recorded();
          return all.every(({ id }) => seen.has(nameOf(id)));
        });
      await look(a, b);
      await a.reconnected();
      await look(a, b);
      const settle = (check: () => Promise<void>) =>
        until('both tiers agree', async () => {
          await check();
          return true;
        }).then(() => undefined);
      await atRest({ history, settle, outlast: async () => {} }, [a, b], places);
    },
    60_000,
  );
});
