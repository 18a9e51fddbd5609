import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { ClosedError, CorruptEntryError, Holdfast, ValidationError } from 'holdfast';
import { fakeClock } from 'holdfast/testing';
import { UserValues, userValueEntities } from 'holdfast/values';
import { at, valueCases } from './value-cases.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-values-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each<[string, () => string | null, boolean]>([
  ['memory', () => ':memory:', false],
  ['a temporary file', () => null, false],
  ['a SQLite file', () => join(folder, 'values.db'), true],
  ['a SQLite URL', () => `sqlite:${join(folder, 'url.db')}`, true],
  ['a folder', () => `file:${join(folder, 'folder')}`, true],
])('in %s', (_, location, lasts) => {
  const clock = fakeClock(Date.now());
  valueCases({ options: () => at(clock, { location: location() }), lasts, pass: (ms) => clock.advance(ms) });
});

describe('in a holdfast that is open already', () => {
  const clock = fakeClock(Date.now());
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.open({
      entities: [...userValueEntities({ fallback: 'home', hotTtl: '1h' })],
      fallbacks: { home: `sqlite:${join(folder, 'holdfast.db')}` },
      logger: false,
      clock,
    });
  });
  afterAll(() => holdfast.close());
  valueCases({
    options: () => at(clock, { location: holdfast }),
    lasts: true,
    pass: (ms) => clock.advance(ms),
  });

  test('which stays open when the values are closed', async () => {
    const values = await UserValues.open({ location: holdfast });
    await values.close();
    expect(await holdfast.repository(holdfast.entities[0]!).count()).toBeGreaterThanOrEqual(0);
  });

  test('and can write to all of them in one step', async () => {
    const [value, directory] = userValueEntities({ fallback: 'one' });
    const [, , page] = userValueEntities({ fallback: 'two' });
    const other = await Holdfast.open({
      entities: [value!, directory!, page!],
      fallbacks: { one: 'memory:', two: 'memory:' },
    });
    expect([other.canBatch(), other.canBatch(value!, directory!), other.canBatch(value!, page!)]).toEqual([
      true,
      true,
      false,
    ]);
    await expect(UserValues.open({ location: other })).rejects.toThrow(
      'cannot write a value and the list of its keys in one step',
    );
    await other.close();
  });

  test('and must have the entities', async () => {
    const [entity] = userValueEntities();
    const other = await Holdfast.open({ entities: [entity!] });
    await expect(UserValues.open({ location: other })).rejects.toThrow('userValueEntities(');
    await other.close();
  });
});

test('without options values are in memory, and each opening has its own', async () => {
  await using first = await UserValues.open();
  await using second = await UserValues.open();
  await first.store(1, 'a', 1);
  expect([await first.keys(1), await second.keys(1)]).toEqual([['a'], []]);
});

test('a closed one says so, and closing again does nothing', async () => {
  const values = await UserValues.open();
  const mine = values.forUser(1);
  await values.close();
  await values.close();
  for (const call of [values.get(1, 'a'), values.store(1, 'a', 1), values.users(), mine.keys()])
    await expect(call).rejects.toThrow(new ClosedError('This UserValues', 'UserValues.open()'));
});

test('the time to live of open() is that of every value stored, and each store begins it anew', async () => {
  const clock = fakeClock(Date.now());
  const values = await UserValues.open(at(clock, { ttl: '1m' }));
  await values.storeMany(1, { a: 1, b: 2, c: 3 });
  await values.store(1, 'd', 4, { ttl: null });
  await clock.advance(40_000);
  await values.store(1, 'a', 1);
  await values.update(1, 'b', (n = 0) => n + 1);
  await clock.advance(40_000);
  expect(await values.keys(1)).toEqual(['a', 'b', 'd']);
  await clock.advance(40_000);
  expect(await values.keys(1)).toEqual(['d']);
  await values.close();
});

