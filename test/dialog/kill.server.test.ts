import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Context } from 'holdfast/dialog';
import { runTsChild } from '../support/ts-child.js';
import type { KillOrder } from './kill-child.js';
import { SERVERS, stopRedis } from './server-subjects.js';
import { placeFor, SERVERLESS } from './store-subject.js';

const child = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
const wanted = ['Redis', 'PostgreSQL', 'Redis with PostgreSQL', 'SQLite', 'a directory', 'one JSON file'];
const subjects = [...SERVERS, ...SERVERLESS].filter(({ name }) => wanted.includes(name));

afterAll(stopRedis);

describe.each(subjects.map((subject) => [subject.name, subject] as const))('In %s,', (_, subject) => {
  test('a process that is killed in its turn holds the user no longer than the lease, and leaves the old context', async () => {
    const place = await placeFor(subject);
    const { url, options } = place;
    const db = await place.open({ turnLease: 400 });
    await db.set('ann', new Context({ id: 'ann', requests: { 0: 'before' } }));
    const hanging = runTsChild(child, [JSON.stringify({ url, options, doing: 'hang' } satisfies KillOrder)]);
    await hanging.line('hanging');
    const next = db.turn('ann', (context) => void context.addRequest('next'));
    await hanging.kill();
    await next;
    expect((await db.get('ann'))!.requests).toEqual({ 0: 'before', 1: 'next' });
    await place.remove();
  }, 120_000);

  test('a process that is killed while it saves leaves the context of its last save, or of the one before, whole', async () => {
    const place = await placeFor(subject);
    const { url, options } = place;
    const db = await place.open({ window: Number.POSITIVE_INFINITY });
    await db.set('ann', new Context({ id: 'ann' }));
    const saving = runTsChild(child, [JSON.stringify({ url, options, doing: 'save' } satisfies KillOrder)]);
    await saving.line('saved 9');
    await saving.kill();
    const last = Number(saving.lines.at(-1)!.slice('saved '.length));
    const { requests, responses, misc } = (await db.get('ann'))!;
    const turns = Object.keys(requests).length;
    expect([last + 1, last + 2]).toContain(turns);
    expect(Object.values(requests)).toEqual(Array.from({ length: turns }, (_, at) => at));
    expect([Object.keys(responses).length, misc.turn]).toEqual([turns, turns - 1]);
    await db.turn('ann', (context) => void context.addRequest('goes on'));
    await place.remove();
  }, 120_000);
});
