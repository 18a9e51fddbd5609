import { afterAll, afterEach, expect, test } from '@jest/globals';
import { Column, DataSource, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { geohashOf } from '../../../src/core/geo.js';
import { typeormDriver } from '../../../src/fallbacks/typeorm/driver.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { until } from '../../support/until.js';
import { postgresUrl } from '../../support/urls.js';
import { map, playlist } from './collection-cases.js';
import { adding, ask } from './collection-context.js';
import { changing, done, driverOptions, openDriver, putting, rowOf, withDriver } from './context.js';
import { postgresDatabases } from './databases.js';
import { mappedSchema } from './mapped-schema.js';
import { proxied } from './proxied.js';

const databases = postgresDatabases(postgresUrl);
const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' }, version: 'version' });
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => databases.dropAll());

test('a server that never answers is not waited for without end', async () => {
  const database = await databases.fresh();
  const { proxy, url } = await proxied(database.url, 5432);
  cleanups.push(() => proxy.stop());
  const driver = await openDriver(url, [person], { statementTimeout: 200 });
  proxy.stall();
  const write = driver.write([putting(person, 'a', { name: 'A' })]);
  await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'unknown', unknownFor: 200 });
  await expect(driver.read(person, [sampleKey('a')], undefined)).rejects.toMatchObject({ outcome: 'none' });
  proxy.cut();
  await driver.close();
});

test('connections that the server has ended are replaced', async () => {
  const database = await databases.fresh();
  await withDriver(database.url, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A' }));
    await database.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%"person"%' AND datname = current_database()`,
    );
    const row = await until('a read is answered', () => rowOf(driver, person, 'a').then((found) => found ?? false));
    expect(row).toEqual(['A', undefined, undefined]);
  });
});

test('statements that a connection has prepared survive changes of the table, and their loss', async () => {
  const database = await databases.fresh();
  const dataSource = await new DataSource({ ...database.options, poolSize: 1 } as never).initialize();
  const driver = await openDriver(dataSource, [person]);
  const writeAndRead = async (name: string) => {
    await done(driver, putting(person, 'a', { name }), putting(person, 'b', { name }));
    await done(driver, changing(person, 'a', { type: 'patch', set: new Map([[1, 7]]) }));
    expect(await rowOf(driver, person, 'a')).toEqual([name, 7, 1]);
    expect(await driver.read(person, [sampleKey('b'), sampleKey('c')], [0])).toEqual([
      { value: [name, undefined, undefined] },
      null,
    ]);
  };
  await writeAndRead('before');
  await database.sql('ALTER TABLE person ALTER COLUMN name TYPE varchar(500)');
  await writeAndRead('after a change');
  // As through a pool of connections that gives each transaction another one.
  await dataSource.query('DEALLOCATE ALL');
  await writeAndRead('after the loss');
  await driver.close();
  await dataSource.destroy();
});

test('what is asked of a large collection is planned a few times, however often, with few statements', async () => {
  const database = await databases.fresh();
  const dataSource = await new DataSource({ ...database.options, poolSize: 1 } as never).initialize();
  const places = Array.from({ length: 5_000 }, (_, at) => {
    const place = { longitude: ((at * 222.5) % 360) - 180, latitude: ((at * 70.4) % 170) - 85 };
    return [`m${at}`, geohashOf(place)] as const;
  });
  const driver = await openDriver(dataSource, [playlist, map]);
  await done(driver, adding(playlist, 'a', []), adding(map, 'a', places));
  await database.sql(`INSERT INTO playlist_tracks SELECT 'a', 'm' || n, n FROM generate_series(1, 30000) n; ANALYZE`);
  const page = { type: 'slice', min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, size: false } as const;
  for (const reverse of [false, true])
    for (let offset = 0; offset < 4_000; offset += 25) {
      const found = await ask(driver, playlist, 'a', { ...page, offset, limit: 1 + (offset % 40), reverse });
      const first = reverse ? 30_000 - offset : offset + 1;
      expect(found!.members.map(({ score }) => score)).toEqual(
        Array.from({ length: 1 + (offset % 40) }, (_, at) => (reverse ? first - at : first + at)),
      );
    }
  for (let after: string | undefined = ''; after !== undefined; )
    after = (await ask(driver, playlist, 'a', { type: 'scan', after, limit: 200 }))!.next;
  for (let longitude = 0; longitude < 20; longitude++) {
    const center = { longitude, latitude: 50 };
    await ask(driver, map, 'a', { type: 'near', center, area: { radius: 50_000 }, limit: 5, sort: 'asc' });
  }
  const plans: { custom: number; generic: number }[] = await dataSource.query(
    `SELECT custom_plans::int AS custom, generic_plans::int AS generic FROM pg_prepared_statements WHERE statement LIKE 'SELECT%ORDER BY%LIMIT%'`,
  );
  // PostgreSQL plans each of them anew the first five times, to know what that saves.
  expect(Math.max(...plans.map(({ custom }) => custom))).toBe(5);
  expect(plans.length).toBeLessThanOrEqual(11);
  expect(plans.reduce((sum, { generic }) => sum + generic, 0)).toBeGreaterThan(400);
  await driver.close();
  await dataSource.destroy();
});

