import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type RedisSubject, redisSubject, tidy } from '../hot/redis-subject.js';
import { redisUrl } from '../support/urls.js';

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

test('what another version of the class wrote leaves nothing in what is written over it', async () => {
  const { store } = subject;
  const fields = { name: 'string', age: 'integer' } as const;
  const before = sampleSchema({ fields });
  const now = sampleSchema({ fields, schema: { fingerprint: '0badf00d' } });
  const key = sampleKey('a');
  for (const [schema, values] of [
    [before, { name: 'old', age: 3 }],
    [now, { name: 'new' }],
  ] as const) {
    await store.begin(schema, [key], 'w', 60_000);
    await store.commit(schema, [{ key, value: sampleRow(schema, values), ttl: undefined }], 'w', 'set');
  }
  expect(await store.read(now, [key], undefined, 'r')).toEqual([
    { state: 'value', value: sampleRow(now, { name: 'new' }) },
  ]);
});
