import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/core/clock.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { Schema } from '../../src/core/schema.js';
import { connectClient } from '../../src/hot/redis/connect.js';
import { redisInvalidation } from '../../src/hot/redis/invalidation.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { Cached, Entity, Fallback, Field, Holdfast, type HoldfastOptions, Key, RedisHash } from '../../src/index.js';
import { sampleSchema } from '../../src/testing/sample-schema.js';
import { freePort } from '../support/free-port.js';
import { startRedis } from '../support/redis-server.js';
import { until } from '../support/until.js';

@Entity()
@RedisHash()
@Fallback('home')
class Note {
  @Key() id!: string;
  @Field() n!: number;
}

@Entity()
@RedisHash()
@Fallback('home')
@Cached({ max: 100, ttl: '1h' })
class Kept {
  @Key() id!: string;
  @Field() n!: number;
}

const later: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of later.splice(0).reverse()) await step();
});

/** What a call ended in, or that it did not in time. */
const within = (ms: number, what: Promise<unknown>) =>
  Promise.race([
    what.then(
      () => 'settled',
      (error: unknown) => `settled: ${String(error)}`,
    ),
    sleep(ms).then(() => `still pending after ${ms} ms`),
  ]);

const open = (options: Partial<HoldfastOptions>) =>
  Holdfast.open({
    entities: [Note],
    namespace: 'hung',
    repairInterval: 100,
    logger: false,
    openWithoutRedis: true,
    fallbacks: { home: 'memory:' },
    ...options,
  });

async function paused(ms: number) {
  const server = await startRedis();
  later.push(() => server.stop());
  const admin = new Redis(server.port);
  admin.on('error', () => undefined);
  later.push(() => admin.disconnect());
  await admin.call('CLIENT', 'PAUSE', String(ms), 'WRITE');
  return { server, admin };
}

describe('closing while the channel finds out whether it may tell', () => {
  test('ends, and leaves no connection', async () => {
    const server = await startRedis();
    later.push(() => server.stop());
    const { link, client } = await connectClient(server.url);
    later.push(() => link.close());
    const schema: Schema = sampleSchema({ name: 'kept', fields: { n: 'integer' } });
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let reach = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    let runs = 0;
    const connection = Object.create(link, {
      run: {
        value: async (calls: Parameters<RedisLink['run']>[0]) => {
          if (runs++ === 0) return calls.map(() => ({ fault: new StoreFault('away', 'none') }));
          reach();
          await gate;
          return link.run(calls);
        },
      },
    }) as RedisLink;
    const listening = { schemas: [schema], changed() {}, doubt() {}, clock: systemClock };
    const channel = await redisInvalidation({ connection, client, namespace: 'r', listening }, { mayBeAway: true });
    await reached;
    const closing = channel.close();
    go();
    const raw = new Redis(server.url);
    later.push(() => raw.disconnect());
    const came = await within(5000, closing);
    const listeners = ((await raw.client('LIST', 'TYPE', 'PUBSUB')) as string).split('\n').filter(Boolean).length;
    expect({ came, listeners }).toEqual({ came: 'settled', listeners: 0 });
  }, 30_000);

  test('ends, though Redis answers that only a while later', async () => {
    const port = await freePort();
    const holdfast = await open({ redis: `redis://shop:s@127.0.0.1:${port}`, entities: [Kept] });
    const server = await startRedis({ port, args: ['--user', ...'shop on >s ~* &* +@all -publish'.split(' ')] });
    later.push(() => server.stop());
    await until('it may not tell', () => /NOPERM|ACL|permission/i.test(String(holdfast.health().invalidation?.cause)));
    const admin = new Redis(port);
    admin.on('error', () => undefined);
    later.push(() => admin.disconnect());
    await admin.call('CLIENT', 'PAUSE', '6000', 'WRITE');
    await admin.acl('SETUSER', 'shop', '+publish');
    await sleep(2500);
    expect(await within(20_000, holdfast.close())).toBe('settled');
  }, 60_000);
});

test('opening ends in time where Redis says what it is, but answers no script', async () => {
  const { server } = await paused(600_000);
  const openings = [true, false].map((openWithoutRedis) => open({ redis: server.url, openWithoutRedis }));
  for (const opening of openings)
    void opening.then(
      (holdfast) => later.push(() => holdfast.close()),
      () => {},
    );
  const [away, refused] = await Promise.all(openings.map((opening) => within(25_000, opening)));
  expect(away).toBe('settled');
  expect(refused).toMatch(/^settled: StoreUnavailableError: .*no answer within 10000 ms/);
}, 60_000);

test('a first connection that is dead, though TCP believes in it, is given up', async () => {
  const redis = await startRedis();
  later.push(() => redis.stop());
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    // As where the machine behind an address was lost: nothing ever comes back.
    if (sockets.length > 1) socket.pipe(connect(redis.port, '127.0.0.1')).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  later.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const holdfast = await open({ redis: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` });
  later.push(() => holdfast.close());
  expect(holdfast.health().state).toBe('degraded');
  await until('another is used', () => holdfast.health().state === 'up', 40_000);
  expect(sockets).toHaveLength(2);
}, 60_000);
