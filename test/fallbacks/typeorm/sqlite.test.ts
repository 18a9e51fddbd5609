import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { MissingPackageError } from '../../../src/core/errors.js';
import { loadPackage } from '../../../src/fallbacks/load-package.js';
import { typeormDriver } from '../../../src/fallbacks/typeorm/driver.js';
import { planOfUrl } from '../../../src/fallbacks/typeorm/source.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { changing, done, openDriver, putting, rowOf, withDriver } from './context.js';
import { sqliteDatabases } from './databases.js';
import { Stock } from './mapped-entities.js';
import { mappedSchema } from './mapped-schema.js';

const databases = sqliteDatabases();
const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' }, version: 'version' });
const directories: string[] = [];
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(async () => {
  await databases.dropAll();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

async function directory(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'holdfast-sqlite-'));
  directories.push(made);
  return made;
}

/** A DataSource of the user's on a fresh file, with a driver on it. */
async function onDataSource(statementTimeout = 10_000) {
  const { options } = await databases.fresh();
  const dataSource = await new DataSource(options).initialize();
  const driver = await openDriver(dataSource, [person], { statementTimeout });
  cleanups.push(async () => {
    await driver.close();
    await dataSource.destroy();
  });
  await done(driver, putting(person, 'a', { name: 'A', version: 1 }));
  return { dataSource, driver };
}

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  // Long enough for whatever does not wait for something.
  const turn = new Promise((resolve) => setTimeout(resolve, 30, pending));
  return (await Promise.race([promise, turn])) === pending;
};

test('a file is written ahead of its log, and each write waits for the disk unless the URL says otherwise', async () => {
  const file = path.join(await directory(), 'new', 'folder', 'test.db');
  await withDriver(`sqlite:${file}`, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A' }));
    const db = new Sqlite(file);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });
  for (const [parameter, level] of [
    ['', 2],
    ['?synchronous=full', 2],
    ['?synchronous=normal', 1],
  ]) {
    const { options } = planOfUrl(`sqlite:${file}${parameter}`, 'The test', { poolSize: 1 });
    const dataSource = await new DataSource(options!).initialize();
    expect(await dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: level }]);
    expect(await dataSource.query('PRAGMA wal_autocheckpoint')).toEqual([{ wal_autocheckpoint: 8000 }]);
    await dataSource.destroy();
  }
  expect(() => typeormDriver({ source: `sqlite:${file}?synchronous=off` })).toThrow(
    /has the parameter synchronous=off.*synchronous=full or synchronous=normal/,
  );
  expect(() => typeormDriver({ source: `sqlite:${file}?cache=shared`, name: 'x' })).toThrow(
    /^The fallback 'x' has the parameter cache, which is not known/,
  );
});

test.each(['sqlite::memory:', 'sqlite:'])(
  '%s is private to its driver and gone when that is closed',
  async (source) => {
    const before = await readdir('.');
    await withDriver(source, [person], async (driver) => {
      expect(driver.capabilities.shared).toBe(false);
      await done(driver, putting(person, 'a', { name: 'A' }));
      await withDriver(source, [person], async (second) => expect(await second.count(person)).toBe(0));
      expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined, undefined]);
    });
    await withDriver(source, [person], async (driver) => expect(await driver.count(person)).toBe(0));
    expect(await readdir('.')).toEqual(before);
  },
);

test('two drivers on one file see what the other has written', async () => {
  const { url } = await databases.fresh();
  const one = await openDriver(url, [person]);
  const two = await openDriver(url, [person]);
  expect(one.capabilities.shared).toBe(true);
  const writes = Array.from({ length: 200 }, (_, at) =>
    (at % 2 ? one : two).write([
      at < 2 ? putting(person, `own${at}`, {}) : changing(person, 'sum', { type: 'increment', field: 1, by: 1 }),
    ]),
  );
  await done(one, putting(person, 'sum', { age: 0 }));
  await Promise.all(writes);
  const missed = (await Promise.all(writes)).filter((result) => !result.done).length;
  expect((await rowOf(two, person, 'sum'))![1]).toBe(198 - missed);
  await one.close();
  await two.close();
});

