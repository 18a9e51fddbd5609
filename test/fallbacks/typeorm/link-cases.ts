import { afterAll, afterEach, expect, test } from '@jest/globals';
import { StoreFault } from '../../../src/core/fallback-driver.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { until } from '../../support/until.js';
import { changing, done, putting, rowOf, withDriver } from './context.js';
import type { TestDatabase, TestDatabases } from './databases.js';
import { proxied } from './proxied.js';

const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' }, version: 'version' });

/** A connection past everything that is tested. */
export interface Client {
  query(sql: string): Promise<unknown>;
  end(): Promise<unknown>;
}

export interface LinkedServer {
  readonly databases: TestDatabases;
  /** Where it listens, where its URL does not say so. */
  readonly port: number;
  connect(database: TestDatabase): Promise<Client>;
  /** How many statements wait for a lock on the table of the test. */
  readonly waiting: string;
}

/** What a cut or slow link to a database server does to writes. */
export function linkCases({ databases, port, connect, waiting }: LinkedServer): void {
  const cleanups: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });
  afterAll(() => databases.dropAll());

  async function throughProxy(database: TestDatabase) {
    const link = await proxied(database.url, port);
    cleanups.push(() => link.proxy.stop());
    return link;
  }

  /** A connection whose transaction holds the row `a` locked. */
  async function holding(database: TestDatabase): Promise<Client> {
    const client = await connect(database);
    cleanups.push(() => client.end());
    await client.query('START TRANSACTION');
    await client.query(`UPDATE person SET age = 1 WHERE id = 'a'`);
    return client;
  }

  test('a write that cannot be sent is a fault of which nothing was written, and all is well when the server is back', async () => {
    const database = await databases.fresh();
    const { proxy, url } = await throughProxy(database);
    await withDriver(url, [person], async (driver) => {
      await done(driver, putting(person, 'a', { name: 'A' }));
      proxy.cut();
      // The connections that the pool has may not have learnt of the cut yet; each takes one try to find out.
      const fault = await until('a write that is refused before it is sent', async () => {
        const error = await driver.write([putting(person, 'a', { name: 'lost' })]).catch((caught: unknown) => caught);
        return error instanceof StoreFault && error.outcome === 'none' ? error : undefined;
      });
      expect(fault.message).toMatch(/^Fallback 'sql' \(.+\) (cannot be reached|gave no answer)/);
      await expect(driver.read(person, [sampleKey('a')], undefined)).rejects.toMatchObject({ outcome: 'none' });
      proxy.resume();
      expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined, undefined]);
    });
  });

  test('a write whose answer is lost is unknown, for as long as its statement may run', async () => {
    const database = await databases.fresh();
    const { proxy, url } = await throughProxy(database);
    await withDriver(
      url,
      [person],
      async (driver) => {
        // A connection of the pool that is ready: a new one could not greet the server any more.
        await done(driver, putting(person, 'first', {}));
        await driver.count(person);
        proxy.stall('replies');
        const write = driver.write([putting(person, 'a', { name: 'landed' })]).catch((error: unknown) => error);
        await until(
          'the row is there',
          async () => (await database.sql(`SELECT 1 AS n FROM person WHERE id = 'a'`)).length === 1,
        );
        proxy.cut();
        expect(await write).toMatchObject({ name: 'StoreFault', outcome: 'unknown', unknownFor: 3_000 });
        proxy.resume();
        expect(await rowOf(driver, person, 'a')).toEqual(['landed', undefined, undefined]);
      },
      { statementTimeout: 3_000 },
    );
  });

  test('a transaction that loses its connection before it commits has written nothing, and says so', async () => {
    const database = await databases.fresh();
    const { proxy, url } = await throughProxy(database);
    await withDriver(url, [person], async (driver) => {
      await done(driver, putting(person, 'a', { name: 'A' }));
      const holder = await holding(database);
      const write = driver
        .write([putting(person, 'new', { name: 'N' }), changing(person, 'a', { type: 'increment', field: 1, by: 1 })])
        .catch((error: unknown) => error);
      await until('it waits for the lock', async () => Number((await database.sql(waiting))[0]!.n) > 0);
      proxy.cut();
      expect(await write).toMatchObject({ name: 'StoreFault', outcome: 'none' });
      await holder.query('ROLLBACK');
      proxy.resume();
      expect(await driver.count(person)).toBe(1);
    });
  });

  test('a statement that waits too long is given up by the server, with nothing written', async () => {
    const database = await databases.fresh();
    await withDriver(
      database.url,
      [person],
      async (driver) => {
        await done(driver, putting(person, 'a', { name: 'A' }));
        const holder = await holding(database);
        const write = driver.write([putting(person, 'a', { name: 'late' })]);
        await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
        await expect(write).rejects.toThrow(/gave the statement up, which took too long/);
        await holder.query('COMMIT');
        expect(await rowOf(driver, person, 'a')).toEqual(['A', 1, undefined]);
      },
      { statementTimeout: 300 },
    );
  });
}
