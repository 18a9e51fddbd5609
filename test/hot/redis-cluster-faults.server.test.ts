import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { slotOf } from '../../src/hot/redis/slot.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisCluster, startCluster } from '../support/redis-server.js';
import { until } from '../support/until.js';

const schema = sampleSchema({ fields: { name: 'string' } });
const row = sampleRow(schema, { name: 'x' });
const keys = Array.from({ length: 60 }, (_, at) => sampleKey(String(at)));
const slots = keys.map((key) => slotOf(`test:sample:{${key.id}}`));
// Three masters with a third of the slots each.
const ownerOf = (slot: number) => Math.floor((slot * 3) / 16_384);

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  let link: RedisLink;
  let store: HotStore;
  let nodes: Redis[];

  beforeEach(async () => {
    cluster = await startCluster({ nodeTimeout: 1000 });
    link = await connectRedis({ cluster: cluster.nodes });
    store = redisHotStore({ connection: link, namespace: 'test' });
    await store.open([schema]);
    nodes = cluster.nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
    for (const node of nodes) node.on('error', () => undefined);
    // No replica takes over before a test lets it.
    for (const replica of nodes.slice(3)) await replica.config('SET', 'cluster-replica-no-failover', 'yes');
    await store.begin(schema, keys, 'w', 600_000);
    await store.commit(
      schema,
      keys.map((key) => ({ key, value: row, ttl: undefined })),
      'w',
      'set',
    );
  }, 60_000);
  afterEach(async () => {
    await link?.close();
    for (const node of nodes ?? []) node.disconnect();
    await cluster?.stop();
  });

  const states = async () => (await store.read(schema, keys, undefined, 'r')).map(({ state }) => state);
  const all = new Set(keys.map(({ id }) => `test:sample:{${id}}`));
  const scanned = async () => {
    const found: string[] = [];
    for await (const some of link.scan('test:sample:*')) found.push(...some);
    return new Set(found);
  };
  const wanted = (lost: number, state: string) => slots.map((slot) => (ownerOf(slot) === lost ? state : 'value'));

  test('whose nodes have all been asked answers every key', async () => {
    expect(new Set(slots.map(ownerOf))).toEqual(new Set([0, 1, 2]));
    expect(await states()).toEqual(keys.map(() => 'value'));
  });

  const placeOf = (owner: number) => `127.0.0.1:${cluster.nodes[owner]!.port}`;
  /** Of each place its fault's message, or that it is well. */
  const places = async () =>
    Object.fromEntries(
      Array.from(await store.places(), ([place, fault]) => [place, (fault?.error as Error | undefined)?.message]),
    );
  const well = (...owners: readonly number[]) =>
    Object.fromEntries(owners.map((owner) => [placeOf(owner), undefined as unknown]));

  test('has a place for each master, and tells which takes writes', async () => {
    expect(keys.map((key) => store.place(schema, key))).toEqual(slots.map((slot) => placeOf(ownerOf(slot))));
    expect(await places()).toEqual(well(0, 1, 2));
    await nodes[1]!.config('SET', 'min-replicas-to-write', '5');
    expect(await places()).toEqual({ ...well(0, 2), [placeOf(1)]: expect.stringContaining('NOREPLICAS') });
    await nodes[1]!.config('SET', 'min-replicas-to-write', '0');
    cluster.servers[2]!.pause();
    expect(await places()).toEqual({ ...well(0, 1), [placeOf(2)]: expect.stringContaining('no answer within') });
    cluster.servers[2]!.resume();
    await until('the node answers again', async () => Object.values(await places()).every((fault) => !fault));
  }, 60_000);

  test('whose master was replaced has a place at its successor', async () => {
    const before = store.place(schema, keys[0]!);
    const lost = ownerOf(slots[0]!);
    await cluster.servers[lost]!.kill();
    await until('the loss is noticed', async () => (await places())[before] !== undefined);
    for (const owner of [0, 1, 2]) if (owner !== lost) expect((await places())[placeOf(owner)]).toBeUndefined();
    for (const replica of nodes.slice(3)) await replica.config('SET', 'cluster-replica-no-failover', 'no');
    await until('the replica has taken over', async () => {
      const all = await places();
      return !(before in all) && Object.values(all).every((fault) => !fault);
    });
    expect(store.place(schema, keys[0]!)).toBe(placeOf(lost + 3));
  }, 60_000);

  test('is one place for a client whose prefix puts all keys into one slot', async () => {
    const client = new Cluster([...cluster.nodes], { keyPrefix: '{app}:' });
    const pinned = await connectRedis(client);
    const there = redisHotStore({ connection: pinned, namespace: 'test' });
    const place = placeOf(ownerOf(slotOf('app')));
    expect(new Set(keys.map((key) => there.place(schema, key)))).toEqual(new Set([place]));
    expect(await there.places()).toEqual(new Map([[place, undefined]]));
    await pinned.close();
    client.disconnect();
  });

  test('that loses a master tells it for the keys of that master alone, and serves them from its successor, cold at first', async () => {
    const size = await nodes[0]!.dbsize();
    await until('the replica has it all', async () => (await nodes[3]!.dbsize()) === size);
    await cluster.servers[0]!.kill();
    await until('the loss is noticed', async () => (await states()).includes('unreachable'));
    expect(await states()).toEqual(wanted(0, 'unreachable'));
    await expect(scanned()).rejects.toBeInstanceOf(StoreFault);
    for (const replica of nodes.slice(3)) await replica.config('SET', 'cluster-replica-no-failover', 'no');
    await until('the replica has taken over', async () => !(await states()).includes('unreachable'));
    expect(await states()).toEqual(wanted(0, 'fill'));
    const lost = keys.filter((_, at) => ownerOf(slots[at]!) === 0);
    await store.fill(
      schema,
      lost.map((key) => ({ key, value: row, ttl: undefined })),
      'r',
    );
    expect(await states()).toEqual(keys.map(() => 'value'));
    expect(await scanned()).toEqual(all);
  }, 60_000);

  test('one of whose nodes is silent does not keep the others from answering', async () => {
    cluster.servers[1]!.pause();
    const first = store.read(schema, keys, undefined, 'r');
    // By then the node has been silent for so long that it is left out.
    await sleep(1100);
    const second = await store.read(schema, keys, undefined, 'r');
    expect(second.map(({ state }) => state)).toEqual(wanted(1, 'unreachable'));
    cluster.servers[1]!.resume();
    expect((await first).length).toBe(keys.length);
    await until('the node is asked again', async () => !(await states()).includes('unreachable'));
  }, 60_000);

  test('whose slots have moved is asked at their new place', async () => {
    const slot = slots[0]!;
    const [from, to] = [ownerOf(slot), (ownerOf(slot) + 1) % 3];
    const inSlot = keys.filter((_, at) => slots[at] === slot);
    const ids = await Promise.all(nodes.map((node) => node.cluster('MYID') as Promise<string>));
    await nodes[to]!.cluster('SETSLOT', slot, 'IMPORTING', ids[from]!);
    await nodes[from]!.cluster('SETSLOT', slot, 'MIGRATING', ids[to]!);
    const moving = (await nodes[from]!.cluster('GETKEYSINSLOT', slot, 100)) as string[];
    await nodes[from]!.migrate('127.0.0.1', cluster.nodes[to]!.port, '', 0, 5000, 'KEYS', ...moving);

    // While it moves: the old master sends to the new one, which is not followed.
    const [reply] = await store.read(schema, inSlot.slice(0, 1), undefined, 'r');
    expect(reply).toEqual({ state: 'unreachable', error: expect.any(StoreFault) });
    expect((reply as { error: Error }).error.message).toMatch(/ASK/);

    for (const node of [to, from, 3 - to - from]) await nodes[node]!.cluster('SETSLOT', slot, 'NODE', ids[to]!);
    const [moved] = await store.read(schema, inSlot.slice(0, 1), undefined, 'r');
    expect(moved).toEqual({ state: 'fill', token: 'r' });
    expect(await store.fill(schema, [{ key: inSlot[0]!, value: row, ttl: undefined }], 'r')).toEqual([undefined]);
    expect(await store.read(schema, inSlot.slice(0, 1), undefined, 'r')).toEqual([{ state: 'value', value: row }]);
  }, 60_000);

  test('gives the keys of all its masters to a scan', async () => {
    expect(await scanned()).toEqual(all);
  });

  test('that forgets its scripts is sent them again', async () => {
    for (const node of nodes.slice(0, 3)) await node.script('FLUSH');
    expect(await states()).toEqual(keys.map(() => 'value'));
  });
});
