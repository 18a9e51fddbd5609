import { expect } from '@jest/globals';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { KeyedChange } from '../../../src/core/fallback-driver.js';
import type { RowChange } from '../../../src/core/kind.js';
import { sampleKey, sampleRow, sampleSchema } from '../../../src/testing/sample-schema.js';
import { changing, done, openDriver, putting, rowOf, withDriver } from './context.js';
import type { TestDatabase } from './databases.js';
import { Book, FORBIDDEN, heard, Money, Publisher, refusal, Stock } from './mapped-entities.js';
import { mappedSchema } from './mapped-schema.js';
import type { SqlCase } from './sql-cases.js';

const stock = mappedSchema(Stock);
const book = mappedSchema(Book, true);
const plain = sampleSchema({ name: 'shelf', fields: { count: 'integer' } });

const since = Date.parse('2020-02-29T23:59:58.000Z');
const key = sampleKey("main, o'clock", 7);
const values = {
  label: 'Bolt "M8"',
  note: null,
  count: 5,
  weight: 0.1 + 0.2,
  price: 12.345,
  serial: '9007199254740991',
  active: true,
  since,
  tags: '{"a":[1,null,"x"]}',
  colours: '["red","blue"]',
  value: 199,
  revision: 1,
};
const row = sampleRow(stock, values);

async function ofUser({ options }: TestDatabase, more: object = {}): Promise<DataSource> {
  return new DataSource({ ...options, ...more } as DataSourceOptions).initialize();
}

const bookRow = (title: string, revision: number, more: object = {}) => sampleRow(book, { title, revision, ...more });
const field = (name: string): number => book.fields.findIndex((one) => one.name === name);

