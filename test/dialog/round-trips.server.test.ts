import { afterAll, describe, expect, test } from '@jest/globals';
import { type ContextStore, contextStore } from 'holdfast/dialog';
import { mariadbDatabases, postgresDatabases } from '../fallbacks/typeorm/databases.js';
import { countRoundTrips, type RoundTrips } from '../support/round-trips.js';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { dialogOf } from './store-cases.js';

const databases = { postgres: postgresDatabases(postgresUrl), mysql: mariadbDatabases(mysqlUrl) };
const counters: RoundTrips[] = [];

afterAll(async () => {
  for (const counter of counters) await counter.stop();
  await databases.postgres.dropAll();
  await databases.mysql.dropAll();
});

/** The same URL by way of a counter. */
async function counted(url: string, port: number) {
  const own = new URL(url);
  const trips = await countRoundTrips({ host: own.hostname, port: Number(own.port || port) });
  counters.push(trips);
  own.hostname = '127.0.0.1';
  own.port = String(trips.port);
  return { trips, url: own.href };
}

/** The fewest of several, since a tier is looked after now and then, in the background. */
async function fewest(trips: RoundTrips, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 5; at++) least = Math.min(least, await trips.during(work));
  return least;
}

async function exchange(db: ContextStore): Promise<void> {
  const context = (await db.get('ann'))!;
  context.addRequest('And then?');
  context.addLabel(['flow', 'node']);
  context.addResponse('Then it rains.');
  await db.set('ann', context);
}

const viaTurn = async (db: ContextStore): Promise<void> => {
  await db.turn('ann', (context) => {
    context.addRequest('And then?');
    context.addLabel(['flow', 'node']);
    context.addResponse('Then it rains.');
  });
};

/** What a turn takes of one tier, and by way of `turn`. */
async function measured(trips: RoundTrips, db: ContextStore) {
  await db.set('ann', dialogOf('ann', 10), { replace: true });
  await exchange(db);
  await viaTurn(db);
  return { exchange: await fewest(trips, () => exchange(db)), turn: await fewest(trips, () => viaTurn(db)) };
}

describe('A turn of a dialog, as a load and a save or by turn(), is few round trips', () => {
  test.each([
    ['on PostgreSQL', () => databases.postgres.fresh(), 5432, { exchange: 2, turn: 3 }],
    // Its statements wait for each other: a save is a transaction of seven, with the queue of nine.
    ['on MariaDB', () => databases.mysql.fresh(), 3306, { exchange: 8, turn: 11 }],
    ['on Redis', async () => ({ url: redisUrl }), 6379, { exchange: 2, turn: 3 }],
  ] as const)('%s', async (_, fresh, port, expected) => {
    const place = await counted((await fresh()).url, port);
    const db = await contextStore(place.url, { logger: false, namespace });
    expect(await measured(place.trips, db)).toEqual(expected);
    await db.clear();
    await db.close();
  });

  test('and however many turns are loaded, but that all of many are found in two', async () => {
    const place = await counted((await databases.postgres.fresh()).url, 5432);
    const db = await contextStore(place.url, { logger: false, window: 1500 });
    await db.set('ann', dialogOf('ann', 5000));
    const load = (window?: number) => fewest(place.trips, () => db.get('ann', { ...(window && { window }) }));
    expect([await load(), await load(3), await load(Number.POSITIVE_INFINITY)]).toEqual([1, 1, 2]);
    expect(Object.keys((await db.get('ann'))!.requests)).toHaveLength(1500);
    await db.close();
  });

  // The hot tier is asked for the context, locked, and told; the turn is in the database before it is told.
  test('on Redis in front of PostgreSQL', async () => {
    const hot = await counted(redisUrl, 6379);
    const cold = await counted((await databases.postgres.fresh()).url, 5432);
    const db = await contextStore(cold.url, { logger: false, namespace, redis: hot.url });
    expect(await measured(hot.trips, db)).toEqual({ exchange: 3, turn: 4 });
    expect(await measured(cold.trips, db)).toEqual({ exchange: 1, turn: 3 });
    await db.clear();
    await db.close();
  });
});
