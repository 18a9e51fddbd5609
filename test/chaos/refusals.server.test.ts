import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import type { Place } from './history.js';
import { NAMESPACE } from './namespace.js';
import { type Process, placesOf, WRITES } from './process.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { atRest } from './subject.js';

/** How Redis comes to answer reads and refuse writes, and how it ends. */
interface Refusal {
  /** Entries stay as they are, and could be read by whoever asks for them plainly. */
  readonly keeps: boolean;
  begin(subject: RedisSubject): Promise<unknown>;
  end(subject: RedisSubject): Promise<unknown>;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'READONLY, since it was made a replica': {
    keeps: true,
    begin: async ({ raw }) => raw.replicaof('127.0.0.1', await freePort()),
    end: ({ raw }) => raw.replicaof('NO', 'ONE'),
  },
  'NOREPLICAS, for want of replicas': {
    keeps: true,
    begin: ({ raw }) => raw.config('SET', 'min-replicas-to-write', '1'),
    end: ({ raw }) => raw.config('SET', 'min-replicas-to-write', '0'),
  },
  'MISCONF, since it cannot save': {
    keeps: true,
    async begin({ raw, server }) {
      await raw.config('SET', 'save', '3600 1');
      await rm(server.dir, { recursive: true });
      await raw.bgsave();
      await until('saving has failed', async () => (await raw.info('persistence')).includes('last_bgsave_status:err'));
    },
    end: ({ raw }) => raw.config('SET', 'save', ''),
  },
  'OOM, for want of memory': {
    keeps: false,
    begin: ({ raw }) => raw.config('SET', 'maxmemory', '1'),
    end: ({ raw }) => raw.config('SET', 'maxmemory', '0'),
  },
};

let subject: RedisSubject;
let a: Process;
let b: Process;
let unaware: Process;

beforeEach(async () => {
  subject = await redisSubject({ databases: sqliteDatabases() });
  a = await subject.open('A');
  b = await subject.open('B');
  unaware = await subject.open('C');
});
afterEach(() => subject.close());

const look = async (places: readonly Place[], ...processes: Process[]) => {
  for (const { id, entity } of places) for (const process of processes) await process.find(id, entity);
};

describe.each(Object.entries(REFUSALS))('A Redis that refuses writes with %s,', (_, { keeps, begin, end }) => {
  test('serves nothing that could not be invalidated', async () => {
    const ids = WRITES.map(() => subject.id());
    const places = ids.flatMap((id) => placesOf('batch', id));
    for (const id of ids) for (const n of [100, 200]) await b.write('batch', id, n);
    await begin(subject);
    await look(places, a, b);
    for (const [at, write] of WRITES.entries()) expect(await a.write(write, ids[at]!, 300)).toBe(true);
    if (keeps) for (const id of ids) expect(await subject.raw.hget(`${NAMESPACE}:note:{${id}}`, 'n')).toBe('200');
    await look(places, a, b);
    expect(await b.write('save', ids[0]!, 400)).toBe(true);
    await look(places, a, b);
    await end(subject);
    await look(places, a, b, unaware);
    await atRest(subject, [a, b, unaware], places);
  });
});

describe('A Redis that evicts what was not used for long', () => {
  test('never turns an evicted value into an empty one', async () => {
    const { raw } = subject;
    await raw.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const ids = Array.from({ length: 200 }, () => subject.id());
    await Promise.all(ids.map((id) => b.write('batch', id, 100)));
    // Some are known not to exist.
    await Promise.all(ids.slice(150).map((id) => b.write('delete', id, 0)));
    const places = ids.flatMap((id) => placesOf('batch', id));
    const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))![1]);
    await raw.config('SET', 'maxmemory', used + 300_000);
    const evicted = async () => Number(/evicted_keys:(\d+)/.exec(await raw.info('stats'))![1]);
    let n = 100;
    for (let round = 0; round < 5; round++) {
      const before = await evicted();
      await until('something is evicted', async () => {
        await raw.set(`filler ${n++}`, 'x'.repeat(20_000));
        return (await evicted()) > before + 20;
      });
      await Promise.all(places.map(({ id, entity }) => a.find(id, entity)));
      await Promise.all(ids.slice(0, 50).map((id) => b.write('batch', id, n)));
      await Promise.all(places.map(({ id, entity }) => a.find(id, entity)));
    }
    await raw.config('SET', 'maxmemory', 0);
    await atRest(subject, [a, b], places);
  });
});
