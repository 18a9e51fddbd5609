import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import * as fc from 'fast-check';
import { fakeClock } from 'holdfast/testing';
import { UserValues } from 'holdfast/values';
import { pageOf } from '../../src/values/directory.js';
import { at } from './value-cases.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const USERS = ['u', 'v'];
const user = fc.constantFrom(...USERS);
const key = fc.constantFrom('a', 'b', 'c', 'd');
const ttl = fc.constantFrom(undefined, undefined, 1000, 5000);
const call = fc.oneof(
  fc.record({ type: fc.constant('store' as const), user, key, ttl }),
  fc.record({ type: fc.constant('storeMany' as const), user, keys: fc.uniqueArray(key, { minLength: 1 }), ttl }),
  fc.record({ type: fc.constant('update' as const), user, key, ttl }),
  fc.record({ type: fc.constant('delete' as const), user, key }),
  fc.record({ type: fc.constant('deleteAll' as const), user }),
  fc.record({
    type: fc.constant('expire' as const),
    user,
    key: fc.option(key),
    ttl: fc.constantFrom(null, 1000, 5000),
  }),
  fc.record({ type: fc.constant('keys' as const), user }),
);
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

let edition = 0;

function make(values: UserValues, one: Call): Promise<unknown> {
  const options = 'ttl' in one && typeof one.ttl === 'number' ? { ttl: one.ttl } : {};
  switch (one.type) {
    case 'store':
      return values.store(one.user, one.key, ++edition, options);
    case 'storeMany':
      return values.storeMany(one.user, Object.fromEntries(one.keys.map((name) => [name, ++edition])), options);
    case 'update':
      return values.update(one.user, one.key, (n: number | undefined = 0) => n + 0.5, options);
    case 'delete':
      return values.delete(one.user, one.key);
    case 'deleteAll':
      return values.deleteAll(one.user);
    case 'expire':
      return one.key === null ? values.expire(one.user, one.ttl) : values.expire(one.user, one.key, one.ttl);
    case 'keys':
      return values.keys(one.user);
  }
}

interface Kept {
  value: number;
  expires: number | null;
}

/** The same, in a Map for each user. */
function think(model: Map<string, Map<string, Kept>>, one: Call, now: number): unknown {
  const mine = model.get(one.user)!;
  for (const [name, { expires }] of mine) if (expires !== null && expires <= now) mine.delete(name);
  const end = 'ttl' in one && typeof one.ttl === 'number' ? now + one.ttl : null;
  switch (one.type) {
    case 'store':
      mine.set(one.key, { value: ++edition, expires: end });
      return undefined;
    case 'storeMany':
      for (const name of one.keys) mine.set(name, { value: ++edition, expires: end });
      return undefined;
    case 'update': {
      const there = mine.get(one.key);
      const value = (there?.value ?? 0) + 0.5;
      mine.set(one.key, { value, expires: end ?? there?.expires ?? null });
      return value;
    }
    case 'delete':
      return mine.delete(one.key);
    case 'deleteAll': {
      const count = mine.size;
      mine.clear();
      return count;
    }
    case 'expire': {
      const some = one.key === null ? [...mine.values()] : [mine.get(one.key)].filter((kept) => kept !== undefined);
      for (const kept of some) kept.expires = end;
      return some.length > 0;
    }
    case 'keys':
      return [...mine.keys()];
  }
}

const shown = (mine: Map<string, Kept>) => [...mine].map(([name, { value }]) => [name, value]);

test('two who share a file and call in turn see what one who calls alone would', async () => {
  const clock = fakeClock(Date.now());
  const options = at(clock, { location: join(folder, 'turns.db') });
  const both = [await UserValues.open(options), await UserValues.open(options)] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), call, fc.constantFrom(0, 0, 0, 400, 1500)), { maxLength: 25 }),
      async (calls) => {
        for (const one of USERS) await both[0].deleteAll(one);
        const model = new Map(USERS.map((one) => [one, new Map<string, Kept>()]));
        for (const [second, one, time] of calls) {
          const before = edition;
          const got = await make(both[second ? 1 : 0], one);
          edition = before;
          expect([one, got]).toEqual([one, think(model, one, clock.now())]);
          await clock.advance(time);
        }
        for (const one of USERS) {
          think(model, { type: 'keys', user: one }, clock.now());
          expect(await both[0].entries(one)).toEqual(shown(model.get(one)!));
          expect(await both[1].keys(one)).toEqual([...model.get(one)!.keys()]);
        }
        expect(await both[0].users()).toEqual(USERS.filter((one) => model.get(one)!.size > 0));
      },
    ),
    { numRuns: 150 },
  );
  for (const one of both) await one.close();
}, 120_000);

