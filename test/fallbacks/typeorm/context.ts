import type { DataSource } from 'typeorm';
import type { DriverOptions, FallbackDriver, KeyedChange, WriteResult } from '../../../src/core/fallback-driver.js';
import type { Entry, RowChange } from '../../../src/core/kind.js';
import type { Plain } from '../../../src/core/plain.js';
import type { Key, Row, Schema } from '../../../src/core/schema.js';
import { typeormDriver } from '../../../src/fallbacks/typeorm/driver.js';
import type { FallbackContext } from '../../../src/testing/fallback-conformance.js';
import { sampleKey, sampleRow } from '../../../src/testing/sample-schema.js';
import type { TestDatabases } from './databases.js';

/** Options that a driver is opened with. */
export const driverOptions = (more: Partial<DriverOptions> = {}): DriverOptions => ({
  synchronize: true,
  clock: { now: Date.now, after: () => () => {} },
  logger: { info: () => {}, warn: () => {}, error: () => {} },
  statementTimeout: 10_000,
  ...more,
});

/** A driver with the name `sql`, opened. */
export async function openDriver(
  source: string | DataSource,
  schemas: readonly Schema[],
  more: Partial<DriverOptions> = {},
): Promise<FallbackDriver> {
  const driver = typeormDriver({ source, name: 'sql' });
  await driver.open(schemas, driverOptions(more));
  return driver;
}

/** Runs `work` with an opened driver, and closes it. */
export async function withDriver<T>(
  source: string | DataSource,
  schemas: readonly Schema[],
  work: (driver: FallbackDriver) => Promise<T>,
  more: Partial<DriverOptions> = {},
): Promise<T> {
  const driver = await openDriver(source, schemas, more);
  try {
    return await work(driver);
  } finally {
    await driver.close();
  }
}

export const keyOf = (id: Plain | Key): Key =>
  typeof id === 'object' && id !== null && 'parts' in id ? id : sampleKey(id as Exclude<Plain, null>);

/** A change of an entity. */
export const changing = (schema: Schema, id: Plain | Key, change: RowChange): KeyedChange => ({
  schema,
  key: keyOf(id),
  change,
});

/** A put of values by field name. */
export const putting = (
  schema: Schema,
  id: Plain | Key,
  values: Readonly<Record<string, Plain>>,
  more: Partial<Extract<RowChange, { type: 'put' }>> = {},
): KeyedChange => changing(schema, id, { type: 'put', row: sampleRow(schema, values), ...more });

/** The row under a key, or `null`. */
export async function rowOf(driver: FallbackDriver, schema: Schema, id: Plain | Key): Promise<Row | null> {
  const [entry] = (await driver.read(schema, [keyOf(id)], undefined)) as [Entry | null];
  return entry && (entry.value as Row);
}

/** Writes and insists that it was done. */
export async function done(driver: FallbackDriver, ...changes: readonly KeyedChange[]): Promise<WriteResult> {
  const result = await driver.write(changes);
  if (!result.done) throw new Error(`change ${result.index} was not done: ${JSON.stringify(result.outcome)}`);
  return result;
}

/** Conformance: each `open` has an empty place of its own. */
export function conformanceContext(databases: TestDatabases): FallbackContext {
  let source: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = typeormDriver({ source });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    async open(schemas, options) {
      source = (await databases.fresh()).url;
      return start(schemas, options);
    },
    reopen: start,
  };
}
