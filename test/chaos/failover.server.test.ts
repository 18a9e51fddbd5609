import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { slotOf } from '../../src/hot/redis/slot.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { type RedisServer, startCluster, startSentinel } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { History } from './history.js';
import { NAMESPACE } from './namespace.js';
import { Process, placesOf } from './process.js';
import { atRest, patient } from './subject.js';

/** Servers among which a replica takes over when the master of some keys is gone. */
interface Group {
  readonly connection: RedisConnection;
  readonly master: RedisServer;
  readonly replicas: readonly RedisServer[];
  /** Whether the key is the master's. */
  has(key: string): boolean;
  stop(): Promise<void>;
}

const GROUPS: Readonly<Record<string, () => Promise<Group>>> = {
  async Sentinel() {
    const { sentinels, name, servers, stop } = await startSentinel();
    const [master, ...replicas] = servers;
    return { connection: { sentinels, name }, master: master!, replicas, has: () => true, stop };
  },
  async 'Redis Cluster'() {
    const { nodes, servers, stop } = await startCluster({ nodeTimeout: 1000 });
    const has = (key: string) => slotOf(key) < Math.ceil(16_384 / 3);
    return { connection: { cluster: nodes }, master: servers[0]!, replicas: [servers[3]!], has, stop };
  },
};

describe.each(Object.entries(GROUPS))('On %s,', (_, make) => {
  const history = new History();
  let group: Group;
  let clients: Redis[];
  let links: RedisLink[];
  let processes: Process[];

  beforeEach(async () => {
    group = await make();
    clients = [group.master, ...group.replicas].map(({ url }) => new Redis(url, { retryStrategy: () => 20 }));
    for (const client of clients) client.on('error', () => undefined);
    const driver = memoryDriver();
    links = [];
    processes = [];
    for (const name of ['A', 'B']) {
      const link = await connectRedis(group.connection);
      links.push(link);
      const hot = redisHotStore({ connection: link, namespace: NAMESPACE });
      processes.push(await Process.open(name, history, { hot, driver }, { ...patient, repairInterval: 100 }));
    }
  }, 60_000);
  afterEach(async () => {
    for (const process of processes) await process.close();
    for (const link of links) await link.close();
    for (const client of clients) client.disconnect();
    await group.stop();
  });

  test('a replica that had not heard of the last writes serves nothing old when it takes over', async () => {
    const [a, b] = processes as [Process, Process];
    const [master, ...replicas] = clients as [Redis, ...Redis[]];
    const nameOf = (id: string) => `${NAMESPACE}:note:{${id}}`;
    const ids = Array.from({ length: 100 }, (_, at) => `k${at}`)
      .filter((id) => group.has(nameOf(id)))
      .slice(0, 20);
    for (const id of ids) await a.save(id, 1);
    expect(await master.wait(replicas.length, 5000)).toBe(replicas.length);
    // Replicas are no longer let in; whoever is in already stays so.
    await master.config('SET', 'requirepass', 'changed');
    await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
    for (const id of ids) await (Number(id.slice(1)) % 2 === 0 ? a.save(id, 2) : a.write('delete', id, 0));
    await group.master.kill();
    // As long as nobody has taken over, the durable store answers.
    for (const id of ids) for (const process of [a, b]) await process.find(id);
    const promoted = await until('a replica has taken over', async () => {
      for (const replica of replicas) if ((await replica.info('replication')).includes('role:master')) return replica;
      return undefined;
    });
    await Promise.all(processes.map((process) => process.reconnected()));
    for (const id of ids) expect(await promoted.hget(nameOf(id), 'n')).toBe('1');
    for (const id of ids) for (const process of [b, a]) await process.find(id);
    for (const id of ids) await b.save(id, 3);
    const settle = (check: () => Promise<void>) =>
      until('both tiers agree', async () => {
        await check();
        return true;
      }).then(() => undefined);
    await atRest(
      { history, settle, outlast: async () => {} },
      processes,
      ids.flatMap((id) => placesOf('save', id)),
    );
  }, 60_000);
});
