import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, type ClusterOptions, Redis } from 'ioredis';
import { slotOf } from '../../src/hot/redis/slot.js';
import type { HotTier } from '../../src/open-hot-tier.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { type RedisCluster, startCluster, startSentinel } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { ChannelBench, type Ear } from './redis-channel-bench.js';
import { person } from './redis-channel-schemas.js';

const bench = new ChannelBench();
// A replica, which one of the tests kills.
const DEAD = 3;
const BROKEN = ['doubt', 'up', 'doubt', 'down', 'doubt', 'up'];

describe('a channel of a Redis Cluster', () => {
  let cluster: RedisCluster;
  let nodes: Redis[];

  beforeAll(async () => {
    cluster = await startCluster({ nodeTimeout: 1000 });
    nodes = cluster.nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
    for (const node of nodes) node.on('error', () => undefined);
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes ?? []) node.disconnect();
    await cluster?.stop();
  });

  /** The ids of the connections that are subscribed on each node. */
  const subscribed = () =>
    Promise.all(
      nodes.map(async (node) =>
        node.status !== 'ready'
          ? []
          : [...((await node.client('LIST', 'TYPE', 'PUBSUB')) as string).matchAll(/^id=(\d+)/gm)].map(([, id]) => id!),
      ),
    );

  /** Listens on a node that `wanted` is true for. */
  async function listenOn(wanted: (index: number) => boolean, ...given: Parameters<ChannelBench['listen']>) {
    for (;;) {
      const before = await subscribed();
      const ear = await bench.listen(...given);
      const after = await subscribed();
      const index = after.findIndex((ids, at) => ids.some((id) => !before[at]!.includes(id)));
      if (wanted(index)) return { ear, index };
      await ear.invalidation.close();
    }
  }

  /** Tells of keys in the slots of every master. */
  async function tellEverywhere(tier: HotTier, begin: string): Promise<readonly string[]> {
    const keys = Array.from({ length: 30 }, (_, at) => sampleKey(`${begin}${at}`));
    const owners = keys.map(({ id }) => Math.floor((slotOf(`${bench.namespace}:person:{${id}}`) * 3) / 16_384));
    expect(new Set(owners).size).toBe(3);
    expect(await tier.hot().drop(person, keys)).toEqual(keys.map(() => undefined));
    return keys.map(({ id }) => `person ${id}`);
  }

  const given = (options: ClusterOptions) => {
    const client = new Cluster([...cluster.nodes], options);
    client.on('error', () => undefined);
    return client;
  };
  const hears = async (ear: Ear, told: readonly string[]) => {
    for (const event of told) await ear.heard(event);
  };

  test('hears on any node, master or replica, what is told on every master', async () => {
    const ears = new Map<number, Ear>();
    while (ears.size < nodes.length) {
      const { ear, index } = await listenOn((at) => !ears.has(at), { cluster: cluster.nodes });
      ears.set(index, ear);
    }
    const told = await tellEverywhere(await bench.open({ cluster: cluster.nodes }), 'a');
    for (const ear of ears.values()) await hears(ear, told);
  }, 60_000);

  test('of a client with a key prefix, of its own or of its nodes, has that in its name', async () => {
    for (const options of [{ keyPrefix: '{pre:' }, { redisOptions: { keyPrefix: 'pre:' } }]) {
      const client = given(options);
      const ear = await bench.listen(client);
      const other = await bench.listen({ cluster: cluster.nodes });
      await bench.drop(await bench.open({ cluster: cluster.nodes }), 'plain');
      await bench.drop(await bench.open(client), 'a');
      await ear.heard('person a');
      await other.heard('person plain');
      expect(ear.events).not.toContain('person plain');
      expect(other.events).not.toContain('person a');
      await ear.invalidation.close();
      client.disconnect();
    }
  }, 60_000);

  test('whose node dies is in doubt, and listens to another', async () => {
    const tier = await bench.open({ cluster: cluster.nodes });
    const { ear } = await listenOn((at) => at === DEAD, { cluster: cluster.nodes });
    await cluster.servers[DEAD]!.kill();
    await ear.heard('up', 2);
    expect(ear.events).toEqual(BROKEN);
    await hears(ear, await tellEverywhere(tier, 'c'));
  }, 60_000);

  test('leaves a node that is taken out of the cluster, though its connection stands', async () => {
    const client = given({ slotsRefreshInterval: 100 });
    const clock = fakeClock();
    const { ear, index } = await listenOn((at) => at > DEAD, client, { clock });
    const id = (await nodes[index]!.cluster('MYID')) as string;
    await nodes[index]!.cluster('RESET', 'SOFT');
    for (const [at, node] of nodes.entries()) if (at !== index && at !== DEAD) await node.cluster('FORGET', id);
    await until(
      'the client knows',
      () => !client.nodes().some(({ options }) => options.port === cluster.nodes[index]!.port),
    );
    await clock.advance(1000);
    await until('it listens to another', async () => {
      await clock.advance(100);
      return ear.events.length === BROKEN.length;
    });
    expect(ear.events).toEqual(BROKEN);
    await hears(ear, await tellEverywhere(await bench.open(client), 'b'));
    await ear.invalidation.close();
    client.disconnect();
  }, 60_000);
});

test('a channel of a master that fails is in doubt, and listens to the one that Sentinel names', async () => {
  const sentinel = await startSentinel();
  const connection = { sentinels: sentinel.sentinels, name: sentinel.name };
  const ear = await bench.listen(connection);
  const tier = await bench.open(connection);
  await bench.drop(tier, 'a');
  await ear.heard('person a');
  await sentinel.servers[0]!.kill();
  await ear.heard('down');
  await ear.heard('up', 2);
  const port = await sentinel.master();
  expect(port).not.toBe(sentinel.servers[0]!.port);
  const master = new Redis({ port, host: '127.0.0.1' });
  expect(await master.call('PUBSUB', 'NUMSUB', `${bench.namespace}:person:changed`)).toContain(1);
  master.disconnect();
  await until('the new master takes what is told', async () => {
    await bench.drop(tier, 'b');
    return true;
  });
  await ear.heard('person b');
  expect(ear.events.slice(0, 7)).toEqual(['doubt', 'up', 'person a', 'doubt', 'down', 'doubt', 'up']);
  await ear.invalidation.close();
  await tier.close();
  await sentinel.stop();
}, 60_000);