test('what the server refuses is a fault with its reason, and nothing is written', async () => {
  const database = await databases.fresh();
  await withDriver(database.url, [person], (driver) => done(driver, putting(person, 'a', { name: 'A' })));
  const url = new URL(database.url);
  url.searchParams.set('options', `${url.searchParams.get('options')} -c default_transaction_read_only=on`);
  await withDriver(
    url.href,
    [person],
    async (driver) => {
      expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined, undefined]);
      const write = driver.write([putting(person, 'a', { name: 'B' })]);
      await expect(write).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
      await expect(write).rejects.toThrow(/is read-only \(.+\)\. Connect to one that can be written to\./);
    },
    { synchronize: false },
  );
});

test('U+0000 in a text is refused as a bad value, alone and among others, with nothing written', async () => {
  const database = await databases.fresh();
  await withDriver(database.url, [person], async (driver) => {
    const bad = putting(person, 'b', { name: 'nul \0' });
    for (const changes of [[bad], [putting(person, 'a', { name: 'A' }), bad]]) {
      const write = driver.write(changes);
      await expect(write).rejects.toMatchObject({ name: 'ValidationError' });
      await expect(write).rejects.toThrow(/^Person cannot be stored in fallback 'sql' .*; nothing was written/);
    }
    expect(await driver.count(person)).toBe(0);
  });
});

test('dates are the same instant whatever the time zone of the session', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'event', keys: { at: 'date' }, fields: { seen: 'date' } });
  const times = [
    '0001-01-01T00:00:00.000Z',
    '0099-12-31T23:59:59.999Z',
    '1582-10-10T12:00:00.001Z',
    '1969-12-31T23:59:59.999Z',
    '2024-03-31T02:30:00.000Z',
    '9999-12-31T23:59:59.999Z',
  ].map(Date.parse);
  await withDriver(database.url, [schema], (driver) =>
    done(driver, ...times.map((time) => putting(schema, time, { seen: time }))),
  );
  const url = new URL(database.url);
  url.searchParams.set(
    'options',
    `${url.searchParams.get('options')!.replace('Asia/Kathmandu', 'America/St_Johns')} -c datestyle=German`,
  );
  await withDriver(url.href, [schema], async (driver) => {
    const entries = await driver.read(
      schema,
      times.map((time) => sampleKey(time)),
      undefined,
    );
    expect(entries.map((entry) => (entry!.value as number[])[0])).toEqual(times);
  });
});

test.each([
  [
    'a server that is not there',
    (url: URL) => (url.port = '1'),
    /cannot be reached .*ECONNREFUSED.*Check that it runs, and host and port/,
  ],
  [
    'a database that is not there',
    (url: URL) => (url.pathname = '/nowhere_at_all'),
    /has no such database .*Create it, or check its name/,
  ],
  [
    'a user that is not there',
    (url: URL) => (url.username = 'nobody_at_all'),
    /refused the login .*Check the user and the password/,
  ],
])('%s is a fault at open that says what to do, without the password', async (_, change, message) => {
  const url = new URL(postgresUrl);
  url.password = 'sesame-123';
  change(url);
  const error = await openDriver(url.href, [person]).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'StoreFault', outcome: 'none' });
  expect((error as Error).message).toMatch(message);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack)).not.toContain(
    'sesame-123',
  );
});

test('a DataSource whose statements have no limit is warned of', async () => {
  const database = await databases.fresh();
  const warnings: string[] = [];
  const logger = { info: () => {}, error: () => {}, warn: (message: string) => void warnings.push(message) };
  const dataSource = new DataSource(database.options);
  await withDriver(dataSource, [person], async () => {}, { logger });
  expect(warnings).toEqual([
    expect.stringMatching(/lets statements run for ever.*extra: \{ statement_timeout: 10000 \}/),
  ]);
  const limited = new DataSource({ ...database.options, extra: { statement_timeout: 5_000 } } as never);
  await withDriver(limited, [person], async () => {}, { logger });
  expect(warnings).toHaveLength(1);
});

