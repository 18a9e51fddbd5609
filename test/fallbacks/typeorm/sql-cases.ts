import { expect } from '@jest/globals';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { MetadataError } from '../../../src/core/errors.js';
import type { KeyedChange } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { entitySchemas } from '../../../src/fallbacks/typeorm/entity-schemas.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { changing, done, openDriver, putting, rowOf, withDriver } from './context.js';
import type { TestDatabase } from './databases.js';

/** One thing that every SQL database must do. */
export interface SqlCase {
  readonly name: string;
  run(database: TestDatabase): Promise<void>;
}

const at = Date.parse('1987-06-05T04:03:02.001Z');
const person = sampleSchema({
  name: 'person',
  fields: { name: 'string', age: 'integer', born: 'date', active: 'boolean' },
});
const everything = sampleSchema({ name: 'everything', version: 'version' });
const odd = sampleSchema({
  name: 'order',
  keys: { select: 'string', 'from-to': 'integer' },
  fields: {
    where: 'string',
    Group: { type: 'integer', nullable: true },
    größe: 'number',
    'semi-colon': { type: 'string', nullable: true, column: 'a$b_c-d' },
    user: { type: 'json', nullable: true },
  },
  version: 'primary',
});

const indexed = (schema: Schema, ...names: string[]): Schema => ({
  ...schema,
  fields: schema.fields.map((field) => ({ ...field, index: names.includes(field.name) })),
});

/** A DataSource of the user's with the tables of these entities. */
export async function ofUser(
  database: TestDatabase,
  schemas: readonly Schema[],
  more: object = {},
): Promise<DataSource> {
  const entities = entitySchemas(schemas, database.type);
  return new DataSource({ ...database.options, entities, ...more } as DataSourceOptions).initialize();
}