export const mappedCases: readonly SqlCase[] = [
  {
    name: 'what TypeORM wrote is read, and what is written TypeORM reads',
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Stock], synchronize: true });
      const repository = dataSource.getRepository(Stock);
      await withDriver(dataSource, [stock], async (driver) => {
        await done(driver, putting(stock, key, values));
        const found = await repository.findOneByOrFail({ warehouse: "main, o'clock", item: 7 });
        expect({ ...found, price: Number(found.price), serial: String(found.serial) }).toEqual({
          ...values,
          warehouse: "main, o'clock",
          item: 7,
          since: new Date(since),
          tags: { a: [1, null, 'x'] },
          colours: ['red', 'blue'],
          value: new Money(199),
        });
        expect(await rowOf(driver, stock, key)).toEqual(row);
        found.item = 8;
        found.label = 'Nut';
        found.note = 'by TypeORM';
        await repository.insert(found as object);
        const read = await driver.read(stock, [sampleKey('none', 1), sampleKey("main, o'clock", 8), key], [0, 1]);
        const part = (label: string, note: string | null) => [label, note, ...new Array(10).fill(undefined)];
        expect(read.map((entry) => entry?.value)).toEqual([
          undefined,
          part('Nut', 'by TypeORM'),
          part('Bolt "M8"', null),
        ]);
        const keys: unknown[] = [];
        for await (const scanned of driver.scan(stock)) keys.push(scanned.key.parts);
        expect(keys).toEqual([
          ["main, o'clock", 7],
          ["main, o'clock", 8],
        ]);
        expect(await driver.count(stock)).toBe(2);
      });
      await dataSource.destroy();
    },
  },
  {
    name: 'every change of an entity that TypeORM maps is made, alone and among others',
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Stock], synchronize: true });
      await withDriver(dataSource, [stock, plain], async (driver) => {
        const count = stock.fields.findIndex(({ name }) => name === 'count');
        const note = stock.fields.findIndex(({ name }) => name === 'note');
        const increment: RowChange = { type: 'increment', field: count, by: 2 };
        const patch: RowChange = { type: 'patch', set: new Map([[note, 'patched']]), version: 2 };
        await done(driver, putting(stock, key, values, { expect: 'absent' }));
        expect(await driver.write([putting(stock, key, values, { expect: 'absent' })])).toMatchObject({
          outcome: { status: 'exists' },
        });
        await done(driver, changing(stock, key, increment));
        await done(driver, changing(stock, key, patch));
        expect(await driver.write([changing(stock, key, patch)])).toMatchObject({ outcome: { status: 'conflict' } });
        const cleared: RowChange = { type: 'patch', set: new Map([[note, null]]) };
        const clear: RowChange = {
          type: 'modify',
          change: (before) => before.map((value, index) => (index === note ? null : value)),
        };
        await done(
          driver,
          changing(stock, key, increment),
          putting(plain, 'a', { count: 1 }),
          changing(stock, key, clear),
        );
        await done(driver, changing(stock, key, cleared));
        expect(await rowOf(driver, stock, key)).toEqual(sampleRow(stock, { ...values, count: 9, revision: 6 }));
        await done(driver, putting(stock, key, { ...values, revision: 7 }, { expect: { version: 6 } }));
        const many = Array.from({ length: 300 }, (_, item) =>
          putting(stock, sampleKey('many', item), { ...values, count: item }),
        );
        await done(driver, ...many);
        const entries = await driver.read(
          stock,
          many.map((change) => change.key),
          [count],
        );
        expect(entries.map((entry) => (entry!.value as number[])[count])).toEqual(many.map((_, item) => item));
        await done(
          driver,
          changing(stock, key, { type: 'delete' }),
          ...many.slice(1).map((change) => changing(stock, change.key, { type: 'delete' })),
        );
        expect(await driver.count(stock)).toBe(1);
      });
      await dataSource.destroy();
    },
  },
  {
    name: 'where a column of TypeORM rounds a value or cuts it off, a write answers with what is stored',
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Stock], synchronize: true });
      await withDriver(dataSource, [stock], async (driver) => {
        const rounded = { ...values, price: 12.34567, since: since + 678 };
        const writes: (readonly KeyedChange[])[] = [
          [putting(stock, key, rounded, { expect: 'absent' })],
          [putting(stock, key, { ...rounded, revision: 2 }, { expect: { version: 1 } })],
          [putting(stock, key, rounded)],
          [putting(stock, key, rounded), putting(stock, sampleKey('other', 1), rounded)],
          [changing(stock, key, { type: 'patch', set: new Map([[4, 1.00049]]) })],
        ];
        for (const changes of writes) {
          const result = await done(driver, ...changes);
          const [stored] = await driver.read(stock, [key], undefined);
          expect(result).toMatchObject({ outcomes: [{ entry: stored }, ...changes.slice(1).map(() => ({}))] });
        }
      });
      await dataSource.destroy();
    },
  },
  {
    name: 'an entity that TypeORM maps cannot expire: its table has no column for it',
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Stock, Book, Publisher], synchronize: true });
      await withDriver(dataSource, [stock, book], async (driver) => {
        for (const change of [
          putting(stock, key, values, { expiresAt: Date.now() + 1000 }),
          changing(book, '1', { type: 'put', row: bookRow('T', 1), expiresAt: Date.now() + 1000 }),
        ]) {
          await expect(driver.write([change])).rejects.toMatchObject({ name: 'ValidationError' });
          await expect(driver.write([change])).rejects.toThrow(
            /cannot be saved with fallbackTtl: its table is mapped by TypeORM/,
          );
        }
        expect([await driver.count(stock), await driver.count(book)]).toEqual([0, 0]);
      });
      await dataSource.destroy();
    },
  },
  {
    name: 'tables of classes that TypeORM maps are created where they are missing, and no other is touched',
    async run(database) {
      await database.sql('CREATE TABLE "stray" ("id" integer PRIMARY KEY)');
      await withDriver(database.url, [book, stock], async (driver) => {
        await done(driver, changing(book, 'a', { type: 'put', row: bookRow('A', 1) }), putting(stock, key, values));
      });
      await withDriver(database.url, [book, stock], async (driver) => {
        expect((await rowOf(driver, book, 'a'))![field('title')]).toBe('A');
      });
      expect(await database.sql('SELECT * FROM "stray"')).toEqual([]);
      const dataSource = await ofUser(database, { entities: [Book, Publisher, Stock] });
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'a class that the DataSource does not know, and a table that is missing, are errors at open',
    async run(database) {
      const strange = await ofUser(database);
      await expect(openDriver(strange, [stock])).rejects.toThrow(
        /Stock: is mapped by TypeORM, but is not among the entities of the DataSource of fallback 'sql'.*'entities'/,
      );
      await strange.destroy();
      const dataSource = await ofUser(database, { entities: [Stock] });
      await expect(openDriver(dataSource, [stock], { synchronize: false })).rejects.toThrow(
        /Stock: has TypeORM's table stock in fallback 'sql' .+, which is missing\. Run TypeORM's migrations or its synchronize/,
      );
      await dataSource.destroy();
    },
  },
  {
    name: "by way of TypeORM's repository, listeners run, dates and versions are set, and deletes are soft",
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Book, Publisher], synchronize: true });
      const repository = dataSource.getRepository(Book);
      await withDriver(dataSource, [book], async (driver) => {
        heard.length = 0;
        const written = await done(
          driver,
          changing(book, 'i1', { type: 'put', row: bookRow('First', 1), expect: 'absent' }),
        );
        expect(heard.filter((line) => !line.startsWith('load'))).toEqual(['insert i1']);
        const stored = (await rowOf(driver, book, 'i1'))!;
        expect(stored[field('slug')]).toBe('first');
        expect(stored[field('deletedAt')]).toBeNull();
        expect(stored[field('createdAt')]).toEqual(expect.any(Number));
        expect(stored[field('revision')]).toBe(1);
        expect(written).toMatchObject({ outcomes: [{ entry: { value: stored } }] });

        await done(
          driver,
          changing(book, 'i1', { type: 'patch', set: new Map([[field('title'), 'Second']]), version: 1 }),
        );
        expect(heard.filter((line) => !line.startsWith('load'))).toEqual(['insert i1', 'update i1']);
        const found = await repository.findOneByOrFail({ isbn: 'i1' });
        expect([found.title, found.slug, found.revision]).toEqual(['Second', 'second', 2]);
        const conflict = changing(book, 'i1', { type: 'put', row: bookRow('X', 2), expect: { version: 1 } });
        expect(await driver.write([conflict])).toMatchObject({ outcome: { status: 'conflict' } });

        await done(driver, changing(book, 'i1', { type: 'delete' }));
        expect(await rowOf(driver, book, 'i1')).toBeNull();
        expect(await driver.count(book)).toBe(0);
        expect((await repository.findOneOrFail({ where: { isbn: 'i1' }, withDeleted: true })).deletedAt).toBeInstanceOf(
          Date,
        );
        expect(
          await driver.write([changing(book, 'i1', { type: 'increment', field: field('pages'), by: 1 })]),
        ).toMatchObject({
          outcome: { status: 'missing' },
        });
        await done(driver, changing(book, 'i1', { type: 'put', row: bookRow('Third', 1), expect: 'absent' }));
        expect((await rowOf(driver, book, 'i1'))![field('title')]).toBe('Third');
      });
      await dataSource.destroy();
    },
  },
  {
    name: "by way of TypeORM's repository, a write is all or none, also with other entities in it",
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Book, Publisher], synchronize: true });
      await withDriver(dataSource, [book, plain], async (driver) => {
        const put = (id: string, title: string) =>
          changing(book, id, { type: 'put', row: bookRow(title, 1, { pages: 0 }) });
        await done(driver, put('a', 'A'), putting(plain, 'a', { count: 1 }), put('b', 'B'));
        const failing = await driver.write([
          put('a', 'changed'),
          changing(plain, 'a', { type: 'increment', field: 0, by: 1 }),
          changing(book, 'b', { type: 'delete' }),
          changing(book, 'nobody', { type: 'increment', field: field('pages'), by: 1 }),
        ]);
        expect(failing).toMatchObject({ done: false, index: 3, outcome: { status: 'missing' } });
        expect((await rowOf(driver, book, 'a'))![field('title')]).toBe('A');
        expect(await rowOf(driver, plain, 'a')).toEqual([1]);
        await Promise.all(
          Array.from({ length: 12 }, (_, at) =>
            done(
              driver,
              ...(at % 2 ? ['a', 'b'] : ['b', 'a']).map((id) =>
                changing(book, id, { type: 'increment', field: field('pages'), by: 1 }),
              ),
              changing(plain, 'a', { type: 'increment', field: 0, by: 1 }),
            ),
          ),
        );
        const pages = (await driver.read(book, [sampleKey('a'), sampleKey('b')], undefined)).map(
          (entry) => (entry!.value as unknown[])[field('pages')],
        );
        expect(pages).toEqual([12, 12]);
        expect(await rowOf(driver, plain, 'a')).toEqual([13]);
        const inserts = await Promise.all(
          Array.from({ length: 6 }, (_, at) =>
            driver.write([changing(book, 'new', { type: 'put', row: bookRow(`n${at}`, 1), expect: 'absent' })]),
          ),
        );
        expect(inserts.filter((result) => result.done)).toHaveLength(1);
        const titles: unknown[] = [];
        for await (const { entry } of driver.scan(book)) titles.push((entry.value as unknown[])[field('title')]);
        expect(titles.slice(0, 2)).toEqual(['A', 'B']);
        expect(titles).toHaveLength(3);
      });
      await dataSource.destroy();
    },
  },
  {
    name: 'an error that a listener throws comes back as it is, with nothing written',
    async run(database) {
      const dataSource = await ofUser(database, { entities: [Book, Publisher], synchronize: true });
      await withDriver(dataSource, [book, plain], async (driver) => {
        const write = driver.write([
          putting(plain, 'a', { count: 1 }),
          changing(book, 'a', { type: 'put', row: bookRow(FORBIDDEN, 1) }),
        ]);
        await expect(write).rejects.toBe(refusal);
        expect(await driver.count(plain)).toBe(0);
        await done(driver, putting(plain, 'a', { count: 1 }));
      });
      await dataSource.destroy();
    },
  },
];