describe('limits', () => {
  test('a value that is too large is refused, with its size and the limit', async () => {
    const values = await UserValues.open({ maxBytes: 50 });
    await expect(values.store(1, 'a', 'x'.repeat(60))).rejects.toThrow(
      'The value "a" of user "1" takes 62 bytes when stored, but at most 50 are allowed.',
    );
    expect(await values.keys(1)).toEqual([]);
    await values.close();
  });

  test('a user gets no more keys than allowed, but may store over those that he has', async () => {
    const values = await UserValues.open({ maxKeys: 2 });
    await values.storeMany(1, { a: 1, b: 2 });
    await values.store(1, 'a', 3);
    await expect(values.store(1, 'c', 3)).rejects.toThrow('User "1" has 2 keys, and no more are allowed');
    await expect(values.storeMany(2, { a: 1, b: 2, c: 3 })).rejects.toBeInstanceOf(ValidationError);
    expect([await values.keys(1), await values.keys(2)]).toEqual([['a', 'b'], []]);
    const stored = await Promise.allSettled(['x', 'y', 'z'].map((key) => values.store(3, key, 1)));
    expect(stored.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await values.delete(1, 'a');
    await values.store(1, 'c', 3);
    expect(await values.keys(1)).toEqual(['b', 'c']);
    await values.close();
  });
});

test('instances of registered classes come back as such, others are refused', async () => {
  class Money {
    constructor(readonly amount: number) {}
  }
  const values = await UserValues.open({ classes: [Money] });
  await values.store(1, 'm', [new Money(5)]);
  expect((await values.get(1, 'm'))[0]).toBeInstanceOf(Money);
  await expect(values.store(1, 'e', { e: new (class Other {})() })).rejects.toThrow('value.e is an instance of Other');
  await values.close();
});

test.each<[object, string]>([
  [{ location: 5 }, 'location'],
  [{ location: '' }, 'location'],
  [{ location: {} }, 'location'],
  [{ location: 'mongo:x' }, 'mongo'],
  [{ location: 'a?b.db' }, 'question mark'],
  [{ durability: 'maximal' }, 'durability'],
  [{ durability: 'full' }, 'durability'],
  [{ location: null, durability: 'full' }, 'a temporary file'],
  [{ location: 'redis://localhost', durability: 'full' }, 'Redis'],
  [{ ttl: -1 }, 'ttl'],
  [{ maxBytes: 0 }, 'maxBytes'],
  [{ maxKeys: 1.5 }, 'maxKeys'],
  [{ file: 'x' }, 'no option "file"'],
])('the options %j are refused', async (options, text) => {
  const opening = UserValues.open(options as never);
  await expect(opening).rejects.toBeInstanceOf(ValidationError);
  await expect(opening).rejects.toThrow(text);
});

test('what is refused is said in terms of the call', async () => {
  await expect(UserValues.open({ location: 'http://x' })).rejects.toThrow(
    /^The option location of UserValues\.open\(\) is given a URL with the scheme "http:", which is not known\. Give redis:/,
  );
  const values = await UserValues.open();
  await expect(values.delete(1, 'a', { ifNotExists: 'raise' })).rejects.toThrow(
    'UserValue { user: "1", key: "a" } does not exist. Leave ifNotExists',
  );
  await expect(values.update(1, 'a', async () => 1)).rejects.toThrow(
    'The value "a" of user "1" was not changed: the function given to update() returned a promise.',
  );
  await values.close();
});

test('durability is that of the file', async () => {
  for (const durability of ['normal', 'full'] as const) {
    const location = join(folder, `${durability}.db`);
    const values = await UserValues.open({ location, durability });
    await values.store(1, 'a', durability);
    await values.close();
    const again = await UserValues.open({ location });
    expect(await again.get(1, 'a')).toBe(durability);
    await again.close();
  }
});

test('a stored text that somebody has changed is a CorruptEntryError that names user and key', async () => {
  const location = join(folder, 'hostile.db');
  const values = await UserValues.open({ location });
  await values.storeMany('u', { a: 1, b: 2 });
  const db = new BetterSqlite3(location);
  db.prepare(`UPDATE user_value SET value = '{"__proto__":' WHERE "key" = 'a'`).run();
  await expect(values.get('u', 'a')).rejects.toBeInstanceOf(CorruptEntryError);
  await expect(values.get('u', 'a')).rejects.toThrow('{"user":"u","key":"a"}');
  expect(await values.get('u', 'b')).toBe(2);
  await values.store('u', 'a', 'healed');
  expect(await values.get('u', 'a')).toBe('healed');
  db.prepare(`UPDATE user_value_keys SET "keys" = '[["a",null]]'`).run();
  await expect(values.keys('u')).rejects.toBeInstanceOf(CorruptEntryError);
  db.close();
  await values.close();
});

test('values are readable in the database', async () => {
  const location = join(folder, 'readable.db');
  const values = await UserValues.open({ location });
  await values.store(123, 'favorite_animal', 'monkey');
  await values.close();
  const db = new BetterSqlite3(location, { readonly: true });
  expect(db.prepare('SELECT "user", "key", value, format FROM user_value').all()).toEqual([
    { user: '123', key: 'favorite_animal', value: '"monkey"', format: 'json1' },
  ]);
  db.close();
});

test('what has ended is removed from the file, values and directories, in the wake of writes', async () => {
  const clock = fakeClock(Date.now());
  const location = join(folder, 'swept.db');
  const values = await UserValues.open(at(clock, { location }));
  for (let user = 0; user < 50; user++) await values.storeMany(user, { a: 1, b: 2 }, { ttl: '1m' });
  for (let minute = 0; minute < 10; minute++) {
    await clock.advance(60_000);
    await values.store('other', 'a', minute, { ttl: '1s' });
    await values.store('other', `k${minute}`, minute, { ttl: '1s' });
  }
  await values.close();
  const db = new BetterSqlite3(location, { readonly: true });
  const count = (table: string) => (db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get() as { n: number }).n;
  expect([count('user_value') < 10, count('user_value_keys') < 3]).toEqual([true, true]);
  db.close();
});
