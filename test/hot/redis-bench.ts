import { afterEach, beforeEach, expect } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotFault, HotReply, HotStore } from '../../src/core/hot-store.js';
import { connectRedis, type RedisConnection } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';

export const schema = sampleSchema({ fields: { name: 'string', age: 'integer', tags: 'json' } });
export const row = (name: string) => sampleRow(schema, { name });
export const nameOf = (id: string) => `test:sample:{${id}}`;

export const value = (name: string) => ({ state: 'value', value: row(name) });
export const COLD = { state: 'fill', token: 'reader' };
export const UNREACHABLE = { state: 'unreachable', error: expect.any(StoreFault) };

/** A hot store on a server of each test's own, and the steps on one entry. */
export class RedisBench {
  readonly #servers: RedisServer[] = [];
  readonly #links: RedisLink[] = [];
  readonly #clients: Redis[] = [];
  server!: RedisServer;
  store!: HotStore;
  /** A plain client of the server. */
  raw!: Redis;

  constructor() {
    beforeEach(async () => {
      this.server = await this.start();
      this.store = await this.open(this.server.url);
      this.raw = this.client(this.server.url);
    });
    afterEach(async () => {
      for (const client of this.#clients.splice(0)) client.disconnect();
      for (const link of this.#links.splice(0)) await link.close();
      await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
    });
  }

  async start(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
    const server = await startRedis(options);
    this.#servers.push(server);
    return server;
  }

  async open(connection: RedisConnection): Promise<HotStore> {
    return redisHotStore({ connection: await this.link(connection), namespace: 'test' });
  }

  async link(connection: RedisConnection): Promise<RedisLink> {
    const link = await connectRedis(connection);
    this.#links.push(link);
    return link;
  }

  client(url: string, options: RedisOptions = {}): Redis {
    const client = new Redis(url, options);
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** Closes the link that was opened last. */
  async closeLast(): Promise<void> {
    await this.#links.at(-1)!.close();
  }

  begin(id: string, token = 'w', on = this.store): Promise<readonly HotFault[]> {
    return on.begin(schema, [sampleKey(id)], token, 60_000);
  }

  commit(id: string, name: string | null, token = 'w', on = this.store): Promise<readonly HotFault[]> {
    return on.commit(
      schema,
      [{ key: sampleKey(id), value: name === null ? null : row(name), ttl: undefined }],
      token,
      'set',
    );
  }

  fill(id: string, name: string, token = 'reader'): Promise<readonly HotFault[]> {
    return this.store.fill(schema, [{ key: sampleKey(id), value: row(name), ttl: undefined }], token);
  }

  async read(id: string, token = 'reader', on = this.store): Promise<HotReply> {
    return (await on.read(schema, [sampleKey(id)], undefined, token))[0]!;
  }

  /** Makes the entry hot. */
  async put(id: string, name: string | null, on = this.store): Promise<void> {
    expect(await this.begin(id, 'putter', on)).toEqual([undefined]);
    expect(await this.commit(id, name, 'putter', on)).toEqual([undefined]);
  }

  /** Every step, on the entry `a`. */
  readonly steps: Readonly<Record<string, () => Promise<readonly (HotReply | HotFault)[]>>> = {
    read: () => this.store.read(schema, [sampleKey('a')], undefined, 't'),
    begin: () => this.begin('a'),
    renew: () => this.store.renew(schema, [sampleKey('a')], 't', 1000),
    commit: () => this.commit('a', 'x'),
    abandon: () => this.store.abandon(schema, [sampleKey('a')], 't'),
    fill: () => this.fill('a', 'x'),
    drop: () => this.store.drop(schema, [sampleKey('a')]),
  };

  /** Insists that every step is refused, for reasons that match, and has certainly done nothing. */
  async refusesAll(reason: RegExp): Promise<void> {
    for (const step of Object.values(this.steps)) {
      const [answer] = await step();
      const { error } = answer as { error: StoreFault };
      expect(error).toBeInstanceOf(StoreFault);
      expect(error.message).toMatch(reason);
      expect(error.outcome).toBe('none');
    }
  }
}
