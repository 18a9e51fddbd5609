import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { redisUrl } from '../support/urls.js';
import { type RedisSubject, redisSubject, tidy } from './redis-subject.js';

describe('the hot store on one Redis server', () => {
  let subject: RedisSubject;
  let client: Redis;

  beforeAll(async () => {
    client = new Redis(redisUrl);
    subject = await redisSubject(redisUrl);
  });
  afterAll(async () => {
    await tidy(subject, (key) => client.unlink(key));
    client.disconnect();
  });

  for (const { name, run } of hotStoreConformance()) test(name, () => run(subject));
});