/** What TypeORM would change of the tables. */
export async function pendingSql(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

export const sqlCases: readonly SqlCase[] = [
  {
    name: 'a table can be queried with plain SQL, by the names and types of the fields',
    async run(database) {
      await withDriver(database.url, [person], async (driver) => {
        await done(
          driver,
          putting(person, 'ada', { name: 'Ada', age: 36, born: at, active: true }),
          putting(person, 'bob', { name: 'Bob', age: 7, born: at + 86_400_000, active: false }),
        );
        const adults = await database.sql('SELECT "id", "name" FROM "person" WHERE "age" * 2 > 70 AND "active"');
        expect(adults).toEqual([{ id: 'ada', name: 'Ada' }]);
        const literal = database.type === 'postgres' ? '1987-06-05T04:03:02.001Z' : '1987-06-05 04:03:02.001';
        expect(await database.sql(`SELECT "id" FROM "person" WHERE "born" = '${literal}'`)).toEqual([{ id: 'ada' }]);
        expect(await database.sql('SELECT "id" FROM "person" ORDER BY "born" DESC')).toEqual([
          { id: 'bob' },
          { id: 'ada' },
        ]);
      });
    },
  },
  {
    name: 'rows that plain SQL has changed are read as they are',
    async run(database) {
      await withDriver(database.url, [person], async (driver) => {
        await done(driver, putting(person, 'ada', { name: 'Ada', age: 36 }));
        await database.sql(
          `UPDATE "person" SET "age" = "age" + 1, "name" = 'Ada L.', "active" = NULL WHERE "id" = 'ada'`,
        );
        await database.sql(`INSERT INTO "person" ("id", "name", "age") VALUES ('eve', 'Eve', 9007199254740991)`);
        expect(await rowOf(driver, person, 'ada')).toEqual(['Ada L.', 37, undefined, undefined]);
        expect(await rowOf(driver, person, 'eve')).toEqual(['Eve', Number.MAX_SAFE_INTEGER, undefined, undefined]);
      });
    },
  },
  {
    name: 'TypeORM finds nothing to migrate in the tables that were created',
    async run(database) {
      const schemas = [indexed(everything, 'age', 'born'), odd, person];
      await withDriver(database.url, schemas, async () => {
        const dataSource = await ofUser(database, schemas);
        expect(await pendingSql(dataSource)).toEqual([]);
        await dataSource.destroy();
      });
    },
  },
  {
    name: 'tables that TypeORM created are used as they are',
    async run(database) {
      const schema = indexed(everything, 'age', 'born');
      const dataSource = await ofUser(database, [schema, odd], { synchronize: true });
      const driver = await openDriver(database.url, [schema, odd], { synchronize: false });
      await done(driver, putting(schema, 'a', { name: 'A', big: 2n ** 63n - 1n, born: at, tags: '{"b":1,"a":1.50}' }));
      const row = await rowOf(driver, schema, 'a');
      expect(row!.slice(0, 9)).toEqual([
        'A',
        undefined,
        undefined,
        2n ** 63n - 1n,
        undefined,
        at,
        undefined,
        '{"b":1,"a":1.50}',
        undefined,
      ]);
      await driver.close();
      expect(await pendingSql(dataSource)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'a missing table is an error at open that names it and says what to do, unless tables are synchronized',
    async run(database) {
      const open = openDriver(database.url, [person], { synchronize: false });
      await expect(open).rejects.toThrow(MetadataError);
      await expect(open).rejects.toThrow(
        /Person: has no table person in fallback 'sql' \(.+\)\. Run the migrations, or open with synchronize: true\./,
      );
      const several = openDriver(database.url, [person, odd], { synchronize: false });
      await expect(several).rejects.toThrow(/^2 faults in the declared entities:\n.*table person.*\n.*/);
    },
  },
  {
    name: 'a missing column is named, or added without touching the rows there are',
    async run(database) {
      const before = sampleSchema({ name: 'person', fields: { name: 'string' } });
      const after = indexed(
        sampleSchema({
          name: 'person',
          fields: { name: 'string', age: 'integer', note: { type: 'text', nullable: true } },
        }),
        'age',
      );
      await withDriver(database.url, [before], (driver) => done(driver, putting(before, 'ada', { name: 'Ada' })));
      await expect(openDriver(database.url, [after], { synchronize: false })).rejects.toThrow(
        /Person: has the table person in fallback .+, which lacks the columns age, note, _absent\./,
      );
      await withDriver(database.url, [after], async (driver) => {
        expect(await rowOf(driver, after, 'ada')).toEqual(['Ada', undefined, null]);
        await done(driver, putting(after, 'ada', { name: 'Ada', age: 1 }));
        expect(await rowOf(driver, after, 'ada')).toEqual(['Ada', 1, undefined]);
      });
      const dataSource = await ofUser(database, [after]);
      expect(await pendingSql(dataSource)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'several processes can create the same tables at once',
    async run(database) {
      const drivers = await Promise.all(Array.from({ length: 4 }, () => openDriver(database.url, [person, odd])));
      for (const driver of drivers) await driver.close();
    },
  },
  {
    name: 'reserved words, capitals and odd characters are names like any other',
    async run(database) {
      await withDriver(database.url, [odd], async (driver) => {
        const key = sampleKey('x\'; DROP TABLE "order"; --', 7);
        const values = { where: 'w', Group: 1, größe: 1.5, 'semi-colon': 's', user: '[1]' };
        await done(driver, putting(odd, key, { ...values, primary: 1 }, { expect: 'absent' }));
        await done(driver, changing(odd, key, { type: 'increment', field: 1, by: 2 }));
        await done(
          driver,
          changing(odd, key, {
            type: 'patch',
            set: new Map([
              [0, 'changed'],
              [3, null],
            ]),
          }),
        );
        expect(await rowOf(driver, odd, key)).toEqual(['changed', 3, 1.5, null, '[1]', 3]);
        expect(await driver.read(odd, [sampleKey('', 0), key], [2, 3])).toEqual([
          null,
          { value: [undefined, undefined, 1.5, null, undefined, undefined] },
        ]);
        expect(await driver.count(odd)).toBe(1);
        await done(driver, changing(odd, key, { type: 'delete' }));
        expect(await driver.count(odd)).toBe(0);
      });
    },
  },
  {
    name: 'doubles come back bit for bit',
    async run(database) {
      const schema = sampleSchema({ name: 'measure', keys: { id: 'number' }, fields: { value: 'number' } });
      const bits = new DataView(new ArrayBuffer(8));
      const values = [
        5e-324,
        2.2250738585072014e-308,
        Number.MAX_VALUE,
        -Number.MAX_VALUE,
        0.1 + 0.2,
        1e21,
        123456789012345680000,
        1e-7,
      ];
      let seed = 12_345;
      const next = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0);
      while (values.length < 1_500) {
        bits.setUint32(0, next() ^ (next() << 9));
        bits.setUint32(4, next() ^ (next() << 9));
        const value = values.length % 3 === 0 ? next() / 7 : bits.getFloat64(0);
        if (Number.isFinite(value)) values.push(value + 0);
      }
      await withDriver(database.url, [schema], async (driver) => {
        await done(driver, ...values.map((value) => putting(schema, value, { value })));
        const entries = await driver.read(
          schema,
          values.map((value) => sampleKey(value)),
          undefined,
        );
        expect(entries.map((entry) => (entry!.value as number[])[0])).toEqual(values);
      });
    },
  },
  {
    name: 'a value too long for its column is refused by name, with nothing written',
    async run(database) {
      const schema = sampleSchema({
        name: 'note',
        fields: { title: { type: 'string', length: 5, column: 'heading' }, raw: { type: 'bytes', length: 4 } },
      });
      await withDriver(database.url, [schema], async (driver) => {
        await done(driver, putting(schema, 'fits', { title: '😀😀😀😀😀', raw: new Uint8Array(4) }));
        const long = driver.write([putting(schema, 'a', {}), putting(schema, 'b', { title: 'abcdef' })]);
        await expect(long).rejects.toThrow(
          /^Note\.title has 6 characters, but column heading takes 5; nothing was written\./,
        );
        await expect(driver.write([putting(schema, 'a', { title: 'abcde ' })])).rejects.toThrow(/has 6 characters/);
        await expect(driver.write([putting(schema, 'a', { raw: new Uint8Array(5) })])).rejects.toThrow(/has 5 bytes/);
        expect(await driver.count(schema)).toBe(1);
      });
    },
  },
  {
    name: 'rows that have expired are removed for good in the wake of later writes',
    async run(database) {
      let now = Date.now();
      const clock = { now: () => now, after: () => () => {} };
      const rows = () => database.sql('SELECT count(*) AS n FROM "person"').then(([row]) => Number(row!.n));
      const ids = Array.from({ length: 20 }, (_, index) => `e${index}`);
      const write = (...changes: KeyedChange[]) =>
        withDriver(database.url, [person], (driver) => done(driver, ...changes), { clock });
      await write(...ids.map((id) => putting(person, id, { name: id }, { expiresAt: now + 1_000 })));
      expect(await rows()).toBe(20);
      now += 5_000;
      await write(putting(person, 'kept', { name: 'kept' }));
      expect(await rows()).toBe(1);
    },
  },
  {
    name: 'thousands of entries are written at once, and where a key occurs twice the last one stays',
    async run(database) {
      await withDriver(database.url, [everything], async (driver) => {
        const values = (id: number) => ({
          name: `näme ${id} \\ ' " 😀`,
          age: id,
          score: id / 7,
          big: BigInt(id) * 10_000_000_000_000n,
          active: id % 2 === 0,
          born: at + id,
          data: Buffer.from([0, 255, 92, 39, id % 256]),
          tags: `{"z":${id}, "a":[1.0,"\\u0000"]}`,
          note: id % 3 === 0 ? null : 'NULL',
        });
        const ids = Array.from({ length: 3_000 }, (_, index) => index);
        const puts = ids.map((id) => putting(everything, `k${id}`, values(id)));
        await done(
          driver,
          putting(everything, 'k7', { name: 'first' }),
          ...puts,
          putting(everything, 'k9', { name: 'last' }),
        );
        expect(await driver.count(everything)).toBe(3_000);
        const entries = await driver.read(
          everything,
          ids.map((id) => sampleKey(`k${id}`)),
          undefined,
        );
        for (const id of ids) {
          const row = entries[id]!.value as unknown[];
          const { data, ...rest } = values(id);
          if (id === 9) expect(row).toEqual(['last', ...new Array(9).fill(undefined)]);
          else {
            expect(Buffer.compare(row[6] as Buffer, data)).toBe(0);
            expect([...row.slice(0, 6), ...row.slice(7, 9)]).toEqual(Object.values(rest));
          }
        }
      });
    },
  },
  {
    name: 'large values are exact',
    async run(database) {
      await withDriver(database.url, [everything], async (driver) => {
        const name = 'x😀'.repeat(400_000);
        const data = Buffer.alloc(1_500_000, 39);
        await done(driver, putting(everything, 'a', { name, data }), putting(everything, 'b', { name }));
        const row = await rowOf(driver, everything, 'a');
        expect(row![0] === name).toBe(true);
        expect(Buffer.compare(row![6] as Buffer, data)).toBe(0);
      });
    },
  },
  {
    name: 'a DataSource of the user is shared, and stays open where it was open',
    async run(database) {
      const dataSource = await ofUser(database, []);
      const first = await openDriver(dataSource, [person]);
      const second = await openDriver(dataSource, [person, odd]);
      await done(first, putting(person, 'a', { name: 'A' }));
      expect(await rowOf(second, person, 'a')).toEqual(['A', undefined, undefined, undefined]);
      await first.close();
      await done(second, putting(person, 'b', { name: 'B' }));
      await second.close();
      expect(dataSource.isInitialized).toBe(true);
      expect(Number((await dataSource.query('SELECT count(*) AS n FROM person'))[0].n)).toBe(2);
      await dataSource.destroy();
    },
  },
  {
    name: 'a DataSource of the user that is not open is opened and closed',
    async run(database) {
      const dataSource = new DataSource(database.options);
      await withDriver(dataSource, [person], async (driver) => {
        await done(driver, putting(person, 'a', { name: 'A' }));
        expect(dataSource.isInitialized).toBe(true);
      });
      expect(dataSource.isInitialized).toBe(false);
    },
  },
  {
    name: 'tables have the prefix of the DataSource of the user',
    async run(database) {
      const dataSource = await ofUser(database, [person], { entityPrefix: 'shop_' });
      await withDriver(dataSource, [person], (driver) => done(driver, putting(person, 'a', { name: 'A' })));
      expect(await database.sql('SELECT "id" FROM "shop_person"')).toEqual([{ id: 'a' }]);
      expect(await pendingSql(dataSource)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'a table that is dropped while it is used is a fault that says so, not an absent entity',
    async run(database) {
      await withDriver(database.url, [person], async (driver) => {
        await done(driver, putting(person, 'a', { name: 'A' }));
        await database.sql('DROP TABLE "person"');
        const read = driver.read(person, [sampleKey('a')], undefined);
        await expect(read).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
        const write = driver.write([putting(person, 'a', { name: 'B' })]);
        await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
      });
    },
  },
];
