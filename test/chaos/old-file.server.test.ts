import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RedisConnection } from '../../src/hot/redis/connect.js';
import { Holdfast } from '../../src/index.js';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startSteadyProxy } from '../support/steady-proxy.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { Alone } from './entities.js';
import { NAMESPACE } from './namespace.js';
import { type Process, placesOf, WRITES } from './process.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { atRest } from './subject.js';

/** A way to Redis that can be held up: what is sent meanwhile reaches it only afterwards. */
interface HeldUp {
  readonly connection: RedisConnection;
  hold(): void;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const WAYS: Readonly<Record<string, (port: number) => Promise<HeldUp>>> = {
  async 'a connection that never broke'(port) {
    const proxy = await startSteadyProxy({ port });
    return { ...proxy, connection: `redis://127.0.0.1:${proxy.port}` };
  },
  async "a client of the application's own, which sends again what was not answered"(port) {
    const proxy = await startProxy({ port });
    const client = new Redis(proxy.port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    client.on('error', () => undefined);
    return {
      connection: client,
      hold: () => proxy.stall(),
      async resume() {
        proxy.cut();
        proxy.resume();
        await until('the client is connected again', () => client.status === 'ready');
      },
      async stop() {
        client.disconnect();
        await proxy.stop();
      },
    };
  },
};

describe('A Redis that comes back with the file of a while ago', () => {
  let subject: RedisSubject;
  let writer: Process;

  beforeEach(async () => {
    subject = await redisSubject({ databases: sqliteDatabases() });
    writer = await subject.open('B');
  });
  afterEach(() => subject.close());

  /** Keys whose old value is in the file, and whose new one was acknowledged after it. */
  async function written(): Promise<string[]> {
    const ids = [...WRITES, 'find'].map(() => subject.id());
    for (const id of ids) await writer.write('batch', id, 100);
    await subject.keep();
    for (const id of ids) await writer.write('batch', id, 200);
    return ids;
  }

  const fileIsOld = async (id: string) => expect(await subject.raw.hget(`${NAMESPACE}:note:{${id}}`, 'n')).toBe('100');

  test('serves nothing of it', async () => {
    const ids = await written();
    await subject.kill();
    await subject.comeBack('what it had kept before');
    for (const id of ids) {
      await fileIsOld(id);
      expect(await writer.find(id)).toBe(200);
    }
    await atRest(
      subject,
      [writer],
      ids.flatMap((id) => placesOf('batch', id)),
    );
  });

  test.each(Object.entries(WAYS))('serves nothing of it over %s, and takes no step for another', async (_, make) => {
    const way = await make(subject.server.port);
    const process = await subject.open('A', { redis: way.connection });
    const ids = await written();
    for (const id of ids) await process.find(id);
    way.hold();
    // What these send is on its way when Redis goes, and arrives when it is back.
    const reads = ids.map((id) => process.find(id, 'page'));
    const read = process.find(ids.at(-1)!);
    const writes = WRITES.map((write, at) => process.write(write, ids[at]!, 300));
    await subject.kill();
    await subject.comeBack('what it had kept before');
    for (const id of ids) await fileIsOld(id);
    await way.resume();
    await Promise.all(reads);
    expect(await read).toBe(200);
    await Promise.all(writes);
    for (const id of ids) for (const reader of [process, writer]) await reader.find(id);
    await atRest(
      subject,
      [process, writer],
      ids.flatMap((id) => placesOf('batch', id)),
    );
    await process.close();
    await way.stop();
  });
});

describe('An entity whose only home is Redis keeps its data', () => {
  test.each([
    ['from the append-only file', ['--appendonly', 'yes', '--appendfsync', 'always']],
    ['from the snapshot', ['--save', '3600 1']],
  ])('over a restart %s', async (_, args) => {
    const first = await startRedis({ args });
    const holdfast = await Holdfast.open({ entities: [Alone], redis: first.url, namespace: NAMESPACE, logger: false });
    const entities = holdfast.repository(Alone);
    await entities.save({ id: 'a', n: 1 });
    await entities.increment('a', 'n');
    const raw = new Redis(first.url, { retryStrategy: () => null });
    raw.on('error', () => undefined);
    if (args[0] === '--save') await raw.save();
    raw.disconnect();
    await first.kill();
    await expect(entities.find('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const second: RedisServer = await startRedis({ args, dir: first.dir, port: first.port });
    await until('it is reached again', async () => (await entities.find('a'))?.n === 2);
    await holdfast.close();
    await second.stop();
    await first.stop();
  });
});
