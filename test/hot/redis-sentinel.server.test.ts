import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { type RedisSentinel, startSentinel } from '../support/redis-server.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';

describe('the hot store on a master that Sentinel names', () => {
  let sentinel: RedisSentinel;
  let subject: RedisSubject;

  beforeAll(async () => {
    sentinel = await startSentinel();
    subject = await redisSubject({ sentinels: sentinel.sentinels, name: sentinel.name });
  }, 60_000);
  afterAll(async () => {
    await subject?.link.close();
    await sentinel?.stop();
  });

  for (const { name, run } of hotStoreConformance()) test(name, () => run(subject));
});
