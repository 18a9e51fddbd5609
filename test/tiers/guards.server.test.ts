import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { Cached, Entity, Fallback, Field, Holdfast, Key, RedisHash } from '../../src/index.js';
import { faultyDriver } from '../../src/testing/faulty.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { redisUrl } from '../support/urls.js';

// What the caches of several processes go wrong by without one guard of the protocol.

@Entity()
@RedisHash({ ttl: '1m', absentTtl: '1m' })
@Fallback('home')
@Cached({ ttl: '1h' })
class Guest {
  @Key() id!: string;
  @Field() name!: string;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two processes on the same tiers; the first reaches Redis by way of a proxy. */
async function two() {
  const home = memoryDriver();
  const { hostname, port } = new URL(redisUrl);
  const proxy: TcpProxy = await startProxy({ host: hostname, port: Number(port || 6379) });
  closers.push(() => proxy.stop());
  const namespace = `holdfast_test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const open = async (redis: string) => {
    const durable = faultyDriver(home);
    const holdfast = await Holdfast.open({
      entities: [Guest],
      redis,
      namespace,
      fallbacks: { home: durable.driver },
      repairInterval: '100ms',
      logger: false,
    });
    closers.push(() => holdfast.close());
    return { holdfast, guests: holdfast.repository(Guest), durable: durable.faults };
  };
  const through = new URL(redisUrl);
  through.host = `127.0.0.1:${proxy.port}`;
  const [one, other] = [await open(through.href), await open(redisUrl)];
  return { ...one, others: other.guests, proxy };
}

type Two = Awaited<ReturnType<typeof two>>;

/**
 * Waits until the first process has heard of all that the other one has written: of the second name that it finds it can know
 * only when it has heard of the first, and messages come in their order.
 */
async function heard({ guests, others }: Two): Promise<void> {
  for (const name of [randomUUID(), randomUUID()]) {
    await others.save({ id: 'mark', name });
    await until('the mark is found', async () => (await guests.find('mark'))?.name === name);
  }
}

/** The channel of the first process breaks, the other one saves, and the channel is open again. */
async function saveUnheard({ holdfast, others, proxy }: Two): Promise<void> {
  const channel = () => holdfast.health().invalidation!.state;
  proxy.cut();
  await until('the channel is broken', () => channel() === 'down');
  await others.save({ id: 'a', name: 'new' });
  proxy.resume();
  await until('the channel is open', () => channel() === 'up');
  await until('the hot tier is trusted', () => holdfast.health().state === 'up');
}

/** A find of the first process that has read the old value, and waits. */
async function reading(both: Two) {
  const { guests, others, durable } = both;
  await others.save({ id: 'a', name: 'old' });
  await others.evict('a');
  await heard(both);
  const gate = durable.gate('read', 'after');
  const found = guests.find('a');
  await gate.reached;
  return { gate, found };
}

test('what a load brings that a message of another process has overtaken is not cached', async () => {
  const both = await two();
  const { guests, others } = both;
  const { gate, found } = await reading(both);
  await others.save({ id: 'a', name: 'new' });
  await heard(both);
  gate.open();
  expect((await found)!.name).toBe('old');
  expect((await guests.find('a'))!.name).toBe('new');
});

test('what was cached before the channel broke is not served when it is open again', async () => {
  const both = await two();
  const { guests, others } = both;
  await others.save({ id: 'a', name: 'old' });
  await heard(both);
  expect((await guests.find('a'))!.name).toBe('old');
  await saveUnheard(both);
  expect((await guests.find('a'))!.name).toBe('new');
});

test('what a load brings that went out before the channel was open again is not cached', async () => {
  const both = await two();
  const { gate, found } = await reading(both);
  await saveUnheard(both);
  gate.open();
  expect((await found)!.name).toBe('old');
  expect((await both.guests.find('a'))!.name).toBe('new');
});
