import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { slotOf } from '../../src/hot/redis/slot.js';
import { startRedis } from '../support/redis-server.js';

test('slots of keys are those that Redis says', async () => {
  const server = await startRedis({ args: ['--cluster-enabled', 'yes'] });
  const client = new Redis(server.url, { enableReadyCheck: false });
  const keys = [
    '',
    'a',
    'foo',
    '{}',
    'a{}b',
    '{a}',
    'a{b}c',
    'a{b}{c}',
    '{{a}}',
    'a}b{c}',
    'a{b',
    'ä{ß}',
    '漢字',
    'x{👩‍👩‍👧}',
    'x'.repeat(5000),
  ];
  for (let at = 0; at < 200; at++) keys.push(`holdfast:sample:{${at}}`);
  for (const key of keys) expect([key, slotOf(key)]).toEqual([key, await client.cluster('KEYSLOT', key)]);
  client.disconnect();
  await server.stop();
});
