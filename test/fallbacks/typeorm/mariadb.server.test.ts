import { afterAll, expect, test } from '@jest/globals';
import { Column, DataSource, type DataSourceOptions, Entity, PrimaryColumn } from 'typeorm';
import { StoreFault } from '../../../src/core/fallback-driver.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { mysqlUrl } from '../../support/urls.js';
import { changing, done, openDriver, putting, rowOf, withDriver } from './context.js';
import { mariadbDatabases, type TestDatabase } from './databases.js';
import { mappedSchema } from './mapped-schema.js';

const databases = mariadbDatabases(mysqlUrl);
const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' }, version: 'version' });

afterAll(() => databases.dropAll());

const ofUser = (database: TestDatabase, more: object): DataSource =>
  new DataSource({ ...database.options, ...more } as DataSourceOptions);

test.each([
  [
    'a server that is not there',
    (url: URL) => (url.port = '1'),
    /cannot be reached .*ECONNREFUSED.*Check that it runs/,
  ],
  [
    'a database that is not there',
    (url: URL) => (url.pathname = '/nowhere_at_all'),
    /(has no such database|refused the login) /,
  ],
  [
    'a wrong password',
    (url: URL) => (url.password = 'sesame-123'),
    /refused the login .*Check the user and the password/,
  ],
])('%s is a fault at open that says what to do, without the password', async (_, change, message) => {
  const url = new URL(mysqlUrl);
  change(url);
  const error = await openDriver(url.href, [person]).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'StoreFault', outcome: 'none' });
  expect((error as Error).message).toMatch(message);
  expect(String((error as Error).stack)).not.toContain('sesame-123');
});

test('settings of the user that change how mysql2 reads and writes values change nothing', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'sample', keys: { id: 'string', at: 'date' } });
  const at = Date.parse('2024-03-31T01:30:00.123Z');
  const key = sampleKey('k', at);
  const values = {
    big: -(2n ** 63n),
    age: 9007199254740991,
    score: 950.8152550252756,
    born: at,
    tags: '{"b":1, "a":2.50}',
  };
  for (const more of [
    { timezone: '+05:30', dateStrings: true },
    { timezone: '-11:00', supportBigNumbers: false, bigNumberStrings: false },
    { extra: { decimalNumbers: true, jsonStrings: true } },
    { isolationLevel: 'SERIALIZABLE' },
  ])
    await withDriver(ofUser(database, more), [schema], async (driver) => {
      await done(driver, putting(schema, key, values));
      const row = [undefined, values.age, values.score, values.big, undefined, at, undefined, values.tags, undefined];
      expect(await rowOf(driver, schema, key)).toEqual(row);
      for await (const scanned of driver.scan(schema)) expect(scanned.key).toEqual(key);
    });
  expect(await database.sql('SELECT born FROM sample')).toEqual([{ born: '2024-03-31 01:30:00.123' }]);
});

test('a DataSource that would cut values off in silence, or lose characters, is refused at open', async () => {
  const database = await databases.fresh();
  const charset = openDriver(ofUser(database, { charset: 'latin1_general_ci' }), [person]);
  await expect(charset).rejects.toThrow(/is connected to with the charset latin1.*Leave 'charset' out/);
  const dataSource = await ofUser(database, { poolSize: 1 }).initialize();
  await dataSource.query(`SET SESSION sql_mode = ''`);
  const driver = await openDriver(dataSource, [person]).catch((error: unknown) => error);
  const fault = driver instanceof StoreFault ? driver : undefined;
  expect(fault?.message).toMatch(/cuts values off in silence\. Add STRICT_TRANS_TABLES to its sql_mode/);
  await dataSource.destroy();
});

test('a key column under a collation in which different keys are alike is refused at open', async () => {
  const database = await databases.fresh();
  await database.sql(
    'CREATE TABLE "person" ("id" varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY)',
  );
  const open = openDriver(database.url, [person]);
  await expect(open).rejects.toThrow(
    /Person: has the table person .+ whose key column id has the collation utf8mb4_general_ci.*Change it to utf8mb4_nopad_bin/,
  );
});

