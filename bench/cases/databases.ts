import type { BenchContext } from '../harness/case.js';
import { type PlainDatabase, plainPostgres, plainSqlite } from './plain-database.js';

/** A database of the benchmarks. */
export interface Database {
  readonly name: 'postgres' | 'sqlite';
  readonly title: string;
  readonly driver: string;
  /** Numbers of calls at once that are measured. SQLite works in the process itself: one at a time. */
  readonly concurrencies: readonly number[];
  url(context: BenchContext): string;
  plain(context: BenchContext): Promise<PlainDatabase>;
}

export const postgres: Database = {
  name: 'postgres',
  title: 'PostgreSQL',
  driver: 'pg',
  concurrencies: [1, 50],
  url: ({ postgresUrl }) => postgresUrl,
  plain: ({ postgresUrl }) => plainPostgres(postgresUrl),
};

export const sqlite: Database = {
  name: 'sqlite',
  title: 'SQLite',
  driver: 'better-sqlite3',
  concurrencies: [1, 50],
  url: ({ folder, disk }) => `sqlite:${folder}/holdfast.sqlite?synchronous=${disk ? 'full' : 'normal'}`,
  plain: ({ folder, disk }) => plainSqlite(`${folder}/plain.sqlite`, disk ? 'full' : 'normal'),
};

export const atOnce = (concurrency: number): string => (concurrency === 1 ? 'one at a time' : `${concurrency} at once`);
