import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { postgresDatabases } from '../fallbacks/typeorm/databases.js';
import { settled } from '../policies/gate.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { postgresUrl } from '../support/urls.js';
import type { Held } from './history.js';
import { type Process, placesOf, WRITES, type Write } from './process.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { atRest } from './subject.js';

const AFTER: Readonly<Record<Write, Held>> = { save: 300, delete: null, increment: 201, batch: 300 };
// Whoever commits a change of a note waits for this lock.
const LOCK = 7_001_000 + (process.pid % 1000);

let subject: RedisSubject;
let proxy: TcpProxy;
let other: pg.Client;
let a: Process;
let b: Process;

beforeEach(async () => {
  const options = { circuitBreaker: { timeout: 3000 }, retry: false } as const;
  subject = await redisSubject({ databases: postgresDatabases(postgresUrl), options });
  const url = new URL(subject.database);
  proxy = await startProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  b = await subject.open('B');
  a = await subject.open('A', { database: url.href });
  other = new pg.Client(subject.database);
  await other.connect();
  await other.query(`
    CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT OR UPDATE OR DELETE ON note
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION waits()`);
});
afterEach(async () => {
  proxy.resume();
  await other.end();
  await subject.close();
  await proxy.stop();
});

const commitsWait = () =>
  until('every commit waits', async () => {
    const { rows } = await other.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`,
    );
    return rows.length === WRITES.length;
  });

describe('A write whose connection to the database is cut', () => {
  test.each([
    ['before it reached the database', false],
    ['while its commit is under way', true],
    ['after its commit, before the answer', true],
  ] as const)('%s is not acknowledged, and leaves nothing old', async (moment, lands) => {
    const keys = WRITES.map((write) => ({ write, id: subject.id() }));
    const places = keys.flatMap(({ write, id }) => placesOf(write, id).map((place) => ({ write, ...place })));
    for (const { id } of keys) for (const n of [100, 200]) await b.write('batch', id, n);
    const look = async () => {
      for (const { write, id, entity } of places) expect([200, AFTER[write]]).toContain(await b.find(id, entity));
    };
    const all = () => Promise.all(keys.map(({ write, id }) => a.write(write, id, 300)));

    let over: Promise<boolean[]>;
    if (lands) {
      await other.query(`SELECT pg_advisory_lock(${LOCK})`);
      over = all();
      await commitsWait();
      await look();
      if (moment === 'while its commit is under way') proxy.cut();
      else proxy.stall('replies');
      await other.query(`SELECT pg_advisory_unlock(${LOCK})`);
      for (const place of places) {
        await until('the commit is made', async () => (await b.durable(place)) === AFTER[place.write]);
        subject.history.landed('A', place, AFTER[place.write]);
      }
    } else {
      const stops = keys.map(({ id }) => a.steps.stop(id, 'before durable write'));
      over = all();
      for (const { reached } of stops) await reached;
      proxy.stall();
      for (const { go } of stops) go();
      await settled();
      await settled();
    }
    proxy.cut();
    await look();
    expect(await over).toEqual(keys.map(() => false));
    await look();
    proxy.resume();
    await atRest(subject, [b, a], places);
  });
});
