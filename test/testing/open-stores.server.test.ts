import { expect, test } from '@jest/globals';
import { Entity, Fallback, Field, Holdfast, Key, RedisHash } from 'holdfast';
import { faultyDriver, faultyHotStore, openDriver, openHot } from 'holdfast/testing';
import { Redis } from 'ioredis';
import { startRedis } from '../support/redis-process.js';
import { until } from '../support/until.js';

@Entity()
@RedisHash()
@Fallback('home')
class Person {
  @Key() id!: string;
  @Field() name!: string;
}

test('The stores that open() makes of URLs can be wrapped, and are closed by the holdfast that they are given to', async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const clients = async () => ((await redis.client('LIST')) as string).trim().split('\n').length;
  try {
    const hot = faultyHotStore(await openHot(server.url, 'shop'));
    const durable = faultyDriver(await openDriver('sqlite:', 'home'));
    const stores = { redis: hot.store, fallbacks: { home: durable.driver } };
    const holdfast = await Holdfast.open({ entities: [Person], ...stores, logger: false });
    const people = holdfast.repository(Person);
    await people.save({ id: 'john', name: 'John' });
    expect(await redis.keys('shop:*john*')).toHaveLength(1);
    durable.faults.down();
    expect((await people.find('john'))?.name).toBe('John');
    durable.faults.up();
    hot.faults.down();
    expect((await people.find('john'))?.name).toBe('John');
    hot.faults.up();
    expect(await clients()).toBeGreaterThan(1);
    await holdfast.close();
    await until('only this test is connected', async () => (await clients()) === 1);
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

test('An option that stands for no durable store is refused', async () => {
  await expect(openDriver('oracle:db')).rejects.toThrow("the scheme 'oracle:' is not known");
});

test('A Redis that cannot be reached is told of', async () => {
  await expect(openHot('redis://127.0.0.1:1')).rejects.toThrow('127.0.0.1:1');
});
