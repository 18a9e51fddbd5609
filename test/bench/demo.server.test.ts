import { afterAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { play, row } from './play.js';

const redis = new Redis(redisUrl);
afterAll(() => redis.disconnect());

/** The tables whose names begin so. */
async function tables(type: 'postgres' | 'mysql', url: string, name: string): Promise<unknown[]> {
  const source = await new DataSource({ type, url }).initialize();
  try {
    return await source.query(`SELECT table_name FROM information_schema.tables WHERE table_name LIKE '${name}%'`);
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
    expect(output).toMatch(/\n[\d,]+ answers checked member by member, 0 wrong\./);
    const reads = ['find, hot', 'find, cached', "find, from: 'durable'", 'findMany, cold'];
    for (const name of reads) expect(row(output, name)[0]).toBe('2,000');
    const name = /called (\w+) there/.exec(output)![1]!;
    expect(await redis.keys(`${name}:*`)).toEqual([]);
    expect(await tables(type, url, name)).toEqual([]);
    expect(output).toContain('Redis is not touched, as it may serve others');
    expect(output).toMatch(/\n0 wrong, 0 lost, 0 stale\.\n/);
  },
  120_000,
);

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each([
  ['SQLite', []],
  ['PostgreSQL', ['--fallback', postgresUrl]],
] as const)(
  'A Redis of its own that the demo kills before %s brings nothing wrong, lost or stale, and is gone at the end',
  async (_, args) => {
    const { code, output, errors } = await play('--limit', '1000', '--outages', '10', '--redis', 'own', ...args);
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/\n0 wrong, 0 lost, 0 stale\.\n/);
    expect(output).toContain('3 holdfasts, and one in another process, read and write 980 cities.');
    // Redis answers in the end, and is asked.
    expect(row(output, 'at the end: hot tier, read by the reader')).toEqual(['980', '980', '0', '0', '0']);
    for (const state of ['back, old data', 'back, no data', 'answers again']) expect(output).toContain(state);
    const [, pid] = /process (\d+) on port/.exec(output)!;
    expect(runs(Number(pid))).toBe(false);
  },
  120_000,
);
