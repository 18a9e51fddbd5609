import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { membersOf } from '../../../src/core/collection.js';
import type { FallbackDriver, KeyedChange, WriteResult } from '../../../src/core/fallback-driver.js';
import type { Row } from '../../../src/core/schema.js';
import { sampleCollection } from '../../../src/testing/sample-collections.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { until } from '../../support/until.js';
import { postgresUrl } from '../../support/urls.js';
import { collecting, deleting, puttingMembers, textsIn } from './collection-context.js';
import { changing, done, openDriver, putting, withDriver } from './context.js';
import { postgresDatabases, type TestDatabase } from './databases.js';
import { watched } from './watched.js';

const person = sampleSchema({ name: 'person', fields: { name: 'string', count: 'integer' }, version: 'version' });
const log = sampleCollection({ name: 'log', structure: 'list' });
const schemas = [person, log];
const databases = postgresDatabases(postgresUrl);
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => databases.dropAll());

const pushing = (...texts: string[]) => collecting(log, 'a', { type: 'push', end: 'last', texts });
const popping = (end: 'first' | 'last' = 'last') => collecting(log, 'a', { type: 'pop', end });
const renaming = (name: string, version: number): KeyedChange =>
  changing(person, 'p', { type: 'patch', set: new Map([[0, name]]), version });
const replacing = (name: string, version: number): KeyedChange =>
  changing(person, 'p', {
    type: 'put',
    row: [name, 1, version + 1],
    expect: { version },
  });

const rowIn = async (driver: FallbackDriver): Promise<Row> =>
  (await driver.read(person, [sampleKey('p')], undefined))[0]!.value as Row;

/** Positions of a list follow each other. */
async function isWhole(database: TestDatabase): Promise<void> {
  const [row] = await database.sql(
    'SELECT count(*)::int AS n, COALESCE(max("position") - min("position") + 1, 0)::int AS span FROM "log_members"',
  );
  expect(row!.span).toBe(row!.n);
}

async function open(database: TestDatabase, items: readonly string[] = ['x', 'y']) {
  // Who waits for a lock waits as long as a machine under load may take.
  const driver = await openDriver(database.url, schemas, { statementTimeout: 60_000 });
  cleanups.push(() => driver.close());
  await done(driver, putting(person, 'p', { name: 'P', count: 1, version: 1 }), puttingMembers(log, 'a', items));
  return driver;
}

