import { afterEach, expect, test } from '@jest/globals';
import {
  defineEntity,
  EntityExistsError,
  EntityNotFoundError,
  Field,
  type ListRepository,
  RedisList,
  ValidationError,
} from '../../src/index.js';
import { allOf, everywhere, type Home, loosely, type Stores } from './collection-stores.js';

class Visit {
  @Field() page!: string;
  @Field({ type: 'date' }) at!: Date;
}

/** Lists of strings, of a nested class, and of at most three items. */
export const listEntities = (home: Home) => ({
  history: defineEntity({
    name: 'history',
    kind: RedisList({ ttl: '1h' }),
    key: { user: 'string', day: 'date' },
    items: 'pages',
    ...home,
  }),
  visits: defineEntity({ name: 'visits', kind: RedisList(), key: { id: 'string' }, items: { all: Visit }, ...home }),
  recent: defineEntity({
    name: 'recent',
    kind: RedisList({ maxLength: 3 }),
    key: { id: 'string' },
    items: { ids: 'integer' },
    ...home,
  }),
});

type Entities = ReturnType<typeof listEntities>;
type Histories = ListRepository<InstanceType<Entities['history']>>;

const key = { user: 'a:{b}', day: new Date(5) };
const second = { ...key, day: new Date(6) };

/** What every combination of stores does alike with lists, as an application meets it. */
export function listCases({ history, visits, recent }: Entities, { holdfast, other }: Stores): void {
  const mine = (): Histories => holdfast().repository(history);
  const both = (): [Histories, Histories] => [mine(), other().repository(history)];
  const save = (...pages: string[]) => mine().save({ ...key, pages });
  const is = (...expected: string[]) =>
    everywhere(both(), key, async (histories, options) => {
      expect((await histories.find(key, options))!.pages).toEqual(expected);
      expect(await histories.range(key, undefined, undefined, options)).toEqual(expected);
      expect(await histories.length(key, options)).toBe(expected.length);
    });

  afterEach(async () => {
    await mine().delete([key, second]);
    await holdfast().repository(visits).delete('x');
    await holdfast().repository(recent).delete('x');
  });

  test('items are put at both ends, and taken from them', async () => {
    expect(await mine().push(key, 'a', 'b')).toBe(2);
    await is('a', 'b');
    expect(await both()[1].push(key, 'a')).toBe(3);
    await is('a', 'b', 'a');
    expect(await mine().unshift(key, 'x', 'y')).toBe(5);
    await is('x', 'y', 'a', 'b', 'a');
    expect(await mine().pop(key)).toBe('a');
    expect(await both()[1].shift(key)).toBe('x');
    await is('y', 'a', 'b');
    expect(await mine().push(key)).toBe(3);
    expect(await mine().unshift(key)).toBe(3);
    expect([await mine().shift(key), await mine().shift(key), await mine().shift(key)]).toEqual(['y', 'a', 'b']);
    await is();
    expect(await mine().unshift(key, '')).toBe(1);
    await is('');
  });

  test('a part of them is given by indexes, from either end', async () => {
    await save('a', 'b', 'c', 'd', 'b');
    await everywhere(both(), key, async (histories, options) => {
      const range = (start?: number, stop?: number) => histories.range(key, start, stop, options);
      expect(await range()).toEqual(['a', 'b', 'c', 'd', 'b']);
      expect(await range(1, 2)).toEqual(['b', 'c']);
      expect(await range(-2)).toEqual(['d', 'b']);
      expect(await range(-100, 0)).toEqual(['a']);
      expect(await range(3, 100)).toEqual(['d', 'b']);
      expect(await range(2, 1)).toEqual([]);
      expect(await range(5)).toEqual([]);
      expect(await range(0, -6)).toEqual([]);
      const at = (index: number) => histories.at(key, index, options);
      expect([await at(0), await at(4), await at(-1), await at(-5)]).toEqual(['a', 'b', 'b', 'a']);
      expect([await at(5), await at(-6)]).toEqual([undefined, undefined]);
    });
  });

  test('none, an empty one and one whose last item went are told apart', async () => {
    const isThere = async (there: boolean) =>
      everywhere(both(), key, async (histories, options) => {
        expect(await histories.exists(key, options)).toBe(there);
        expect(await histories.find(key, options)).toEqual(there ? histories.create({ ...key, pages: [] }) : undefined);
        expect(await histories.range(key, 0, -1, options)).toEqual([]);
        expect(await histories.at(key, 0, options)).toBe(undefined);
        expect(await histories.at(key, -1, options)).toBe(undefined);
        expect(await histories.length(key, options)).toBe(0);
      });
    await isThere(false);
    expect([await mine().pop(key), await mine().shift(key), await mine().push(key)]).toEqual([undefined, undefined, 0]);
    await isThere(false);
    await mine().push(key, 'a');
    expect(await mine().shift(key)).toBe('a');
    await isThere(true);
    expect([await mine().pop(key), await mine().shift(key), await mine().push(key)]).toEqual([undefined, undefined, 0]);
    await isThere(true);
    expect(await mine().delete(key)).toBe(true);
    await isThere(false);
  });

  test('one is saved, inserted and updated like any entity', async () => {
    await save('b', 'a', 'b');
    await is('b', 'a', 'b');
    await expect(both()[1].insert({ ...key, pages: [] })).rejects.toThrow(EntityExistsError);
    const updated = await mine().update(key, (one) => {
      one.pages.reverse();
      one.pages.splice(1, 1, 'x', 'y');
    });
    expect(updated.pages).toEqual(['b', 'x', 'y', 'b']);
    await is('b', 'x', 'y', 'b');
    await mine().update(key, { pages: ['z'] });
    await is('z');
    await expect(mine().update(second, { pages: [] })).rejects.toThrow(EntityNotFoundError);
    await mine().insert({ ...second, pages: [] }, { fallbackTtl: '7d' });
    await mine().push(second, 'x');
    expect((await mine().findMany([second, key])).map((one) => one?.pages)).toEqual([['x'], ['z']]);
    expect((await allOf(mine().stream())).length).toBe(2);
    expect(await mine().count()).toBe(2);
  });

  test('what is returned is its reader’s: changing it changes nothing stored', async () => {
    const given = { ...key, pages: ['a'] };
    await mine().save(given);
    given.pages.push('b');
    await everywhere(both(), key, async (histories, options) => {
      const found = (await histories.find(key, options))!;
      expect(found.pages).toEqual(['a']);
      found.pages.push('x');
      (await histories.range(key, 0, -1, options)).push('x');
    });
    await is('a');
  });

  test('items are of their type', async () => {
    const repository = holdfast().repository(visits);
    const visit = { page: 'x', at: new Date(5) };
    await repository.push('x', visit, visit);
    await everywhere([repository, other().repository(visits)], 'x', async (of, options) => {
      expect(await of.range('x', 0, -1, options)).toEqual([visit, visit]);
      expect(await of.at('x', 1, options)).toBeInstanceOf(Visit);
    });
    expect(await repository.pop('x')).toEqual(visit);
  });

  test('beyond maxLength those at the other end go', async () => {
    const latest = holdfast().repository(recent);
    const isNow = (...expected: number[]) =>
      everywhere([latest, other().repository(recent)], 'x', async (of, options) => {
        expect(await of.range('x', 0, -1, options)).toEqual(expected);
        expect(await of.length('x', options)).toBe(expected.length);
      });
    await latest.save({ id: 'x', ids: [1, 2, 3, 4] });
    await isNow(2, 3, 4);
    expect(await latest.push('x', 5)).toBe(3);
    await isNow(3, 4, 5);
    expect(await latest.unshift('x', 1, 2)).toBe(3);
    await isNow(1, 2, 3);
    expect(await latest.push('x', 6, 7, 8, 9)).toBe(3);
    await isNow(7, 8, 9);
    await latest.update('x', (one) => {
      one.ids.push(10);
    });
    await isNow(8, 9, 10);
  });

  test('changes of one list by two processes at once are each made once', async () => {
    await save('0');
    const items = Array.from({ length: 30 }, (_, at) => `t${at}`);
    const lengths = await Promise.all(
      items.map((item, at) => (at % 3 ? both()[at % 2]!.push(key, item) : both()[at % 2]!.unshift(key, item))),
    );
    expect(lengths.sort((a, b) => a - b)).toEqual(items.map((_, at) => at + 2));
    const taken = await Promise.all(Array.from({ length: 20 }, (_, at) => both()[at % 2]!.pop(key)));
    const left = await mine().range(key, 0, -1, { from: 'durable' });
    expect([...taken, ...left].sort()).toEqual(['0', ...items].sort());
    await is(...left);
  });

  test('they are written in a batch, all or none', async () => {
    await holdfast().batch((batch) => {
      const batched = batch.repository(history);
      batched.push(key, 'a', 'b', 'c');
      batched.unshift(key, 'x');
      batched.push(key);
      batched.pop(key);
      batched.shift(key);
      batch.repository(visits).save({ id: 'x', all: [] });
    });
    await is('a', 'b');
    const refused = holdfast().batch((batch) => {
      batch.repository(history).push(key, 'x');
      batch.repository(visits).insert({ id: 'x', all: [] });
    });
    await expect(refused).rejects.toThrow(EntityExistsError);
    await is('a', 'b');
  });

  test.each<[string, unknown[], string]>([
    ['push', [key, 'a', 5], 'push() of History: items[1] must be a string, got the number 5. Give another value.'],
    ['push', [key, null], 'push() of History: items[0] must be of type string, got null. Give another value.'],
    ['push', [key, ['a']], 'push() of History: items[0] must be a string, got an array. Give another value.'],
    [
      'unshift',
      [key, undefined],
      'unshift() of History: items[0] must be of type string, got undefined. Give another value.',
    ],
    ['pop', ['x'], 'The key given for History is a string. A key is { user, day }.'],
    ['range', [key, 0.5], 'range() of History: start must be a whole number, got the number 0.5. Give another value.'],
    ['range', [key, 0, '5'], 'range() of History: stop must be a whole number, got a string. Give another value.'],
    [
      'range',
      [key, { from: 'durable' }],
      'range() of History: start must be a whole number, got an instance of Object. Give another value.',
    ],
    ['range', [key, 0, -1, { page: 1 }], 'range() of History has no option "page". It has: from.'],
    ['at', [key], 'at() of History: index must be a whole number, got undefined. Give another value.'],
    ['length', [key, 5], 'length() of History takes an object of options, got the number 5. It has: from.'],
    [
      'save',
      [{ ...key, pages: ['a', null] }],
      'History.pages[1] must be of type string, got null. Give another value.',
    ],
    ['save', [{ ...key, pages: 'a' }], 'History.pages must be an array, got a string. Give another value.'],
  ])('a bad call of %s is refused, and nothing is written (%#)', async (name, args, message) => {
    await expect(loosely(mine())[name]!(...args)).rejects.toThrow(new ValidationError(message));
    expect(await mine().exists(key, { from: 'durable' })).toBe(false);
  });
}
