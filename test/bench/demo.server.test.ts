import { afterAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { play, row } from './play.js';

const redis = new Redis(redisUrl);
afterAll(() => redis.disconnect());

/** The table of that name, where there is one. */
async function tables(type: 'postgres' | 'mysql', url: string, name: string): Promise<unknown[]> {
  const source = await new DataSource({ type, url }).initialize();
  try {
    return await source.query(`SELECT table_name FROM information_schema.tables WHERE table_name = '${name}'`);
  } finally {
    await source.destroy();
  }
}

test.each([
  ['PostgreSQL', 'postgres', postgresUrl],
  ['MySQL', 'mysql', mysqlUrl],
] as const)(
  'The demo on Redis and %s finds no wrong answer, and leaves nothing behind',
  async (_, type, url) => {
    const { code, output, errors } = await play('--limit', '2000', '--redis', redisUrl, '--fallback', url);
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/Each of [\d,]+ answers was checked field by field: 0 are wrong\./);
    const reads = ['find, hot', 'find, cached', "find, from: 'durable'", 'findMany, cold'];
    for (const name of reads) expect(row(output, name)[0]).toBe('2,000');
    const name = /called (\w+) there/.exec(output)![1]!;
    expect(await redis.keys(`${name}:*`)).toEqual([]);
    expect(await tables(type, url, name)).toEqual([]);
  },
  120_000,
);
