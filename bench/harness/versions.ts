import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { BenchCase, BenchContext } from './case.js';

const packageVersion = (name: string): string => {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

/** What is measured on what. @throws UnreachableError where a server that is needed does not answer: which, and what to do */
export async function versions(
  context: BenchContext,
  needed: ReadonlySet<BenchCase['needs'][number]>,
): Promise<string> {
  const lines = [`Node ${process.version} on ${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}`];
  if (needed.has('redis')) lines.push(`Redis ${await reached('REDIS_URL', context.redisUrl, redisVersion)}`);
  if (needed.has('postgres'))
    lines.push(`PostgreSQL ${await reached('POSTGRES_URL', context.postgresUrl, postgresVersion)}`);
  const packages = ['ioredis', 'lru-cache', 'typeorm', 'pg', 'better-sqlite3'];
  return [...lines, packages.map((name) => `${name} ${packageVersion(name)}`).join(', ')].join('\n');
}

/** A server that the benchmarks need does not answer. */
export class UnreachableError extends Error {}

async function reached(variable: string, url: string, version: (url: string) => Promise<string>): Promise<string> {
  try {
    return await version(url);
  } catch (error) {
    const { host } = new URL(url);
    throw new UnreachableError(
      `The benchmarks need the server of ${variable}, but ${host} does not answer. Start one, set ${variable}, or choose with --only what needs none.`,
      { cause: error },
    );
  }
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return /redis_version:(\S+)/.exec(await redis.info('server'))![1]!;
  } finally {
    redis.disconnect();
  }
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  } finally {
    await client.end();
  }
}
