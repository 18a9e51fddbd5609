import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import { capitalized } from '../../core/error-text.js';
import type { DriverOptions } from '../../core/fallback-driver.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Schema } from '../../core/schema.js';
import { loadPackage } from '../load-package.js';
import type { Dialect } from './dialect.js';
import { driverError } from './faults.js';
import { subscribersOf } from './mapped-refusals.js';
import { lineage, metadataArgs } from './metadata-args.js';
import { mariadb, mysql } from './mysql.js';
import { postgres } from './postgres.js';
import type { SourcePlan } from './source.js';
import { sqlite } from './sqlite.js';

type Typeorm = typeof import('typeorm');

/** TypeORM itself. @throws MissingPackageError */
export const loadTypeorm = (askedBy: string): Promise<Typeorm> =>
  loadPackage('typeorm', askedBy, () => import('typeorm'));

const packages = {
  postgres: (askedBy: string) => loadPackage('pg', askedBy, () => import('pg')),
  mysql: (askedBy: string) => loadPackage('mysql2', askedBy, () => import('mysql2')),
  sqlite: (askedBy: string) => loadPackage('better-sqlite3', askedBy, () => import('better-sqlite3')),
} satisfies Record<SourcePlan['kind'], unknown>;

/** A DataSource of our own for a plan made of a URL. @throws MissingPackageError */
export async function makeDataSource(
  { DataSource }: Typeorm,
  { kind, options }: SourcePlan,
  schemas: readonly Schema[],
  { statementTimeout }: DriverOptions,
  askedBy: string,
): Promise<DataSource> {
  const loaded: { default?: unknown } = await packages[kind](askedBy);
  const { extra } = options as { extra?: object };
  const limits =
    kind === 'postgres'
      ? {
          extra: {
            statement_timeout: statementTimeout,
            // Of a process that was held up in a transaction, and holds locks.
            idle_in_transaction_session_timeout: statementTimeout * 2,
            connectionTimeoutMillis: statementTimeout,
            keepAlive: true,
          },
        }
      : kind === 'mysql'
        ? { connectTimeout: statementTimeout, extra }
        : {};
  return new DataSource({
    ...options,
    ...limits,
    driver: loaded.default ?? loaded,
    entities: mappedClasses(schemas),
    subscribers: subscribers(schemas),
  } as DataSourceOptions);
}

/** The classes of entities that TypeORM maps, and those that they are related to. */
function mappedClasses(schemas: readonly Schema[]): Function[] {
  const classes = new Set(schemas.filter((schema) => schema.mappedByTypeorm).map(({ target }) => target));
  for (const target of classes)
    for (const relation of metadataArgs()?.relations ?? []) {
      if (!lineage(target).includes(relation.target as Function) || typeof relation.type !== 'function') continue;
      const related: unknown = (relation.type as () => unknown)();
      if (typeof related === 'function') classes.add(related);
    }
  return [...classes];
}

/** The subscribers of entities that go by TypeORM's own repository. */
function subscribers(schemas: readonly Schema[]): Function[] {
  const storage = metadataArgs();
  const through = schemas.filter((schema) => schema.throughTypeorm);
  return storage ? [...new Set(through.flatMap(({ target }) => subscribersOf(storage, lineage(target))))] : [];
}

/** The dialect of a database that is connected. */
export async function dialectOf(kind: SourcePlan['kind'], dataSource: DataSource): Promise<Dialect> {
  if (kind !== 'mysql') return kind === 'postgres' ? postgres : sqlite;
  const [row] = (await dataSource.query('SELECT VERSION() AS version')) as [{ version: string }];
  return /mariadb/i.test(row.version) ? mariadb : mysql;
}

/** Before there is a dialect: the one that knows the errors of this kind. */
export const firstDialect = (kind: SourcePlan['kind']): Dialect =>
  kind === 'postgres' ? postgres : kind === 'mysql' ? mysql : sqlite;

/** What makes a new connection of our own to MySQL or MariaDB exact and bounded. */
export function prepareOwn({ name }: Dialect, statementTimeout: number) {
  const seconds = Math.max(1, Math.ceil(statementTimeout / 1000));
  const limit =
    name === 'mariadb' ? `max_statement_time = ${statementTimeout / 1000}` : `max_execution_time = ${statementTimeout}`;
  return async (runner: QueryRunner): Promise<void> => {
    await runner.query(
      `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${seconds}, ${limit}`,
    );
    await runner.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  };
}

/** What makes sure that a connection of the user's to MySQL or MariaDB is exact. */
export function checkForeign(subject: string) {
  return async (runner: QueryRunner): Promise<void> => {
    const [row] = (await runner.query('SELECT @@sql_mode AS mode, @@character_set_client AS charset')) as [
      { mode: string; charset: string },
    ];
    const fault = (fact: string, remedy: string) =>
      new StoreFault(`${capitalized(subject)} ${fact}. ${remedy}`, 'none');
    if (!/STRICT_(TRANS|ALL)_TABLES/.test(row.mode))
      throw fault('cuts values off in silence', 'Add STRICT_TRANS_TABLES to its sql_mode.');
    if (row.mode.includes('NO_BACKSLASH_ESCAPES'))
      throw fault('has the sql_mode NO_BACKSLASH_ESCAPES, which mysql2 does not know', 'Take it out.');
    if (row.charset !== 'utf8mb4')
      throw fault(
        `is connected to with the charset ${row.charset}`,
        "Leave 'charset' out of the DataSource, or make it utf8mb4.",
      );
  };
}

const ask = async (dataSource: DataSource, sql: string): Promise<number> =>
  Number(Object.values(((await dataSource.query(sql)) as [object])[0])[0]);

/** How long the server lets a statement of the user's connections run, in milliseconds; 0 for ever. */
export async function serverLimit({ name }: Dialect, dataSource: DataSource): Promise<number | undefined> {
  if (name === 'postgres') return ask(dataSource, `SELECT setting FROM pg_settings WHERE name = 'statement_timeout'`);
  return name === 'mariadb' ? (await ask(dataSource, 'SELECT @@max_statement_time')) * 1000 : undefined;
}

/** Whether PostgreSQL's transactions see the database as it was at their beginning, if nothing else is asked for. */
export async function keepsView({ name }: Dialect, dataSource: DataSource): Promise<boolean> {
  if (name !== 'postgres') return false;
  const [row] = (await dataSource.query('SHOW default_transaction_isolation')) as [object];
  const { isolationLevel = Object.values(row)[0] as string } = dataSource.options as { isolationLevel?: string };
  return isolationLevel.toLowerCase() !== 'read committed';
}

/** How many bytes one statement can have, where there is a limit worth knowing. */
export async function maxPacket({ name }: Dialect, dataSource: DataSource): Promise<number | undefined> {
  return name === 'mysql' || name === 'mariadb' ? ask(dataSource, 'SELECT @@max_allowed_packet') : undefined;
}

/** Whether an error says that another process has a SQLite database locked. */
export const isLocked = (error: unknown): boolean => sqlite.verdict(driverError(error)) === 'retry';