test("a write waits for the end of somebody else's transaction on the same DataSource, and is no part of it", async () => {
  const { dataSource, driver } = await onDataSource();
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`INSERT INTO person (id, name) VALUES ('theirs', 'T')`);
  const write = done(driver, putting(person, 'b', { name: 'B' }));
  const read = driver.read(person, [sampleKey('theirs')], undefined);
  expect(await isPending(Promise.race([write, read]))).toBe(true);
  await runner.rollbackTransaction();
  await write;
  expect(await read).toEqual([null]);
  expect(await rowOf(driver, person, 'b')).toEqual(['B', undefined, undefined]);
});

test("somebody else's transaction is not waited for without end", async () => {
  const { dataSource, driver } = await onDataSource(100);
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  const message = /has been locked for 100 ms by a transaction of somebody else on the same DataSource/;
  const write = driver.write([putting(person, 'b', { name: 'B' })]);
  await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
  await expect(write).rejects.toThrow(message);
  await expect(driver.read(person, [sampleKey('a')], undefined)).rejects.toThrow(message);
  await runner.rollbackTransaction();
  expect(await rowOf(driver, person, 'b')).toBeNull();
});

test('while another process has the database locked, a write waits without holding up this process', async () => {
  const { url, options } = await databases.fresh();
  await withDriver(url, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A' }));
    const other = new Sqlite(options.database as string);
    other.exec('BEGIN IMMEDIATE');
    const write = done(driver, putting(person, 'a', { name: 'B' }));
    // Were this process held up, nobody would ever end the lock.
    expect(await isPending(write)).toBe(true);
    expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined, undefined]);
    other.exec('COMMIT');
    other.close();
    await write;
    expect(await rowOf(driver, person, 'a')).toEqual(['B', undefined, undefined]);
  });
});

test('while another process has the database locked, tables that are missing wait to be made', async () => {
  const { url, options } = await databases.fresh();
  await withDriver(url, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A' }));
  });
  const other = new Sqlite(options.database as string);
  other.exec('BEGIN IMMEDIATE');
  const pet = sampleSchema({ name: 'pet', fields: { name: 'string' } });
  const opening = openDriver(url, [person, pet]);
  // Longer than SQLite itself waits.
  setTimeout(() => {
    other.exec('COMMIT');
    other.close();
  }, 300);
  const driver = await opening;
  cleanups.push(() => driver.close());
  await done(driver, putting(pet, 'b', { name: 'B' }));
});

test('another process that has the database locked is not waited for without end', async () => {
  const { url, options } = await databases.fresh();
  await withDriver(
    url,
    [person],
    async (driver) => {
      const other = new Sqlite(options.database as string);
      other.exec('BEGIN IMMEDIATE');
      const writes = ['a', 'b'].map((id) => driver.write([putting(person, id, { name: 'late' })]));
      for (const write of writes) {
        await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
        await expect(write).rejects.toThrow(/has been locked for 150 ms by another process/);
      }
      other.exec('ROLLBACK');
      other.close();
      expect(await driver.count(person)).toBe(0);
    },
    { statementTimeout: 150 },
  );
});

test('who makes one write after the other without a pause leaves turns to the rest of the process', async () => {
  await withDriver(`sqlite:${path.join(await directory(), 'turns.db')}`, [person], async (driver) => {
    let writing = true;
    let turns = 0;
    const turn = () => {
      turns++;
      if (writing) setImmediate(turn);
    };
    setImmediate(turn);
    // Many times what fits into one turn.
    for (let age = 0; age < 2000; age++) await done(driver, putting(person, 'a', { name: 'A', age }));
    writing = false;
    expect(turns).toBeGreaterThan(1);
    expect(await rowOf(driver, person, 'a')).toEqual(['A', 1999, undefined]);
  });
});