test('however many write at once through several connections, every value is listed and every key has its value', async () => {
  const clock = fakeClock(Date.now());
  const location = join(folder, 'races.db');
  const options = at(clock, { location });
  const all = await Promise.all([1, 2, 3].map(() => UserValues.open(options)));
  const db = new BetterSqlite3(location);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(fc.nat({ max: 2 }), call), { maxLength: 12 }), { maxLength: 4 }),
      async (rounds) => {
        for (const calls of rounds) {
          await Promise.all(calls.map(([who, one]) => make(all[who]!, one)));
          await clock.advance(700);
        }
        const now = clock.now();
        for (const one of USERS) {
          const rows = db
            .prepare('SELECT "key" FROM user_value WHERE "user" = ? AND ("_expires_at" IS NULL OR "_expires_at" > ?)')
            .all(one, now) as { key: string }[];
          const keys = await all[0]!.keys(one);
          expect([...keys].sort()).toEqual(rows.map((row) => row.key).sort());
          expect((await all[1]!.entries(one)).map(([name]) => name)).toEqual(keys);
        }
      },
    ),
    { numRuns: 200 },
  );
  for (const one of all) await one.close();
  db.close();
}, 120_000);

test('the same holds while a directory grows over pages, and shrinks again', async () => {
  const location = join(folder, 'pages.db');
  const all = await Promise.all([1, 2, 3].map(() => UserValues.open({ location, logger: false })));
  const names = Array.from({ length: 400 }, (_, n) => `k${n}`);
  await all[0]!.storeMany('u', Object.fromEntries(names.slice(0, 230).map((name) => [name, 0])));
  await Promise.all(
    names.map(async (name, n) => {
      const values = all[n % 3]!;
      await values.store('u', name, n);
      if (n % 5 === 0) await values.delete('u', name);
      if (n % 7 === 0) await values.store('u', name, n, { ttl: '1h' });
    }),
  );
  const expected = names.filter((_, n) => n % 5 !== 0 || n % 7 === 0);
  expect((await all[1]!.keys('u')).sort()).toEqual([...expected].sort());
  expect((await all[2]!.entries('u')).sort()).toEqual(expected.map((name) => [name, Number(name.slice(1))]).sort());
  const db = new BetterSqlite3(location, { readonly: true });
  const rows = () => db.prepare('SELECT * FROM user_value_page').all().length;
  expect(rows()).toBe(16);
  await Promise.all(expected.map((name, n) => all[n % 3]!.delete('u', name)));
  expect([await all[0]!.keys('u'), await all[0]!.users(), rows()]).toEqual([[], [], 0]);
  db.close();
  for (const one of all) await one.close();
}, 120_000);

test('the page of a key never changes: files are written with it', () => {
  expect(['', 'a', 'account_id', 'ä', '\u{1f600}'].map((name) => pageOf(name, 16))).toEqual([5, 12, 12, 3, 8]);
});

test('what is listed for a user costs the same, however many users there are', async () => {
  const values = await UserValues.open({ location: join(folder, 'users.db') });
  const keys = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`key-${n}`, n]));
  for (let some = 0; some < 300; some++) await values.storeMany(some, keys);
  const db = new BetterSqlite3(join(folder, 'users.db'));
  const plan = db.prepare('EXPLAIN QUERY PLAN SELECT "keys" FROM user_value_keys WHERE "user" = ?').all('5');
  expect((plan[0] as { detail: string }).detail).toMatch(/SEARCH .* USING INDEX/);
  expect(await values.keys(5)).toEqual(Object.keys(keys));
  db.close();
  await values.close();
});
