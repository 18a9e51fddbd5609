import { afterAll, describe } from '@jest/globals';
import { connectRedis } from '../../src/hot/redis/connect.js';
import type { RedisLink } from '../../src/hot/redis/link.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { redisUrl } from '../support/urls.js';
import { collectionCases } from './collection-cases.js';
import { fencedCases } from './fenced-cases.js';

let connection: RedisLink | undefined;
afterAll(() => connection?.close());

const makeHot = async () => {
  connection ??= await connectRedis(redisUrl);
  return redisHotStore({ connection, namespace: `holdfast_test_${process.pid}` });
};

describe('The fenced protocol on Redis', () => {
  fencedCases(makeHot);
});

describe('The fenced protocol of collections on Redis', () => {
  collectionCases(makeHot, { sameClock: false });
});
