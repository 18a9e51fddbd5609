import type { BenchCase } from '../harness/case.js';
import { atOnce, postgres } from './databases.js';
import { opened } from './opened.js';
import { changed, HotPerson } from './people.js';
import { PersonRecord } from './plain-database.js';
import { PlainRedis } from './plain-redis.js';

/** A write to Redis and PostgreSQL, fenced, beside writes to PostgreSQL alone. */
export const hotSave: BenchCase = {
  name: 'redis-postgres-save',
  needs: ['redis', 'postgres'],
  async open(context) {
    const { redisUrl: redis, ownName: namespace } = context;
    const plain = await postgres.plain(context);
    const plainRedis = await PlainRedis.open(redis, namespace);
    const { people, close } = await opened(HotPerson, { redis, namespace, fallbacks: { home: postgres.url(context) } });
    const byHand = async (n: number) => {
      const one = changed(PersonRecord, n);
      await plain.driver.save(one);
      await plainRedis.save(one);
    };
    return {
      comparisons: postgres.concurrencies.map((concurrency) => ({
        title: `save, Redis and PostgreSQL, ${atOnce(concurrency)}`,
        concurrency,
        variants: [
          { name: 'save', run: (n) => people.save(changed(HotPerson, n)) },
          { name: 'pg, then ioredis HSET and PEXPIRE, by hand and unfenced', run: byHand },
          {
            name: "TypeORM's save, PostgreSQL alone",
            run: (n) => plain.typeorm.save(changed(PersonRecord, n)),
            aim: 2,
          },
          {
            name: "TypeORM's upsert, PostgreSQL alone",
            run: (n) => plain.typeorm.upsert(changed(PersonRecord, n), ['id']),
          },
          { name: 'pg, SQL by hand, PostgreSQL alone', run: (n) => plain.driver.save(changed(PersonRecord, n)) },
        ],
      })),
      close: async () => {
        plainRedis.close();
        await close();
        await plain.close();
      },
    };
  },
};

/** What the two steps of a fenced write cost on Redis: the durable store is in memory. */
export const beginCommit: BenchCase = {
  name: 'begin-commit',
  needs: ['redis'],
  async open({ redisUrl: redis, ownName: namespace }) {
    const plain = await PlainRedis.open(redis, namespace);
    const { people, close } = await opened(HotPerson, { redis, namespace, fallbacks: { home: 'memory:' } });
    return {
      comparisons: [100, 1].map((concurrency) => ({
        title: `save, begin and commit on Redis, ${atOnce(concurrency)}`,
        concurrency,
        variants: [
          { name: 'save', run: (n) => people.save(changed(HotPerson, n)) },
          { name: 'ioredis HSET and PEXPIRE, unfenced', run: (n) => plain.save(changed(PersonRecord, n)) },
        ],
      })),
      close: async () => {
        plain.close();
        await close();
      },
    };
  },
};
