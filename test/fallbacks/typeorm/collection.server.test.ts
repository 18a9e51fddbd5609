import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { until } from '../../support/until.js';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { playlist } from './collection-cases.js';
import { adding, collecting, deleting, puttingMembers, removing, textsIn } from './collection-context.js';
import { collectionRaceCases } from './collection-race-cases.js';
import { done, withDriver } from './context.js';
import { mariadbDatabases, postgresDatabases, type TestDatabase } from './databases.js';
import { proxied } from './proxied.js';
import { watched } from './watched.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Client {
  query(sql: string): Promise<unknown>;
  end(): Promise<unknown>;
}

const servers = [
  {
    name: 'PostgreSQL',
    databases: postgresDatabases(postgresUrl),
    port: 5432,
    async connect({ url }: TestDatabase): Promise<Client> {
      const client = new pg.Client(url);
      await client.connect();
      return client;
    },
    waiting: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"playlist"%' AND datname = current_database()`,
  },
  {
    name: 'MariaDB',
    databases: mariadbDatabases(mysqlUrl),
    port: 3306,
    connect: ({ url }: TestDatabase): Promise<Client> => mysql.createConnection(url),
    waiting: `SELECT count(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'SELECT%_expires_at%' AND info NOT LIKE '%processlist%'`,
  },
];

describe.each(servers)('collections in $name', ({ databases, port, connect, waiting }) => {
  afterAll(() => databases.dropAll());

  for (const { name, run } of collectionRaceCases) test(name, async () => run(await databases.fresh()), 60_000);

  /** A connection whose transaction holds a collection, as a change of its whole does. */
  async function holding(database: TestDatabase): Promise<Client> {
    const client = await connect(database);
    cleanups.push(() => client.end());
    await client.query('START TRANSACTION');
    await client.query(`SELECT id FROM playlist WHERE id = 'a' FOR UPDATE`);
    return client;
  }

  const isWaiting = (database: TestDatabase) =>
    until('it waits for the lock', async () => Number((await database.sql(waiting))[0]!.n) > 0);

  test.each([
    ['an add', adding(playlist, 'a', [['y', 1]]), ['new', 'y']],
    ['an increment', collecting(playlist, 'a', { type: 'increment', text: 'new', by: 1 }), ['new']],
    ['a removal', removing(playlist, 'a', 'new'), []],
    ['a removal of several', removing(playlist, 'a', 'new', 'old'), []],
    ['a removal in a batch', [removing(playlist, 'a', 'new'), removing(playlist, 'b', 'x')], []],
  ] as const)('%s waits for who replaces the collection, and is made of what that leaves', async (_, change, left) => {
    const database = await databases.fresh();
    await withDriver(database.url, [playlist], async (driver) => {
      await done(driver, puttingMembers(playlist, 'a', [['old', 1]]));
      const holder = await holding(database);
      const write = driver.write(Array.isArray(change) ? change : [change as never]);
      await isWaiting(database);
      await holder.query(`DELETE FROM playlist_tracks WHERE id = 'a'`);
      await holder.query(`UPDATE playlist SET _expires_at = NULL WHERE id = 'a'`);
      await holder.query(`INSERT INTO playlist_tracks (id, member, score) VALUES ('a', 'new', 0)`);
      await holder.query('COMMIT');
      const result = await write;
      const [outcome] = result.done ? result.outcomes : [];
      expect(outcome).toMatchObject({ existed: true, answer: { numbers: [1] } });
      expect(await textsIn(driver, playlist, 'a')).toEqual(left);
    });
  });

  test('an add waits for who deletes the collection, and makes it anew', async () => {
    const database = await databases.fresh();
    await withDriver(database.url, [playlist], async (driver) => {
      await done(driver, puttingMembers(playlist, 'a', [['old', 1]]));
      const holder = await holding(database);
      const write = driver.write([adding(playlist, 'a', [['y', 1]])]);
      await isWaiting(database);
      await holder.query(`DELETE FROM playlist_tracks WHERE id = 'a'`);
      await holder.query(`DELETE FROM playlist WHERE id = 'a'`);
      await holder.query('COMMIT');
      const result = await write;
      expect(result.done && result.outcomes[0]).toMatchObject({ existed: false, answer: { numbers: [1] } });
      expect(await textsIn(driver, playlist, 'a')).toEqual(['y']);
    });
  });

  test('adders of a collection do not wait for each other', async () => {
    const database = await databases.fresh();
    await withDriver(database.url, [playlist], async (driver) => {
      await done(driver, puttingMembers(playlist, 'a', [['old', 1]]));
      const client = await connect(database);
      cleanups.push(() => client.end());
      await client.query('START TRANSACTION');
      const share = database.type === 'postgres' ? 'FOR KEY SHARE' : 'LOCK IN SHARE MODE';
      await client.query(`SELECT id FROM playlist WHERE id = 'a' ${share}`);
      await client.query(`INSERT INTO playlist_tracks (id, member, score) VALUES ('a', 'x', 0)`);
      await done(driver, adding(playlist, 'a', [['y', 1]]));
      await done(
        driver,
        removing(playlist, 'a', 'old'),
        collecting(playlist, 'a', { type: 'increment', text: 'y', by: 1 }),
      );
      const gone = driver.write([deleting(playlist, 'a')]);
      await isWaiting(database);
      await client.query('COMMIT');
      await gone;
      expect(await database.sql('SELECT * FROM playlist_tracks')).toEqual([]);
    });
  });

  test('a change that loses its connection before it commits has written nothing, and says so', async () => {
    const database = await databases.fresh();
    const { proxy, url } = await proxied(database.url, port);
    cleanups.push(() => proxy.stop());
    await withDriver(url, [playlist], async (driver) => {
      await done(driver, puttingMembers(playlist, 'a', [['x', 1]]), puttingMembers(playlist, 'b', [['x', 1]]));
      const holder = await holding(database);
      const write = driver
        .write([
          adding(playlist, 'a', [['y', 1]]),
          adding(playlist, 'b', [['y', 1]]),
          adding(playlist, 'c', [['y', 1]]),
        ])
        .catch((error: unknown) => error);
      await isWaiting(database);
      proxy.cut();
      expect(await write).toMatchObject({ name: 'StoreFault', outcome: 'none' });
      await holder.query('ROLLBACK');
      proxy.resume();
      expect(await textsIn(driver, playlist, 'b')).toEqual(['x']);
      expect(await textsIn(driver, playlist, 'c')).toBeNull();
    });
  });

  test('a change of one member takes few statements, however many members there are', async () => {
    const database = await databases.fresh();
    await watched(database, [playlist], async ({ driver, during }) => {
      await done(
        driver,
        adding(
          playlist,
          'a',
          Array.from({ length: 3_000 }, (_, at) => [`m${at}`, at] as const),
        ),
      );
      // With the statements that begin and end a transaction.
      const most = database.type === 'postgres' ? 1 : 5;
      for (const change of [
        adding(playlist, 'a', [['new', 1]]),
        adding(playlist, 'a', [['new', 2]]),
        collecting(playlist, 'a', { type: 'increment', text: 'new', by: 1 }),
        removing(playlist, 'a', 'new'),
      ]) {
        const all = await during(() => done(driver, change));
        // But for the look at what has expired, and what a new connection is asked.
        const ran = all.filter(({ sql }) => !/<=|@@/.test(sql));
        expect(ran.length).toBeLessThanOrEqual(most);
      }
    });
  });
});
