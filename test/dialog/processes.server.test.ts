import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runTsChild } from '../support/ts-child.js';
import { SERVERS, stopRedis } from './server-subjects.js';
import { type OpenPlace, placeFor, SERVERLESS } from './store-subject.js';
import type { TurnsOrder } from './turns-child.js';

const child = fileURLToPath(new URL('./turns-child.ts', import.meta.url));
const USERS = ['u0', 'u1', 'u2', 'u3', 'u4'];

afterAll(stopRedis);

/** Lets processes go at the same time; what each of them was told it had stored. */
async function run(place: OpenPlace, processes: number, order: Pick<TurnsOrder, 'turns' | 'by'>) {
  const { url, options } = place;
  const children = Array.from({ length: processes }, (_, at) =>
    runTsChild(child, [JSON.stringify({ url, options, name: `p${at}`, users: USERS, ...order } satisfies TurnsOrder)]),
  );
  await Promise.all(children.map((one) => one.line('ready')));
  for (const one of children) one.process.stdin!.write('go\n');
  return Promise.all(
    children.map(async (one) => {
      const line = await one.line('done');
      expect((await one.ended).code).toBe(0);
      return JSON.parse(line.slice('done '.length)) as Record<string, string[]>;
    }),
  );
}

async function stored(place: OpenPlace) {
  const db = await place.open({ window: Number.POSITIVE_INFINITY });
  const users = await Promise.all(USERS.map(async (user) => [user, (await db.get(user))!] as const));
  return new Map(
    users.map(([user, { requests, responses }]) => [
      user,
      { requests: Object.values(requests), fences: Object.values(responses) as number[] },
    ]),
  );
}

const lasting = [...SERVERS, ...SERVERLESS.filter((subject) => subject.lasting)];
const heavy = ['Redis', 'PostgreSQL', 'Redis with PostgreSQL'];

describe.each(lasting.map((subject) => [subject.name, subject] as const))('In %s,', (name, subject) => {
  const [processes, turns] = heavy.includes(name) ? [8, 100] : [3, 20];

  test(`${processes} processes have ${turns} turns each of the same five users, one at a time, and each in its order`, async () => {
    const place = await placeFor(subject);
    const made = await run(place, processes, { turns, by: 'turn' });
    let all = 0;
    for (const [user, { requests, fences }] of await stored(place)) {
      all += requests.length;
      expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
      for (const [at, one] of made.entries())
        expect(requests.filter((said) => String(said).startsWith(`p${at}:`))).toEqual(one[user]);
    }
    expect(all).toBe(processes * turns);
    await place.remove();
  }, 300_000);

  test('processes that save without turns lose nothing that was acknowledged, and every other save has its conflict', async () => {
    const place = await placeFor(subject);
    const made = await run(place, 3, { turns: 40, by: 'set' });
    for (const [user, { requests }] of await stored(place))
      expect([...requests].sort()).toEqual(made.flatMap((one) => one[user]!).sort());
    await place.remove();
  }, 300_000);
});
