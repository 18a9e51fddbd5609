import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Counts bytes that are written, by whomever. */
export interface BytesWritten {
  now(): Promise<number>;
  close(): Promise<void>;
}

/** What this process has written to files; of Linux. */
export async function byProcess(): Promise<BytesWritten> {
  return {
    async now() {
      const [, bytes] = /^wchar: (\d+)$/m.exec(await readFile('/proc/self/io', 'utf8'))!;
      return Number(bytes);
    },
    close: async () => {},
  };
}

/** What PostgreSQL has written to its log ahead of tables. */
export async function toWal(url: string): Promise<BytesWritten> {
  const client = new pg.Client(url);
  await client.connect();
  return {
    async now() {
      const { rows } = await client.query("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS n");
      return Number((rows[0] as { n: string }).n);
    },
    close: () => client.end(),
  };
}

/** What Redis has been sent. */
export async function byRedis(url: string): Promise<BytesWritten> {
  const redis = new Redis(url);
  return {
    async now() {
      const [, bytes] = /^total_net_input_bytes:(\d+)/m.exec(await redis.info('stats'))!;
      return Number(bytes);
    },
    close: async () => redis.disconnect(),
  };
}
