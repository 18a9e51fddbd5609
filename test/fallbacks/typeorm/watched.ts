import type { Database } from 'better-sqlite3';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { FallbackDriver } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { openDriver } from './context.js';
import type { TestDatabase } from './databases.js';

/** One statement that a driver has run, and its parameters where they are known. */
export interface Ran {
  readonly sql: string;
  readonly parameters: unknown[];
}

export interface Watched {
  readonly driver: FallbackDriver;
  /** What `work` runs. */
  during(work: () => Promise<unknown>): Promise<Ran[]>;
  /** How the database goes about a statement. */
  plan(ran: Ran): Promise<string>;
}

/** Runs `work` with a driver whose statements are seen. */
export async function watched<T>(
  database: TestDatabase,
  schemas: readonly Schema[],
  work: (subject: Watched) => Promise<T>,
): Promise<T> {
  let seen: Ran[] | undefined;
  const nothing = () => {};
  const logger = {
    logQuery: (sql: string, parameters?: unknown[]) => void seen?.push({ sql, parameters: parameters ?? [] }),
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
  const options = { ...database.options, logger, logging: true } as DataSourceOptions;
  const dataSource = await new DataSource(options).initialize();
  const sqlite = database.type === 'better-sqlite3';
  const db = sqlite ? (dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection : undefined;
  if (db) {
    // Statements are prepared once each: the last one is what was run.
    const prepare = db.prepare.bind(db);
    db.prepare = ((sql: string) => {
      seen?.push({ sql, parameters: [] });
      return prepare(sql);
    }) as typeof db.prepare;
  }
  const driver = await openDriver(dataSource, schemas);
  try {
    return await work({
      driver,
      async during(call) {
        seen = [];
        await call();
        const all = seen;
        seen = undefined;
        return all;
      },
      async plan({ sql, parameters }) {
        const bound = db ? new Array<number>(sql.split('?').length - 1).fill(1) : parameters;
        const rows = (await dataSource.query(`EXPLAIN ${sqlite ? 'QUERY PLAN ' : ''}${sql}`, bound)) as object[];
        return rows.map((row) => Object.values(row).join(' ')).join('\n');
      },
    });
  } finally {
    await driver.close();
    await dataSource.destroy();
  }
}
