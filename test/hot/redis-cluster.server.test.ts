import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { type RedisCluster, startCluster } from '../support/redis-server.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';

describe('the hot store on Redis Cluster', () => {
  let cluster: RedisCluster;
  let subject: RedisSubject;

  beforeAll(async () => {
    cluster = await startCluster();
    subject = await redisSubject({ cluster: cluster.nodes });
  }, 60_000);
  afterAll(async () => {
    await subject?.link.close();
    await cluster?.stop();
  });

  for (const { name, run } of hotStoreConformance()) test(name, () => run(subject));
});