test('settings of the user that change how pg reads values change nothing', async () => {
  const database = await databases.fresh();
  const schema = sampleSchema({ name: 'sample' });
  const dataSource = new DataSource({ ...database.options, parseInt8: true, isolationLevel: 'SERIALIZABLE' } as never);
  await withDriver(dataSource, [schema], async (driver) => {
    await done(
      driver,
      putting(schema, 'a', { big: -(2n ** 63n), age: 9007199254740991, score: 0.1, tags: '{"b":1, "a":2}' }),
    );
    const row = await rowOf(driver, schema, 'a');
    expect(row!.slice(1, 8)).toEqual([
      9007199254740991,
      0.1,
      -(2n ** 63n),
      undefined,
      undefined,
      undefined,
      '{"b":1, "a":2}',
    ]);
    await Promise.all(
      Array.from({ length: 10 }, () =>
        done(
          driver,
          changing(schema, 'a', {
            type: 'modify',
            change: ([name, age, ...rest]) => [name, (age as number) - 1, ...rest],
          }),
        ),
      ),
    );
    expect((await rowOf(driver, schema, 'a'))![1]).toBe(9007199254740981);
  });
});

test('tables lie in the database schema that the DataSource names', async () => {
  const database = await databases.fresh();
  const [row] = await database.sql('SELECT current_schema() AS name');
  const dataSource = new DataSource({ type: 'postgres', url: postgresUrl, schema: row!.name as string });
  await withDriver(dataSource, [person], async (driver) => {
    await done(driver, putting(person, 'a', { name: 'A' }, { expect: 'absent' }));
    const again = await driver.write([putting(person, 'a', { name: 'B' }, { expect: 'absent' })]);
    expect(again).toMatchObject({ done: false, outcome: { status: 'exists' } });
  });
  expect(await database.sql('SELECT id FROM person')).toEqual([{ id: 'a' }]);
});

test('a closed driver says that it is closed', async () => {
  const driver = typeormDriver({ source: postgresUrl, name: 'sql' });
  await expect(driver.read(person, [sampleKey('a')], undefined)).rejects.toThrow(/The store 'sql' is closed/);
  await driver.close();
  const database = await databases.fresh();
  const opened = typeormDriver({ source: database.url });
  await opened.open([person], driverOptions());
  const writes = Array.from({ length: 30 }, (_, at) => done(opened, putting(person, `k${at}`, { age: at })));
  await opened.close();
  await Promise.all(writes);
  expect((await database.sql('SELECT 1 FROM person')).length).toBe(30);
});

test('a key of a column of UUIDs has the one form that the database gives back', async () => {
  const database = await databases.fresh();
  @Entity('token')
  class Token {
    @PrimaryGeneratedColumn('uuid') id!: string;
    @Column('text', { array: true }) scopes!: string[];
    @Column('jsonb') data!: unknown;
  }
  const schema = mappedSchema(Token);
  const dataSource = await new DataSource({
    ...database.options,
    installExtensions: false,
    entities: [Token],
  } as never).initialize();
  await database.sql('CREATE TABLE token (id uuid PRIMARY KEY, scopes text[] NOT NULL, data jsonb NOT NULL)');
  const driver = await openDriver(dataSource, [schema]);
  const id = '6f9619ff-8b86-d011-b42d-00c04fc964ff';
  await done(driver, putting(schema, id, { scopes: '["a","b,\\"c"]', data: '{"x":1}' }));
  expect(await rowOf(driver, schema, id)).toEqual(['["a","b,\\"c"]', '{"x":1}']);
  for (const other of [id.toUpperCase(), `{${id}}`, 'x'])
    await expect(driver.read(schema, [sampleKey(other)], undefined)).rejects.toThrow(
      /^Token\.id is ".+", but its column holds UUIDs/,
    );
  await driver.close();
  await dataSource.destroy();
});

test("by way of TypeORM's repository, a column that the database computes is never given a value", async () => {
  const database = await databases.fresh();
  @Entity('headline')
  class Headline {
    @PrimaryColumn('text') id!: string;
    @Column('text') title!: string;
    @Column({ type: 'text', generatedType: 'STORED', asExpression: 'upper(title)', nullable: true }) loud?: string;
  }
  const schema = mappedSchema(Headline, true);
  const options = { ...database.options, installExtensions: false, entities: [Headline], synchronize: true };
  const dataSource = await new DataSource(options as never).initialize();
  await withDriver(dataSource, [schema], async (driver) => {
    for (const title of ['one', 'two']) {
      await done(driver, putting(schema, 'a', { title, loud: 'stale' }));
      expect(await rowOf(driver, schema, 'a')).toEqual([title, title.toUpperCase()]);
    }
  });
  await dataSource.destroy();
});
