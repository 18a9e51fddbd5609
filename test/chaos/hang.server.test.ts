import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import type { Place } from './history.js';
import { type Process, placesOf, WRITES } from './process.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { atRest } from './subject.js';

/** How Redis stops to answer: for one process, or for all. */
interface Silence {
  readonly forAll: boolean;
  begin(subject: RedisSubject, process: Process): void;
  end(subject: RedisSubject, process: Process): void;
}

const end = (subject: RedisSubject, process: Process) => subject.proxy(process).resume();

const SILENCES: Readonly<Record<string, Silence>> = {
  'that is behind a proxy which accepts and passes nothing on': {
    forAll: false,
    begin: (subject, process) => subject.proxy(process).stall(),
    end,
  },
  'whose answers do not arrive': {
    forAll: false,
    begin: (subject, process) => subject.proxy(process).stall('replies'),
    end,
  },
  'that is stopped with SIGSTOP': {
    forAll: true,
    begin: (subject) => subject.server.pause(),
    end: (subject) => subject.server.resume(),
  },
};

describe.each(Object.entries(SILENCES))('A Redis %s', (_, { forAll, begin, end }) => {
  let subject: RedisSubject;
  let a: Process;
  let b: Process;

  beforeEach(async () => {
    const options = { circuitBreaker: { hot: { timeout: 100, resetTimeout: 100 } } };
    subject = await redisSubject({ databases: sqliteDatabases(), options });
    a = await subject.open('A');
    b = await subject.open('B');
  });
  afterEach(() => subject.close());

  test.each([
    ['while it is silent', true],
    ['when it answers again', false],
  ])('lets reads and writes go on, and serves nothing old, though somebody else writes %s', async (_, meanwhile) => {
    const keys = WRITES.flatMap((write) => [0, 1].map((other) => ({ write, other, id: subject.id() })));
    const places = keys.flatMap<Place>(({ id }) => placesOf('batch', id));
    for (const { id } of keys) for (const n of [100, 200]) await b.write('batch', id, n);
    const overwrite = async () => {
      for (const { id, other } of keys) if (other === 1) expect(await b.write('batch', id, 400)).toBe(true);
    };
    const look = async (...processes: Process[]) => {
      for (const { id, entity } of places) for (const process of processes) await process.find(id, entity);
    };
    begin(subject, a);
    for (const { write, id } of keys) expect(await a.write(write, id, 300)).toBe(true);
    await look(a, ...(forAll ? [b] : []));
    if (meanwhile) await overwrite();
    await look(a, b);
    end(subject, a);
    await look(a, b);
    if (!meanwhile) await overwrite();
    await look(a, b);
    await atRest(subject, [a, b], places);
  });
});