test('an index that the column cannot have is left out with a warning, and one with a length is made', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'note', fields: { text: 'string', title: { type: 'string', length: 50 } } });
  const indexed = { ...schema, fields: schema.fields.map((field) => ({ ...field, index: true })) };
  const warnings: string[] = [];
  const logger = { info: () => {}, error: () => {}, warn: (message: string) => void warnings.push(message) };
  await withDriver(database.url, [indexed], async () => {}, { logger });
  expect(warnings).toEqual([expect.stringMatching(/^Note: fallback 'sql' .+ cannot index column text of table note/)]);
  const indexes = await database.sql(`SHOW INDEX FROM "note" WHERE Key_name <> 'PRIMARY'`);
  expect(indexes.map(({ Column_name }) => Column_name).sort()).toEqual(['_expires_at', 'title']);
});

test('a unique index that the user has added never makes one key overwrite another', async () => {
  const database = await databases.fresh();
  await withDriver(database.url, [person], async () => {});
  await database.sql('CREATE UNIQUE INDEX one_age ON "person" ("age")');
  await withDriver(database.url, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A', age: 1 }));
    const write = driver.write([putting(person, 'b', { name: 'B', age: 1 })]);
    await expect(write).rejects.toThrow(
      /^Person cannot be stored in fallback .*: another row has the same value in a unique index/,
    );
    await done(driver, putting(person, 'a', { name: 'A2', age: 1 }), putting(person, 'c', { age: 3 }));
    expect(await rowOf(driver, person, 'a')).toEqual(['A2', 1, undefined]);
    expect(await rowOf(driver, person, 'b')).toBeNull();
    expect(await driver.count(person)).toBe(2);
  });
});

test('a value larger than a packet is refused as a bad value, with nothing written', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'blob', fields: { data: 'bytes' } });
  const [row] = await database.sql('SELECT @@global.max_allowed_packet AS n');
  await withDriver(database.url, [schema], async (driver) => {
    const write = driver.write([putting(schema, 'a', { data: Buffer.alloc(Number(row!.n)) })]);
    await expect(write).rejects.toThrow(
      /^Blob takes \d+ bytes as SQL, but the server takes \d+ \(max_allowed_packet\)/,
    );
    expect(await driver.count(schema)).toBe(0);
  });
});

test('where a column takes different keys for the same, one never reads, overwrites or deletes the other', async () => {
  const database = await databases.fresh();
  @Entity('country')
  class Country {
    @PrimaryColumn() code!: string;
    @Column() name!: string;
  }
  const schema = mappedSchema(Country);
  const warnings: string[] = [];
  const logger = { info: () => {}, error: () => {}, warn: (message: string) => void warnings.push(message) };
  await withDriver(
    database.url,
    [schema],
    async (driver) => {
      expect(warnings).toEqual([
        expect.stringMatching(/^Country: in its key column code the database takes different keys for the same/),
      ]);
      await done(driver, putting(schema, 'de', { name: 'Germany' }));
      expect(await driver.read(schema, [sampleKey('DE'), sampleKey('de')], undefined)).toEqual([
        null,
        { value: ['Germany'] },
      ]);
      expect(await rowOf(driver, schema, 'DE')).toBeNull();
      for (const change of [putting(schema, 'DE', {}), putting(schema, 'de ', {}, { expect: 'absent' })])
        await expect(driver.write([change])).rejects.toMatchObject({ name: 'ValidationError' });
      expect(await done(driver, changing(schema, 'DE', { type: 'delete' }))).toMatchObject({
        outcomes: [{ existed: false }],
      });
      await done(driver, putting(schema, 'de', { name: 'Deutschland' }));
      expect(await database.sql('SELECT * FROM "country"')).toEqual([{ code: 'de', name: 'Deutschland' }]);
    },
    { logger },
  );
});
