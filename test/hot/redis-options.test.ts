import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { MissingPackageError, ValidationError } from '../../src/core/errors.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import { checkConnection, type RedisConnection } from '../../src/hot/redis/options.js';

const thrown = (option: unknown): unknown => {
  try {
    return checkConnection(option);
  } catch (error) {
    return error;
  }
};

describe('the redis option', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 6379],
    ['an empty text', ''],
    ['a host without a scheme', 'localhost:6379'],
    ['another scheme', 'http://localhost:6379'],
    ['a path that is no database', 'redis://localhost/people'],
    ['a broken escape in the password', 'redis://:%zz@localhost'],
    ['an empty object', {}],
    ['no sentinels', { sentinels: [], name: 'main' }],
    ['sentinels without a name', { sentinels: [{ host: 'a' }] }],
    ['no nodes', { cluster: [] }],
    ['a node that is no URL', { cluster: ['localhost'] }],
  ])('of %s is refused, and the error says what it can be', (_, option) => {
    const error = thrown(option);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toMatch(/^The option 'redis' .*\. Give a redis: or rediss: URL, .*\.$/);
  });

  test.each([
    'http://:hunter2@localhost',
    'redis://:hunter2%zz@localhost',
    'redis://:hunter2@localhost/x',
    'redis//:hunter2@a',
  ])('is refused without showing the password', (url) => {
    const error = thrown(url);
    expect(error).toBeInstanceOf(ValidationError);
    expect(inspect(error)).not.toContain('hunter2');
  });

  test.each<[RedisConnection, string, string]>([
    ['redis://localhost', 'url', 'localhost:6379'],
    ['rediss://user:secret@redis.example:7000/3', 'url', 'redis.example:7000'],
    ['redis://[::1]:7000', 'url', '[::1]:7000'],
    [
      { sentinels: [{ host: 'a' }, { host: 'b', port: 2 }], name: 'main' },
      'sentinel',
      'main by way of sentinel a:26379',
    ],
    [{ cluster: [{ host: 'a', port: 1 }, 'redis://b:2'] }, 'cluster', 'a:1'],
    [{ cluster: ['rediss://:secret@b:2'] }, 'cluster', 'b:2'],
  ])('tells what %j is', (option, type, address) => {
    expect(checkConnection(option)).toMatchObject({ type, address });
  });

  test('of a cluster takes user, password and encryption from the URL that has them', () => {
    const checked = checkConnection({ cluster: ['redis://a:1', 'rediss://ann:s%40cret@b:2'] });
    expect(checked).toMatchObject({ credentials: { username: 'ann', password: 's@cret', tls: true } });
  });

  test('tells which package is missing, and how to get it', async () => {
    const load = () => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' }));
    const connecting = connectRedis('redis://localhost', { load });
    await expect(connecting).rejects.toBeInstanceOf(MissingPackageError);
    await expect(connecting).rejects.toThrow(/needs the package 'ioredis'.*npm install ioredis/);
  });
});