describe('On PostgreSQL, rows at their versions and items at the end of a list', () => {
  test('are written in one statement, which goes by indexes', async () => {
    await watched(await databases.fresh(), schemas, async ({ driver, during, plan }) => {
      const items = Array.from({ length: 2_000 }, (_, at) => `${at}`);
      await done(driver, putting(person, 'p', { name: 'P', version: 1 }), puttingMembers(log, 'a', items));
      const outcomes: WriteResult[] = [];
      for (const changes of [
        [renaming('Q', 1), pushing('b', 'c')],
        [pushing('d'), replacing('R', 2)],
      ]) {
        const all = await during(async () => outcomes.push(await done(driver, ...changes)));
        // But for the look at what has expired, and what a new connection is asked.
        const ran = all.filter(({ sql }) => !/<=|@@/.test(sql));
        expect(ran).toHaveLength(1);
        expect(await plan(ran[0]!)).toMatch(/Index(?: Only)? Scan/);
      }
      const made = outcomes.map((result) => (result.done ? result.outcomes : []));
      expect(made[0]).toMatchObject([
        { status: 'done', existed: true, entry: { value: ['Q', undefined, 2] } },
        { status: 'done', existed: true, answer: { numbers: [2_002] }, delta: { push: ['b', 'c'], pop: 0, trim: 0 } },
      ]);
      expect(made[1]).toMatchObject([{ answer: { numbers: [2_003] } }, { entry: { value: ['R', 1, 3] } }]);
      expect(await rowIn(driver)).toEqual(['R', 1, 3]);
      expect((await textsIn(driver, log, 'a'))!.slice(-4)).toEqual(['1999', 'b', 'c', 'd']);
    });
  });

  test.each([
    ['the row is at another version', [renaming('Q', 7), pushing('z')], { index: 0, outcome: { status: 'conflict' } }],
    [
      'the row is not there',
      [
        pushing('z'),
        changing(person, 'none', { type: 'patch', set: new Map([[0, 'x']]), version: 1 }),
        renaming('Q', 1),
      ],
      { index: 1, outcome: { status: 'missing' } },
    ],
  ] as const)('are not written where %s', async (_, changes, refused) => {
    const database = await databases.fresh();
    const driver = await open(database);
    expect(await driver.write(changes)).toMatchObject({ done: false, ...refused });
    expect(await rowIn(driver)).toEqual(['P', 1, 1]);
    expect(await textsIn(driver, log, 'a')).toEqual(['x', 'y']);
  });

  test.each([
    ['is not there', async (driver: FallbackDriver) => done(driver, deleting(log, 'a')), ['z']],
    ['is empty', async (driver: FallbackDriver) => done(driver, popping(), popping()), ['z']],
    ['has its items elsewhere', async (driver: FallbackDriver) => done(driver, popping('first')), ['y', 'z']],
  ] as const)('are written where the list %s', async (_, before, left) => {
    const database = await databases.fresh();
    const driver = await open(database);
    await before(driver);
    expect(await driver.write([renaming('Q', 1), pushing('z')])).toMatchObject({
      done: true,
      outcomes: [{}, { answer: { numbers: [left.length] } }],
    });
    expect(await textsIn(driver, log, 'a')).toEqual(left);
    expect(await rowIn(driver)).toEqual(['Q', 1, 2]);
    await isWhole(database);
  });

  const key = `id = 'a'`;
  test.each([
    ['pushes', [`INSERT INTO log_members VALUES ('a', 2, 'theirs')`], ['x', 'y', 'theirs', 'z']],
    ['takes the last item', [`DELETE FROM log_members WHERE ${key} AND position = 1`], ['x', 'z']],
    [
      'takes the last item and puts another there',
      [`DELETE FROM log_members WHERE ${key} AND position = 1`, `INSERT INTO log_members VALUES ('a', 1, 'theirs')`],
      ['x', 'theirs', 'z'],
    ],
    ['takes the first item', [`DELETE FROM log_members WHERE ${key} AND position = 0`], ['y', 'z']],
    [
      'takes all, puts others, and takes of those',
      [`DELETE FROM log_members WHERE ${key}`, `INSERT INTO log_members VALUES ('a', 7, 'theirs')`],
      ['theirs', 'z'],
    ],
    [
      'replaces the list',
      [
        `DELETE FROM log_members WHERE ${key}`,
        `UPDATE log SET _expires_at = NULL WHERE ${key}`,
        `INSERT INTO log_members VALUES ('a', 0, 'theirs'), ('a', 1, 'too'), ('a', 2, 'many')`,
      ],
      ['theirs', 'too', 'many', 'z'],
    ],
    ['deletes the list', [`DELETE FROM log_members WHERE ${key}`, `DELETE FROM log WHERE ${key}`], ['z']],
  ])('wait for one who %s, and are made of what that leaves', async (_, statements, left) => {
    const database = await databases.fresh();
    const driver = await open(database);
    const client = new pg.Client(database.url);
    await client.connect();
    cleanups.push(() => client.end());
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await client.query('START TRANSACTION');
    await client.query(`SELECT id FROM log WHERE ${key} FOR UPDATE`);
    const writing = driver.write([renaming('Q', 1), pushing('z')]);
    await until('it waits for the lock', async () => {
      const [row] = await database.sql(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${rows[0]!.pid} = ANY (pg_blocking_pids(pid))`,
      );
      return Number(row!.n) > 0;
    });
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
    expect(await writing).toMatchObject({ done: true });
    expect(await textsIn(driver, log, 'a')).toEqual(left);
    expect(await rowIn(driver)).toEqual(['Q', 1, 2]);
    await isWhole(database);
  });

  test.each(['', 'repeatable\\ read'])(
    'are each written once and in order among others that push and take, in transactions that are %p',
    async (level) => {
      const database = await databases.fresh();
      const url = new URL(database.url);
      if (level !== '')
        url.searchParams.set('options', `${url.searchParams.get('options')} -c default_transaction_isolation=${level}`);
      await open(database, []);
      const drivers = await Promise.all(
        [0, 1, 2].map(async () => {
          const driver = await openDriver(url.href, schemas);
          cleanups.push(() => driver.close());
          return driver;
        }),
      );
      const pushed: string[] = [];
      const taken: string[] = [];
      const write = async (driver: FallbackDriver, ...changes: KeyedChange[]) => {
        const result = await driver.write(changes);
        if (!result.done) return false;
        for (const { answer, delta } of result.outcomes)
          if (delta?.type === 'ends') taken.push(...(answer?.members ?? []).map(({ text }) => text));
        return true;
      };
      const versioned = async (driver: FallbackDriver, name: string) => {
        for (let at = 0; at < 40; at++) {
          const version = (await rowIn(driver))[2] as number;
          const text = `${name}${at}`;
          if (await write(driver, renaming(text, version), pushing(text))) pushed.push(text);
        }
      };
      const loose = async (driver: FallbackDriver, name: string) => {
        for (let at = 0; at < 30; at++) {
          const text = `${name}${at}`;
          if (at % 3 === 0) await write(driver, popping(at % 2 ? 'first' : 'last'));
          else if (
            await write(driver, collecting(log, 'a', { type: 'push', end: at % 2 ? 'first' : 'last', texts: [text] }))
          )
            pushed.push(text);
        }
      };
      await Promise.all(
        drivers.flatMap((driver, at) => [
          versioned(driver, `a${at}:`),
          versioned(driver, `b${at}:`),
          loose(driver, `c${at}:`),
        ]),
      );
      const [entry] = await drivers[0]!.read(log, [sampleKey('a')], undefined);
      const left = [...membersOf(entry!.value).ordered].map(({ text }) => text);
      expect([...left, ...taken].sort()).toEqual([...pushed].sort());
      for (const name of ['a0:', 'b1:', 'a2:']) {
        const mine = left.filter((text) => text.startsWith(name));
        expect(mine).toEqual(pushed.filter((text) => mine.includes(text)));
      }
      await isWhole(database);
    },
    60_000,
  );
});

test('What fits into one statement is as it is in several', async () => {
  const database = await databases.fresh();
  await withDriver(database.url, schemas, async (driver) => {
    await done(driver, putting(person, 'p', { name: 'P', version: 1 }), puttingMembers(log, 'a', ['x']));
    // Two of one list are no single statement.
    await done(driver, renaming('Q', 1), pushing('y'), pushing('z'));
    await done(driver, renaming('R', 2), pushing('1', '2'));
    expect(await textsIn(driver, log, 'a')).toEqual(['x', 'y', 'z', '1', '2']);
    expect(await rowIn(driver)).toEqual(['R', undefined, 3]);
  });
});
