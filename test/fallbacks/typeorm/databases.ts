import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { EntitySchemaDatabase } from '../../../src/fallbacks/typeorm/entity-schemas.js';

type Rows = readonly Record<string, unknown>[];

/** An empty place in a database, for one test. */
export interface TestDatabase {
  /** As TypeORM calls its kind. */
  readonly type: EntitySchemaDatabase;
  /** What a driver is given. */
  readonly url: string;
  /** What a DataSource of the user's is given. */
  readonly options: DataSourceOptions;
  /** Runs plain SQL, past everything that is tested. Names are quoted with `"`, also for MariaDB. */
  sql(sql: string): Promise<Rows>;
  drop(): Promise<void>;
}

/** Makes empty places, and takes them away at the end. */
export interface TestDatabases {
  fresh(): Promise<TestDatabase>;
  dropAll(): Promise<void>;
}

const uniqueName = (): string => `holdfast_${randomBytes(6).toString('hex')}`;

function databases(make: () => Promise<TestDatabase>, end: () => Promise<void> = async () => {}): TestDatabases {
  const made: TestDatabase[] = [];
  return {
    async fresh() {
      const database = await make();
      made.push(database);
      return database;
    },
    async dropAll() {
      for (const database of made.splice(0)) await database.drop();
      await end();
    },
  };
}

/** SQLite, a file for each test. */
export const sqliteDatabases = (): TestDatabases =>
  databases(async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-sqlite-'));
    const file = path.join(directory, 'test.db');
    const db = new Sqlite(file);
    return {
      type: 'better-sqlite3',
      // What the disk does is not what is tested.
      url: `sqlite:${file}?synchronous=normal`,
      options: { type: 'better-sqlite3', database: file },
      async sql(sql) {
        const statement = db.prepare(sql);
        return statement.reader ? (statement.all() as Rows) : [statement.run() as unknown as Record<string, unknown>];
      },
      async drop() {
        db.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });

/** PostgreSQL, a schema for each test. The session is in a time zone far from the usual ones. */
export function postgresDatabases(url: string): TestDatabases {
  let connected: Promise<pg.Client> | undefined;
  const client = () => {
    connected ??= (async () => {
      const made = new pg.Client(url);
      await made.connect();
      return made;
    })();
    return connected;
  };
  const make = async (): Promise<TestDatabase> => {
    const schema = uniqueName();
    const own = new URL(url);
    own.searchParams.set('options', `-c search_path=${schema} -c timezone=Asia/Kathmandu`);
    await (await client()).query(`CREATE SCHEMA ${schema}`);
    return {
      type: 'postgres',
      url: own.href,
      options: { type: 'postgres', url: own.href },
      async sql(sql) {
        await (await client()).query(`SET search_path = ${schema}`);
        return (await (await client()).query(sql)).rows as Rows;
      },
      drop: async () => void (await (await client()).query(`DROP SCHEMA ${schema} CASCADE`)),
    };
  };
  return databases(make, async () => (await connected)?.end());
}

/** MariaDB, a database for each test. */
export function mariadbDatabases(url: string): TestDatabases {
  let connected: Promise<mysql.Connection> | undefined;
  const connection = () => {
    connected ??= (async () => {
      const made = await mysql.createConnection({ uri: url, supportBigNumbers: true, dateStrings: true });
      await made.query(`SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')`);
      return made;
    })();
    return connected;
  };
  const make = async (): Promise<TestDatabase> => {
    const database = uniqueName();
    const own = new URL(url);
    own.pathname = `/${database}`;
    await (await connection()).query(`CREATE DATABASE ${database}`);
    return {
      type: 'mariadb',
      url: own.href,
      options: {
        type: 'mariadb',
        host: own.hostname,
        port: Number(own.port || 3306),
        username: decodeURIComponent(own.username),
        password: decodeURIComponent(own.password),
        database,
      },
      async sql(sql) {
        await (await connection()).query(`USE ${database}`);
        return (await (await connection()).query(sql))[0] as unknown as Rows;
      },
      drop: async () => void (await (await connection()).query(`DROP DATABASE ${database}`)),
    };
  };
  return databases(make, async () => (await connected)?.end());
}
