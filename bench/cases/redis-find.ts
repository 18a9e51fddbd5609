import type { BenchCase, BenchContext } from '../harness/case.js';
import type { Comparison } from '../harness/measure.js';
import { opened } from './opened.js';
import { HotPerson, person, RedisPerson } from './people.js';
import { PlainRedis, someIds } from './plain-redis.js';

async function stores({ redisUrl, ownName }: BenchContext) {
  const options = { redis: redisUrl, namespace: ownName };
  const plain = await PlainRedis.open(redisUrl, ownName);
  const hot = await opened(HotPerson, { ...options, fallbacks: { home: 'memory:' } });
  const alone = await opened(RedisPerson, options);
  const close = async () => {
    plain.close();
    await hot.close();
    await alone.close();
  };
  return { plain, hot: hot.people, alone: alone.people, close };
}

/** A read that Redis answers, beside HGETALL. */
export const redisFind: BenchCase = {
  name: 'redis-find',
  needs: ['redis'],
  async open(context) {
    const { plain, hot, alone, close } = await stores(context);
    const compared = (concurrency: number, aim: number): Comparison[] => {
      const peer = { name: 'ioredis HGETALL, and building', run: (n: number) => plain.find(person(n).id), aim };
      const common = { concurrency, expected: person };
      const at = concurrency === 1 ? 'one at a time' : `${concurrency} at once`;
      return [
        {
          ...common,
          title: `find from Redis before a database, ${at}`,
          variants: [{ name: 'find', run: (n) => hot.find(person(n).id) }, peer],
        },
        {
          ...common,
          title: `find from Redis alone, ${at}`,
          variants: [{ name: 'find', run: (n) => alone.find(person(n).id) }, peer],
        },
      ];
    };
    return { comparisons: [...compared(100, 1.5), ...compared(1, 0.8)], close };
  },
};

/** A hundred keys in one call, beside a pipeline. */
export const redisFindMany: BenchCase = {
  name: 'redis-find-many',
  needs: ['redis'],
  async open(context) {
    const { plain, hot, alone, close } = await stores(context);
    const peer = {
      name: 'ioredis pipeline of 100 HGETALL, and building',
      run: (n: number) => plain.findMany(someIds(n, 100)),
    };
    const common = {
      concurrency: 1,
      expected: (n: number) => Array.from({ length: 100 }, (_, at) => person(n * 100 + at)),
    };
    return {
      comparisons: [
        {
          ...common,
          title: 'findMany(100) from Redis before a database',
          variants: [{ name: 'findMany', run: (n) => hot.findMany(someIds(n, 100)) }, peer],
        },
        {
          ...common,
          title: 'findMany(100) from Redis alone',
          variants: [{ name: 'findMany', run: (n) => alone.findMany(someIds(n, 100)) }, peer],
        },
      ],
      close,
    };
  },
};