test('of writes that wait at the same time each is made or refused by itself', async () => {
  const { url } = await databases.fresh();
  await withDriver(url, [person], async (driver) => {
    await done(driver, putting(person, 'a', { age: Number.MAX_SAFE_INTEGER, version: 1 }));
    const thrown = new Error('changed my mind');
    const results = await Promise.allSettled([
      driver.write([putting(person, 'one', { age: 1 })]),
      driver.write([changing(person, 'a', { type: 'increment', field: 1, by: 1 })]),
      driver.write([putting(person, 'half', {}), putting(person, 'one', {}, { expect: 'absent' })]),
      driver.write([
        putting(person, 'half', {}),
        changing(person, 'a', {
          type: 'modify',
          change: () => {
            throw thrown;
          },
        }),
      ]),
      driver.write([putting(person, 'two', { age: 2 }), putting(person, 'three', { age: 3 })]),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.done : result.reason))).toEqual([
      true,
      false,
      false,
      thrown,
      true,
    ]);
    expect(
      await driver.read(
        person,
        ['one', 'half', 'two', 'three'].map((id) => sampleKey(id)),
        [1],
      ),
    ).toMatchObject([
      { value: [undefined, 1, undefined] },
      null,
      { value: [undefined, 2, undefined] },
      { value: [undefined, 3, undefined] },
    ]);
  });
});

test('a path that cannot be opened, and a file that is no database, are faults at open that say what to do', async () => {
  const folder = await directory();
  await expect(openDriver(`sqlite:${folder}`, [person])).rejects.toThrow(
    /^Fallback 'sql' \(.+\) cannot be opened .*Check the path and its permissions\./,
  );
  const text = path.join(folder, 'text.db');
  await writeFile(text, 'this is not a database, however long one looks at it '.repeat(100));
  await expect(openDriver(`sqlite:${text}`, [person])).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
  await expect(openDriver(`sqlite:${text}`, [person])).rejects.toThrow(/is not a sound SQLite database/);
});

test('a database that cannot be written to is read, and writes are faults that say so', async () => {
  const { url, options } = await databases.fresh();
  await withDriver(url, [person], (driver) => done(driver, putting(person, 'a', { name: 'A' })));
  const dataSource = new DataSource({ ...options, readonly: true } as never);
  await withDriver(
    dataSource,
    [person],
    async (driver) => {
      expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined, undefined]);
      const write = driver.write([putting(person, 'a', { name: 'B' }), putting(person, 'b', { name: 'B' })]);
      await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
      await expect(write).rejects.toThrow(/is read-only/);
    },
    { synchronize: false },
  );
});

