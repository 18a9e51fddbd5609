import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Holdfast } from '../../src/index.js';
import { faultyDriver, openDriver } from '../../src/testing.js';
import { mariadbDatabases, postgresDatabases, type TestDatabases } from '../fallbacks/typeorm/databases.js';
import { runTsChild } from '../support/ts-child.js';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { Crowd } from './crowd.js';

const child = fileURLToPath(new URL('./members-child.ts', import.meta.url));
const PROCESSES = 8;
const CALLS = 90;

interface Acknowledged {
  readonly mine: readonly (readonly [member: string, score: number])[];
  readonly shared: number;
}

const databases: readonly (readonly [string, () => TestDatabases])[] = [
  ['PostgreSQL', () => postgresDatabases(postgresUrl)],
  ['MariaDB', () => mariadbDatabases(mysqlUrl)],
];

test.each(databases)(
  'eight processes that write one set in Redis and %s end with what was acknowledged in both, and it stays hot meanwhile',
  async (name, open) => {
    const places = open();
    const { url } = await places.fresh();
    const space = `${namespace}:members:${name}`;
    const { driver, faults } = faultyDriver(await openDriver(url));
    // A machine under load is no outage.
    const circuitBreaker = { timeout: '30s' } as const;
    const stores = { redis: redisUrl, namespace: space, synchronize: true } as const;
    const options = { entities: [Crowd], ...stores, circuitBreaker, logger: false } as const;
    const watcher = await Holdfast.open({ ...options, fallbacks: { home: driver } });
    const crowds = watcher.repository(Crowd);
    const redis = new Redis(redisUrl);
    try {
      await crowds.save({ id: 'own', members: [{ member: 'first', score: -1 }] });
      await crowds.save({ id: 'shared', members: [] });
      const reads = () => faults.calls.read;
      const before = reads();
      const children = Array.from({ length: PROCESSES }, (_, at) =>
        runTsChild(child, [redisUrl, url, space, `p${at}`, String(CALLS)]),
      );
      let over = false;
      let asked = 0;
      const watching = (async () => {
        while (!over) {
          expect(await crowds.range('own', { limit: 1 })).toEqual(['first']);
          asked++;
          await sleep(2);
        }
      })();
      const told = await Promise.all(children.map((one) => one.line('acknowledged ')));
      over = true;
      await watching;
      const durableReads = reads() - before;
      const acknowledged = told.map((line) => JSON.parse(line.slice('acknowledged '.length)) as Acknowledged);
      expect(asked).toBeGreaterThan(50);
      // Every page was answered by Redis.
      expect(durableReads).toBe(0);

      const expected = acknowledged
        .flatMap(({ mine }) => mine.map(([member, score]) => ({ member, score })))
        .concat({ member: 'first', score: -1 })
        .sort((a, b) => (a.member < b.member ? -1 : 1));
      const byMember = (found: Crowd | undefined) => found?.members.toSorted((a, b) => (a.member < b.member ? -1 : 1));
      expect(byMember(await crowds.find('own', { from: 'durable' }))).toEqual(expected);
      expect(byMember(await crowds.find('own'))).toEqual(expected);
      expect(reads()).toBe(before + 1);
      expect(await redis.zcard(`${space}:crowd:{own}`)).toBe(expected.length);

      const sum = acknowledged.reduce((all, { shared }) => all + shared, 0);
      for (const from of [{ from: 'durable' as const }, undefined])
        expect(await crowds.score('shared', 'all', from)).toBe(sum);
      const { agreeing, differing } = await watcher.verify(Crowd);
      expect({ agreeing, differing }).toEqual({ agreeing: expect.any(Number), differing: 0 });
    } finally {
      await watcher.close();
      await redis.quit();
      await places.dropAll();
    }
  },
  180_000,
);
