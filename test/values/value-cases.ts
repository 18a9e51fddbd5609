import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Clock, EntityNotFoundError, ValidationError } from 'holdfast';
import { UserValues, type UserValuesOptions } from 'holdfast/values';
import { difference } from './same.js';

/** A place to keep values in. */
export interface Place {
  /** Options that open it, each time the same place. */
  readonly options: () => Promise<UserValuesOptions> | UserValuesOptions;
  /** Whether what was stored is there when it is opened again. */
  readonly lasts: boolean;
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** What is taken for a second, in milliseconds: where time passes by itself, more than calls may take on a busy machine. Default 1,000. */
  readonly second?: number;
  /** So many keys of one user can be deleted at once. Default: more than the test has. */
  readonly most?: number;
}

/** What user values are, wherever they are kept. */
export function valueCases({ options, lasts, pass, second = 1000, most = 600 }: Place): void {
  let values: UserValues;
  beforeAll(async () => {
    values = await UserValues.open(await options());
  });
  beforeEach(async () => {
    for (const user of await values.users()) await values.deleteAll(user);
  });
  afterAll(() => values?.close());

  test('the calls of the README of the original give the same results', async () => {
    await values.store(123, 'account_id', 46887);
    await values.store(123, 'favorite_animal', 'monkey');
    expect(await values.keys(123)).toEqual(['account_id', 'favorite_animal']);
    await values.store(456, 'account_id', 46887);
    await values.store(456, 'favorite_animal', 'monkey');
    expect(await values.keys(456)).toEqual(['account_id', 'favorite_animal']);
    expect(await values.get(123, 'favorite_animal')).toBe('monkey');
    await values.delete(123, 'favorite_animal');
    expect(await values.keys(123)).toEqual(['account_id']);
    await values.deleteAll(456);
    expect(await values.keys(456)).toEqual([]);
    expect(await values.get(456, 'account_id')).toBeUndefined();
    expect(await values.get(123, 'account_id')).toBe(46887);
  });

  test('any value comes back as it was', async () => {
    const shared = { at: new Date(0) };
    const value = new Map<unknown, unknown>([
      ['a', [undefined, -0, Number.NaN, 10n, /x/g, Buffer.from('b'), '\0\ud800', shared]],
      [{ key: 1 }, new Set([shared])],
    ]);
    value.set('self', value);
    await values.store('u', 'k', value);
    expect(difference(await values.get('u', 'k'), value)).toBeUndefined();
    await values.store('u', 'k', undefined);
    expect([await values.get('u', 'k'), await values.has('u', 'k'), await values.keys('u')]).toEqual([
      undefined,
      true,
      ['k'],
    ]);
  });

  test('what one user has nobody else sees, whatever users and keys are called', async () => {
    const places = [
      ['1', 'x'],
      ['12', 'x'],
      ['a', 'b_c'],
      ['a_b', 'c'],
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a%3Ab', 'c'],
      ['', 'x'],
      ['x', ''],
      ['A', 'x'],
      ['a', 'X'],
      ['ä', 'x'],
      ['a ', 'x'],
      ['__proto__', 'constructor'],
      ['1e21', '-0'],
    ] as const;
    for (const [at, [user, key]] of places.entries()) await values.store(user, key, at);
    for (const [at, [user, key]] of places.entries()) expect(await values.get(user, key)).toBe(at);
    expect([await values.keys('a'), await values.keys('a_b')]).toEqual([['b_c', 'b:c', 'X'], ['c']]);
    expect((await values.users()).sort()).toEqual([...new Set(places.map(([user]) => user))].sort());
    await values.deleteAll('a');
    expect(await values.get('a_b', 'c')).toBe(3);
  });

  test('a number and its text are one user, and one key', async () => {
    await values.store(7, 8, 'a');
    await values.store('7', 8.5, 'b');
    await values.store(-0, 1, 'zero');
    expect([await values.get('7', '8'), await values.get(7, '8.5'), await values.get('0', '1')]).toEqual([
      'a',
      'b',
      'zero',
    ]);
    expect(await values.keys(7)).toEqual(['8', '8.5']);
  });

  test('keys and entries are in the order of first storing, also when they are stored again, updated, or deleted and stored', async () => {
    for (const key of ['c', 'a', 'b', 'd']) await values.store(1, key, key);
    await values.store(1, 'c', 'C');
    await values.update(1, 'a', () => 'A');
    await values.delete(1, 'b');
    await values.store(1, 'b', 'B');
    expect(await values.keys(1)).toEqual(['c', 'a', 'd', 'b']);
    expect(await values.entries(1)).toEqual([
      ['c', 'C'],
      ['a', 'A'],
      ['d', 'd'],
      ['b', 'B'],
    ]);
  });

  test('several are stored together and read together', async () => {
    await values.storeMany(1, { a: 1, b: [2] });
    await values.storeMany(
      1,
      new Map<string | number, unknown>([
        [3, 'three'],
        ['a', 'again'],
      ]),
    );
    expect(await values.getMany(1, ['b', 'none', 3, 'a'])).toEqual([[2], undefined, 'three', 'again']);
    expect(await values.keys(1)).toEqual(['a', 'b', '3']);
    await expect(values.storeMany(1, { c: 1, d: () => {} })).rejects.toThrow('value is a function');
    expect(await values.has(1, 'c')).toBe(false);
  });

  test('deleting says whether there was something, and raises only where asked', async () => {
    await values.store(1, 'a', 1);
    expect([await values.delete(1, 'a'), await values.delete(1, 'a')]).toEqual([true, false]);
    expect(await values.delete(1, 'a', { ifNotExists: 'ignore' })).toBe(false);
    await expect(values.delete(1, 'a', { ifNotExists: 'raise' })).rejects.toBeInstanceOf(EntityNotFoundError);
    await values.storeMany(1, { a: 1, b: 2 });
    expect([await values.deleteAll(1), await values.deleteAll(1)]).toEqual([2, 0]);
    expect([await values.getMany(1, ['a', 'b']), await values.users()]).toEqual([[undefined, undefined], []]);
  });

  test('update gets what is there or undefined, and nothing of concurrent ones is lost', async () => {
    await Promise.all(Array.from({ length: 50 }, () => values.update(1, 'n', (n = 0) => n + 1)));
    expect(await values.get(1, 'n')).toBe(50);
    const added = await values.update(1, 'list', (list: string[] = []) => [...list, 'x']);
    expect(added).toEqual(['x']);
  });

  test('an update that throws, or returns nothing, leaves all as it was', async () => {
    await values.store(1, 'a', 'before');
    const failed = new EntityNotFoundError('Mine', 'x');
    const fail = () => {
      throw failed;
    };
    for (const key of ['a', 'new']) {
      await expect(values.update(1, key, fail)).rejects.toBe(failed);
      await expect(values.update(1, key, () => undefined)).rejects.toThrow('returned undefined');
      await expect(values.update(1, key, async () => 1)).rejects.toThrow('returned a promise');
      await expect(values.update(1, key, () => () => {})).rejects.toThrow('is a function');
    }
    expect(await values.entries(1)).toEqual([['a', 'before']]);
  });

  test('many first stores of one user at once are all listed', async () => {
    const keys = Array.from({ length: 60 }, (_, at) => `k${at}`);
    await Promise.all(keys.map((key, at) => values.store(1, key, at)));
    expect((await values.keys(1)).sort()).toEqual([...keys].sort());
    await Promise.all(keys.slice(0, 50).map((key) => values.delete(1, key)));
    expect((await values.keys(1)).sort()).toEqual(keys.slice(50).sort());
  });

  test('a user may have very many keys, which stay in order', async () => {
    const keys = Array.from({ length: most }, (_, at) => `k${at}`);
    for (let at = 0; at < keys.length; at += 200)
      await values.storeMany(1, Object.fromEntries(keys.slice(at, at + 200).map((key) => [key, key])));
    await values.store(1, 'late', 1);
    await values.delete(1, 'k3');
    await values.store(1, 'k0', 'again');
    await values.store(1, 'k3', 'new');
    expect(await values.keys(1)).toEqual([...keys.filter((key) => key !== 'k3'), 'late', 'k3']);
    expect((await values.entries(1)).slice(-3)).toEqual([
      [keys.at(-1)!, keys.at(-1)!],
      ['late', 1],
      ['k3', 'new'],
    ]);
    expect(await values.users()).toEqual(['1']);
    expect([await values.deleteAll(1), await values.keys(1), await values.users()]).toEqual([most + 1, [], []]);
    await values.store(1, 'first', 1);
    expect(await values.keys(1)).toEqual(['first']);
  });

  describe('a time to live', () => {
    test('ends a value, and nothing shows it any more; stored again it is new', async () => {
      await values.store(1, 'short', 1, { ttl: second });
      await values.store(1, 'long', 2, { ttl: '1h' });
      await values.store(1, 'for ever', 3);
      await values.store(2, 'short', 1, { ttl: `${second}ms` });
      expect(await values.keys(1)).toEqual(['short', 'long', 'for ever']);
      expect((await values.users()).sort()).toEqual(['1', '2']);
      await pass(1.5 * second);
      expect([await values.get(1, 'short'), await values.has(1, 'short'), await values.keys(2)]).toEqual([
        undefined,
        false,
        [],
      ]);
      expect([await values.keys(1), await values.entries(1)]).toEqual([
        ['long', 'for ever'],
        [
          ['long', 2],
          ['for ever', 3],
        ],
      ]);
      expect(await values.users()).toEqual(['1']);
      expect(await values.delete(1, 'short')).toBe(false);
      await values.store(1, 'short', 4);
      expect(await values.keys(1)).toEqual(['long', 'for ever', 'short']);
    });

    test('begins anew with each store, and goes where a store gives none', async () => {
      await values.store(1, 'again', 1, { ttl: second });
      await values.store(1, 'kept', 1, { ttl: second });
      await pass(0.6 * second);
      await values.store(1, 'again', 2, { ttl: second });
      await values.store(1, 'kept', 2);
      await pass(0.6 * second);
      expect(await values.entries(1)).toEqual([
        ['again', 2],
        ['kept', 2],
      ]);
      await pass(0.6 * second);
      expect(await values.keys(1)).toEqual(['kept']);
    });

    test('is kept by an update, unless it gives another', async () => {
      await values.store(1, 'a', 1, { ttl: second });
      await values.store(1, 'b', 1, { ttl: second });
      await pass(0.6 * second);
      expect(await values.update(1, 'a', (n = 0) => n + 1)).toBe(2);
      expect(await values.update(1, 'b', (n = 0) => n + 1, { ttl: second })).toBe(2);
      await pass(0.6 * second);
      expect(await values.entries(1)).toEqual([['b', 2]]);
    });

    test('is set by expire for a value or all of a user, and taken away', async () => {
      await values.storeMany(1, { a: 1, b: 2, c: 3 });
      expect([await values.expire(1, 'a', second), await values.expire(1, 'none', second)]).toEqual([true, false]);
      await pass(1.5 * second);
      expect(await values.keys(1)).toEqual(['b', 'c']);
      expect([await values.expire(1, `${second}ms`), await values.expire(9, `${second}ms`)]).toEqual([true, false]);
      expect(await values.expire(1, 'c', null)).toBe(true);
      await pass(1.5 * second);
      expect([await values.keys(1), await values.users()]).toEqual([['c'], ['1']]);
    });

    test('of one user is given to forUser', async () => {
      const mine = values.forUser(1, { ttl: second });
      await mine.store('a', 1);
      await mine.storeMany({ b: 2 });
      expect(await mine.update('c', (n = 0) => n + 1)).toBe(1);
      await mine.store('d', 4, { ttl: null });
      expect(await mine.keys()).toEqual(['a', 'b', 'c', 'd']);
      await pass(1.5 * second);
      expect(await mine.entries()).toEqual([['d', 4]]);
    });
  });

  test('for one user all calls are there without him', async () => {
    const mine = values.forUser(5);
    await mine.store('a', 1);
    expect([await mine.get('a'), await mine.has('a'), await mine.getMany(['a', 'b'])]).toEqual([
      1,
      true,
      [1, undefined],
    ]);
    expect([await mine.expire('a', '1h'), await mine.delete('a'), await mine.deleteAll()]).toEqual([true, true, 0]);
    await values.store('5', 'x', 1);
    expect(await mine.keys()).toEqual(['x']);
  });

  test('what is wrong is refused, and nothing is stored', async () => {
    const wrong = (call: Promise<unknown>, text: string) =>
      call.then(
        () => {
          throw new Error(`${text}: not refused`);
        },
        (error: Error) =>
          expect([error instanceof ValidationError, error.message]).toEqual([true, expect.stringContaining(text)]),
      );
    for (const id of [undefined, null, {}, [], true, 1n, Symbol('s')] as never[]) {
      await wrong(values.store(id, 'k', 1), 'A user id is a string or a number');
      await wrong(values.store(1, id, 1), 'A key is a string or a number');
      await wrong(values.keys(id), 'A user id is a string or a number');
      await wrong(values.delete(1, id), 'A key is a string or a number');
    }
    await wrong(values.get(Number.NaN, 'k'), 'cannot be the number NaN');
    await wrong(values.get(2 ** 60, 'k'), 'which others round to');
    await wrong(values.get('\ud800', 'k'), 'a lone surrogate');
    await wrong(values.get('u', 'x'.repeat(256)), 'at most 255');
    await wrong(values.delete(1, 'a', { ifNotExists: 'throw' as never }), "Give 'ignore' or 'raise'");
    await wrong(values.store(1, 'a', 1, { ttl: 0 }), 'ttl');
    await wrong(values.store(1, 'a', 1, { ttl: '1 week' as never }), '"1 week"');
    await wrong(values.store(1, 'a', 1, { tll: 5 } as never), 'no option "tll"');
    await wrong(values.store(1, 'a', { b: [() => {}] }), 'value.b[0] is a function');
    await wrong(values.update(1, 'a', 5 as never), 'takes a function');
    await wrong(values.getMany(1, 'abc' as never), 'an array of keys');
    await wrong(values.storeMany(1, 5 as never), 'takes an object');
    await wrong(values.storeMany(1, ['ab'] as never), 'no pair');
    await wrong(values.expire(1, 'a', -5), 'The time given to expire()');
    expect(await values.users()).toEqual([]);
  });

  if (lasts)
    test('what was stored is there when it is opened again', async () => {
      await values.store(1, 'a', new Date(5));
      await values.store(1, 'b', 1, { ttl: '1h' });
      await values.close();
      values = await UserValues.open(await options());
      expect(await values.entries(1)).toEqual([
        ['a', new Date(5)],
        ['b', 1],
      ]);
    });
}

/** Waits, for stores that have a clock of their own. */
export const sleeping = {
  pass: (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
  second: 2500,
};

/** Options with the time that a test tells. */
export const at = (clock: Clock, options: UserValuesOptions): UserValuesOptions => ({
  ...options,
  clock,
  logger: false,
});
