import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { postgresDatabases, sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { runTsChild, type TsChild } from '../support/ts-child.js';
import { until } from '../support/until.js';
import { postgresUrl } from '../support/urls.js';
import { withoutTimeLimits } from './entities.js';
import type { Held, Place } from './history.js';
import type { KillOrder } from './kill-child.js';
import { type Process, placesOf, WRITES } from './process.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { WRITE_STEPS } from './steps.js';
import { atRest, locksWithinRepair } from './subject.js';

const child = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
const AFTER: Readonly<Record<(typeof WRITES)[number], Held>> = { save: 300, delete: null, increment: 201, batch: 300 };
const BEFORE = 200;
const { repairInterval } = locksWithinRepair;
// So much may be under way when the repair interval is over: the look at the outbox that is due then.
const LOOKING = 3000;

withoutTimeLimits();

const databases = [
  ['SQLite', sqliteDatabases],
  ['PostgreSQL', () => postgresDatabases(postgresUrl)],
] as const;

describe.each(databases)('On Redis and %s,', (name, make) => {
  let subject: RedisSubject;
  let writer: Process;
  let reader: Process;

  beforeEach(async () => {
    subject = await redisSubject({ databases: make(), options: locksWithinRepair });
    writer = await subject.open('B');
    reader = await subject.open('C');
  });
  afterEach(() => subject.close());

  const start = (order: Omit<KillOrder, 'redisPort' | 'database'>): TsChild => {
    const { database, server } = subject;
    return runTsChild(child, [JSON.stringify({ redisPort: server.port, database, ...order } satisfies KillOrder)]);
  };

  const look = async (places: readonly Place[]) => {
    for (const { id, entity } of places) for (const process of [writer, reader]) await process.find(id, entity);
  };

  /** Insists that nothing is left of a process that was killed just now when the repair interval is over. */
  const nothingLeft = async (places: readonly Place[]) => {
    const ids = new Set(places.map(({ id }) => id));
    await sleep(repairInterval);
    for (const place of places) expect({ place, hot: await reader.hot(place) }).not.toMatchObject({ hot: 'busy' });
    await until('no row is left', async () => (await reader.outbox(ids)) === 0, LOOKING);
    for (const place of places) expect(['cold', await reader.durable(place)]).toContain(await reader.hot(place));
  };

  test.each([
    ['a process that is killed with kill -9 between any two steps of a write', false],
    ['a process that has lost Redis and is then killed between any two steps of a write', true],
  ])(
    '%s leaves all of it or nothing, nothing old, and within the repair interval no lock and no row of the outbox',
    async (_, cut) => {
      const steps = [...WRITE_STEPS, undefined];
      const all: Place[] = [];
      const landed = new Set<string>();
      const rests: Promise<void>[] = [];
      // Two at a time: it takes longest to start them.
      const children = new Map<number, TsChild>();
      const idOf = (at: number) => `${cut ? 'cut' : ''}${at}`;
      for (const at of steps.keys())
        for (const write of WRITES)
          for (const n of [100, BEFORE]) await writer.write('batch', `${write}${idOf(at)}`, n);
      for (const [at, step] of steps.entries()) {
        for (const next of [at, at + 1])
          if (next < steps.length && !children.has(next))
            children.set(next, start({ id: idOf(next), cut, ...(steps[next] && { step: steps[next] }) }));
        const process = children.get(at)!;
        await process.line('standing');
        expect((await process.kill()).signal).toBe('SIGKILL');
        const rest = nothingLeft(WRITES.flatMap((write) => placesOf(write, `${write}${idOf(at)}`)));
        // What it fails with is told when all are dead.
        rest.catch(() => undefined);
        rests.push(rest);
        for (const write of WRITES) {
          const places = placesOf(write, `${write}${idOf(at)}`);
          const values = await Promise.all(places.map((place) => writer.durable(place)));
          expect({ write, step, values }).toEqual({ write, step, values: values.map(() => values[0]) });
          const made = values[0] === AFTER[write];
          if (!made) expect({ write, step, value: values[0] }).toEqual({ write, step, value: BEFORE });
          if (made) landed.add(`${step}`);
          for (const place of places) {
            if (made) subject.history.landed('A', place, AFTER[write]);
            if (step === undefined) subject.history.acknowledged('A', place, !cut);
          }
          await look(places);
          all.push(...places);
        }
      }
      expect([...landed].sort()).toEqual(['after commit', 'after durable write', 'before commit', 'undefined'].sort());
      await Promise.all(rests);
      await atRest(subject, [writer, reader], all);
    },
    60_000,
  );

  if (name === 'PostgreSQL')
    test.each([
      ['while its lock stands', true],
      ['when its lock is over', false],
    ])(
      'a process that is killed while its statement waits in the database leaves nothing old hot, though the way is free %s',
      async (_, soon) => {
        const id = `save${subject.id()}`;
        const place = { entity: 'note', id } as const;
        await writer.save(id, BEFORE);
        const other = new pg.Client(subject.database);
        await other.connect();
        await other.query('BEGIN');
        await other.query('SELECT * FROM note WHERE id = $1 FOR UPDATE', [id]);
        const waits = async () => {
          const { rows } = await other.query(
            `SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::text::xid`,
          );
          return rows.length > 0;
        };
        const process = start({ id: id.slice('save'.length), writes: ['save'], timeout: soon ? 20_000 : 1000 });
        await until('the statement waits', waits);
        await process.kill();
        if (!soon)
          // Whoever reads when the lock is over makes the old value hot again: from then on nothing may land.
          await until('the lock is over', async () => {
            expect(await reader.find(id)).toBe(BEFORE);
            return (await reader.hot(place)) === BEFORE;
          });
        expect(await waits()).toBe(soon);
        await other.query('COMMIT');
        await other.end();
        if (soon) {
          await until('the statement is made', async () => (await writer.durable(place)) === 300);
          subject.history.landed('A', place, 300);
        }
        await atRest(subject, [writer, reader], [place], soon ? 'until their time is over' : 'none');
      },
    );
});
