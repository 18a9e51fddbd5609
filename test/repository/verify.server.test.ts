import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { Entity, Fallback, Field, Holdfast, type HoldfastOptions, Key, RedisHash } from '../../src/index.js';
import { startCluster } from '../support/redis-server.js';
import { postgresUrl, redisUrl } from '../support/urls.js';

const table = `verified_${process.pid}`;

@Entity(table)
@RedisHash()
@Fallback('home')
class Verified {
  @Key() id!: string;
  @Field({ type: 'integer' }) n!: number;
}

let cluster: Awaited<ReturnType<typeof startCluster>>;
let database: Client;
beforeAll(async () => {
  cluster = await startCluster();
  database = new Client({ connectionString: postgresUrl });
  await database.connect();
}, 60_000);
afterAll(async () => {
  await database.query(`DROP TABLE IF EXISTS ${table}`);
  await database.end();
  await cluster.stop();
});

test.each<[string, () => Partial<HoldfastOptions>]>([
  ['one server', () => ({ redis: redisUrl })],
  ['a cluster', () => ({ redis: { cluster: cluster.nodes } })],
])(
  'verify and repair compare Redis, %s, with what SQL did to the table',
  async (_, redis) => {
    const holdfast = await Holdfast.open({
      ...redis(),
      entities: [Verified],
      fallbacks: { home: postgresUrl },
      namespace: `verify_${process.pid}`,
      synchronize: true,
      logger: false,
      circuitBreaker: { timeout: '10s' },
    });
    const repository = holdfast.repository(Verified);
    const ids = Array.from({ length: 1200 }, (_, n) => `id:${n}`);
    await repository.save(ids.map((id, n) => ({ id, n })));
    expect(await holdfast.verify(Verified)).toMatchObject({ agreeing: 1200, differing: 0, agreement: 1 });
    await database.query(`UPDATE ${table} SET n = -1 WHERE id IN ('id:5', 'id:700')`);
    await database.query(`DELETE FROM ${table} WHERE id = 'id:9'`);
    const { keys, ...found } = await holdfast.verify(Verified);
    expect(found).toMatchObject({ agreeing: 1197, differing: 3, skipped: 0 });
    expect([...keys].sort()).toEqual(['id:5', 'id:700', 'id:9']);
    expect((await holdfast.verify(Verified, { sample: 100 })).agreeing).toBeGreaterThanOrEqual(97);
    expect(await holdfast.repair(Verified)).toMatchObject({ differing: 3 });
    expect((await repository.findMany(['id:5', 'id:700', 'id:9'])).map((one) => one?.n)).toEqual([-1, -1, undefined]);
    expect(await holdfast.verify(Verified)).toMatchObject({ differing: 0 });
    await repository.delete(ids);
    await repository.evict(ids);
    await holdfast.close();
  },
  60_000,
);
