import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Holdfast } from 'holdfast';
import { UserValues, userValueEntities } from 'holdfast/values';
import { startCluster } from '../support/redis-server.js';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { sleeping, valueCases } from './value-cases.js';

const prefix = `${namespace}_values`;

describe.each([
  ['Redis', redisUrl],
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('in %s', (_, location) => {
  valueCases({
    options: () => ({ location, namespace: prefix, logger: false }),
    lasts: true,
    ...sleeping,
  });
});

describe.each([
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('in Redis in front of %s', (name, home) => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.open({
      entities: userValueEntities({ fallback: 'home' }),
      redis: redisUrl,
      fallbacks: { home },
      namespace: `${prefix}_${name}`,
      synchronize: true,
      logger: false,
      circuitBreaker: { timeout: '10s' },
    });
  });
  afterAll(() => holdfast?.close());
  valueCases({ options: () => ({ location: holdfast }), lasts: true, ...sleeping });
});

test('a Redis Cluster keeps them in front of a store with transactions, and is refused at once alone', async () => {
  const { nodes, stop } = await startCluster();
  const open = (fallback: { fallback?: string }) =>
    Holdfast.open({
      entities: userValueEntities(fallback),
      redis: { cluster: nodes },
      fallbacks: { home: 'memory:' },
      logger: false,
    });
  try {
    const alone = await open({});
    await expect(UserValues.open({ location: alone })).rejects.toThrow(
      /^The location .* in one step, as Redis Cluster without a fallback.*userValueEntities\(\{ fallback: /,
    );
    await alone.close();
    const before = await open({ fallback: 'home' });
    const values = await UserValues.open({ location: before });
    await values.storeMany('u', { a: 1, b: [2] });
    expect(await values.entries('u')).toEqual(Object.entries({ a: 1, b: [2] }));
    await values.close();
    await before.close();
  } finally {
    await stop();
  }
}, 60_000);

test('however many write at once through several holdfasts, every value is listed and every key has its value', async () => {
  const open = () =>
    Holdfast.open({
      entities: userValueEntities({ fallback: 'home' }),
      redis: redisUrl,
      fallbacks: { home: postgresUrl },
      namespace: `${prefix}_races`,
      synchronize: true,
      logger: false,
      circuitBreaker: { timeout: '10s' },
    });
  const holdfasts = [await open(), await open(), await open()];
  const all = await Promise.all(holdfasts.map((location) => UserValues.open({ location })));
  const names = ['a', 'b', 'c'];
  const key = fc.constantFrom(...names);
  const call = fc.oneof(
    key.map((name) => (values: UserValues, user: string) => values.store(user, name, 1)),
    key.map((name) => (values: UserValues, user: string) => values.store(user, name, 1, { ttl: '1h' })),
    key.map((name) => (values: UserValues, user: string) => values.update(user, name, (n = 0) => n + 1)),
    key.map((name) => (values: UserValues, user: string) => values.delete(user, name)),
    fc.constant((values: UserValues, user: string) => values.storeMany(user, { a: 1, c: 3 })),
    fc.constant((values: UserValues, user: string) => values.deleteAll(user)),
    fc.constant((values: UserValues, user: string) => values.expire(user, '2h')),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(fc.nat({ max: 2 }), call), { maxLength: 8 }), { maxLength: 3 }),
      async (rounds) => {
        const user = `race ${run++ % 5}`;
        for (const calls of rounds) await Promise.all(calls.map(([who, make]) => make(all[who]!, user)));
        for (const values of all) {
          const there = await Promise.all(names.map((name) => values.has(user, name)));
          expect((await values.keys(user)).sort()).toEqual(names.filter((_, at) => there[at]));
          expect(await values.entries(user)).toHaveLength(there.filter(Boolean).length);
        }
      },
    ),
    { numRuns: 60 },
  );
  for (const values of all) await values.close();
  for (const holdfast of holdfasts) await holdfast.close();
}, 120_000);