test('a DataSource that is not to synchronize is left as it is, unless open() is told otherwise', async () => {
  const { options, sql } = await databases.fresh();
  await sql('CREATE TABLE "stock" ("id" text PRIMARY KEY) WITHOUT ROWID');
  const before = await sql('SELECT name, sql FROM sqlite_master');
  const dataSource = await new DataSource({ ...options, entities: [Stock], synchronize: false } as never).initialize();
  const stock = mappedSchema(Stock);
  for (const synchronize of [undefined, false]) {
    const open = openDriver(dataSource, [person, stock], { synchronize });
    await expect(open).rejects.toMatchObject({ code: 'METADATA' });
    await expect(open).rejects.toThrow(/Person: has no table person in.*\n.*Stock: has TypeORM's table stock.*lacks/);
    expect(await sql('SELECT name, sql FROM sqlite_master')).toEqual(before);
  }
  await withDriver(dataSource, [person], (driver) => done(driver, putting(person, 'a', { name: 'A' })), {
    synchronize: true,
  });
  await dataSource.destroy();
});

test('a table that is gone is a fault that says what to do', async () => {
  const { dataSource, driver } = await onDataSource();
  await dataSource.query('DROP TABLE person');
  await expect(driver.write([putting(person, 'a', { name: 'A' })])).rejects.toThrow(
    /lacks a table \(no such table: .*person\)\. Run the migrations, or open with synchronize: true\./,
  );
});

test('a full disk is a fault that says so, with nothing written, and writes go on when there is room', async () => {
  const { options } = await databases.fresh();
  const dataSource = await new DataSource(options).initialize();
  const driver = await openDriver(dataSource, [person]);
  await done(driver, putting(person, 'a', { name: 'A' }));
  const [pages] = await dataSource.query('PRAGMA page_count');
  await dataSource.query(`PRAGMA max_page_count = ${pages.page_count}`);
  const large = { name: 'x'.repeat(100_000) };
  const writes = [
    driver.write([putting(person, 'b', large)]),
    driver.write([putting(person, 'c', {}), putting(person, 'd', large)]),
    driver.write([changing(person, 'a', { type: 'patch', set: new Map([[0, large.name]]) })]),
  ];
  for (const write of writes) {
    await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
    await expect(write).rejects.toThrow(/has no space left .*Free some\./);
  }
  expect(await driver.count(person)).toBe(1);
  await dataSource.query('PRAGMA max_page_count = 1000000');
  await done(driver, putting(person, 'b', large));
  expect(await driver.count(person)).toBe(2);
  await driver.close();
  await dataSource.destroy();
});

test('a stored value that is no value of its type is not taken for one', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'sample' });
  await withDriver(database.url, [schema], async (driver) => {
    for (const [column, value] of [
      ['born', "'yesterday'"],
      ['age', '1.5'],
      ['tags', "'{broken'"],
      ['active', '7'],
      ['name', "x'00'"],
      ['big', "'many'"],
    ]) {
      await done(driver, putting(schema, 'a', { name: 'A' }));
      await database.sql(`UPDATE sample SET ${column} = ${value}`);
      await expect(driver.read(schema, [sampleKey('a')], undefined)).rejects.toThrow(
        new RegExp(`^column ${column}: .* is not a stored`),
      );
      expect((await driver.read(schema, [sampleKey('a')], [column === 'name' ? 1 : 0]))[0]).not.toBeNull();
    }
  });
});

test.each([
  ['mongodb://localhost', /is given a URL that begins with "mongodb:"\. Give postgresql:, mysql:, mariadb: or sqlite:/],
  ['postgresql://user:pass#word@host:port/x', /is given a postgresql: URL that cannot be read.*encodeURIComponent/],
  ['nonsense', /is given a URL that begins with "nonsense"/],
])('the URL %s is refused with a reason, and without its password', (source, message) => {
  expect(() => typeormDriver({ source, name: 'x' })).toThrow(message);
  try {
    typeormDriver({ source, name: 'x' });
  } catch (error) {
    expect(String((error as Error).stack)).not.toContain('pass#word');
  }
});

test('a DataSource of a database that is not supported is refused with a reason', () => {
  const dataSource = { options: { type: 'oracle' } } as unknown as DataSource;
  expect(() => typeormDriver({ source: dataSource, name: 'x' })).toThrow(
    /^The fallback 'x' is a DataSource of type 'oracle'\. Give one of type postgres, mysql, mariadb or better-sqlite3\./,
  );
});

test('a package that is missing is named, with what asked for it and how to install it', async () => {
  const missing = Object.assign(new Error(`Cannot find package 'pg' imported from /somewhere`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  const loading = loadPackage('pg', `Fallback 'postgres' (localhost/shop)`, () => Promise.reject(missing));
  await expect(loading).rejects.toThrow(MissingPackageError);
  await expect(loading).rejects.toThrow(
    "Fallback 'postgres' (localhost/shop) needs the package 'pg', which is not installed. Install it: npm install pg",
  );
  const broken = Object.assign(new Error(`Cannot find package 'inner' imported from pg`), { code: 'MODULE_NOT_FOUND' });
  await expect(loadPackage('pg', 'x', () => Promise.reject(broken))).rejects.toBe(broken);
});
