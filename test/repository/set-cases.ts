import { afterEach, expect, test } from '@jest/globals';
import {
  defineEntity,
  EntityExistsError,
  EntityNotFoundError,
  RedisSet,
  type SetRepository,
  ValidationError,
} from '../../src/index.js';
import { allOf, everywhere, type Home, loosely, type Stores } from './collection-stores.js';

/** Sets of strings, and of bytes. */
export const setEntities = (home: Home) => ({
  followers: defineEntity({
    name: 'followers',
    kind: RedisSet({ ttl: '1h' }),
    key: { site: 'string', user: 'bigint' },
    items: 'names',
    ...home,
  }),
  digests: defineEntity({ name: 'digests', kind: RedisSet(), key: { id: 'string' }, items: { all: 'bytes' }, ...home }),
});

type Entities = ReturnType<typeof setEntities>;
type Followers = SetRepository<InstanceType<Entities['followers']>>;

const key = { site: 'a:{b}', user: 1n };
const second = { ...key, user: 2n };

/** What every combination of stores does alike with sets, as an application meets it. */
export function setCases({ followers, digests }: Entities, { holdfast, other }: Stores): void {
  const mine = (): Followers => holdfast().repository(followers);
  const both = (): [Followers, Followers] => [mine(), other().repository(followers)];
  const save = (...names: string[]) => mine().save({ ...key, names: new Set(names) });
  const is = (...expected: string[]) =>
    everywhere(both(), key, async (sets, options) => {
      expect([...(await sets.find(key, options))!.names]).toEqual(expected);
      expect(await sets.hasMany(key, expected, options)).toEqual(expected.map(() => true));
      expect(await sets.size(key, options)).toBe(expected.length);
    });

  afterEach(async () => {
    await mine().delete([key, second]);
    await holdfast().repository(digests).delete('x');
  });

  test('items are added once, asked for, and removed', async () => {
    expect(await mine().add(key, 'b', 'a', 'b')).toBe(2);
    await is('a', 'b');
    expect(await both()[1].add(key, 'b', 'c', '')).toBe(2);
    await is('', 'a', 'b', 'c');
    expect(await mine().remove(key, 'b', 'x', 'b')).toBe(1);
    await is('', 'a', 'c');
    await everywhere(both(), key, async (sets, options) => {
      expect([await sets.has(key, 'a', options), await sets.has(key, 'b', options)]).toEqual([true, false]);
      expect(await sets.hasMany(key, ['c', 'b', 'c', '', 'x'], options)).toEqual([true, false, true, true, false]);
      expect(await sets.hasMany(key, [], options)).toEqual([]);
    });
  });

  test('items are in the order of their bytes', async () => {
    await save('ä', 'B', '💥', '\uff5e', 'b');
    await is('B', 'b', 'ä', '\uff5e', '💥');
  });

  test('none, an empty one and one whose last item went are told apart', async () => {
    const isThere = async (there: boolean) =>
      everywhere(both(), key, async (sets, options) => {
        expect(await sets.exists(key, options)).toBe(there);
        expect(await sets.find(key, options)).toEqual(there ? sets.create({ ...key, names: new Set() }) : undefined);
        expect(await sets.has(key, 'a', options)).toBe(false);
        expect(await sets.hasMany(key, ['a', 'b'], options)).toEqual([false, false]);
        expect(await sets.size(key, options)).toBe(0);
        expect(await allOf(sets.scan(key))).toEqual([]);
      });
    await isThere(false);
    expect([await mine().remove(key, 'a'), await mine().add(key), await mine().remove(key)]).toEqual([0, 0, 0]);
    await isThere(false);
    expect(await mine().add(key, 'a')).toBe(1);
    expect(await mine().remove(key, 'a')).toBe(1);
    await isThere(true);
    expect(await mine().delete(key)).toBe(true);
    await isThere(false);
  });

  test('a set is gone through a part at a time', async () => {
    const names = Array.from({ length: 1234 }, (_, at) => `n${at}`);
    await save(...names);
    for (const batch of [1234, 100, 1235, undefined]) {
      const found = await allOf(both()[1].scan(key, batch === undefined ? {} : { batch }));
      expect(new Set(found)).toEqual(new Set(names));
    }
    let count = 0;
    for await (const _ of mine().scan(key, { batch: 10 })) if (++count === 25) break;
    expect(count).toBe(25);
  });

  test('what is there from beginning to end comes, while others write', async () => {
    await save(...Array.from({ length: 100 }, (_, at) => `n${at}`));
    const found = new Set<string>();
    let step = 0;
    for await (const name of mine().scan(key, { batch: 7 })) {
      found.add(name);
      if (++step % 5 === 0) await both()[1].remove(key, `n${step}`);
      if (step % 5 === 1) await both()[1].add(key, `m${step}`);
    }
    const { names } = (await mine().find(key))!;
    for (const name of names) if (name.startsWith('n')) expect(found).toContain(name);
  });

  test('one is saved, inserted and updated like any entity', async () => {
    await save('b', 'a');
    await expect(both()[1].insert({ ...key, names: new Set() })).rejects.toThrow(EntityExistsError);
    const updated = await mine().update(key, (one) => {
      one.names.delete('a');
      one.names.add('c');
    });
    expect(updated.names).toEqual(new Set(['b', 'c']));
    await is('b', 'c');
    await mine().update(key, { names: new Set(['z']) });
    await is('z');
    await expect(mine().update(second, { names: new Set() })).rejects.toThrow(EntityNotFoundError);
    await mine().insert({ ...second, names: new Set() }, { fallbackTtl: '7d' });
    await mine().add(second, 'x');
    const found = await mine().findMany([second, key]);
    expect(found.map((one) => one?.names)).toEqual([new Set(['x']), new Set(['z'])]);
    expect((await allOf(mine().stream())).length).toBe(2);
    expect(await mine().count()).toBe(2);
  });

  test('what is returned is its reader’s: changing it changes nothing stored', async () => {
    const given = { ...key, names: new Set(['a']) };
    await mine().save(given);
    given.names.add('b');
    await everywhere(both(), key, async (sets, options) => {
      const found = (await sets.find(key, options))!;
      expect(found.names).toEqual(new Set(['a']));
      found.names.add('x');
    });
    await is('a');
  });

  test('items are of their type, and the same by what they hold', async () => {
    const repository = holdfast().repository(digests);
    const [one, same, third] = [Buffer.from([0, 255]), Buffer.from([0, 255]), Buffer.from([1])];
    expect(await repository.add('x', one, same, third)).toBe(2);
    await everywhere([repository, other().repository(digests)], 'x', async (of, options) => {
      expect(await of.has('x', new Uint8Array([0, 255]), options)).toBe(true);
      expect(await of.has('x', Buffer.from([]), options)).toBe(false);
      expect((await of.find('x', options))!.all).toEqual(new Set([one, third]));
    });
    const found: Uint8Array[] = await allOf(repository.scan('x'));
    expect(found.length).toBe(2);
  });

  test('changes of one set by two processes at once are each made once', async () => {
    await save('0');
    const added = await Promise.all(Array.from({ length: 60 }, (_, at) => both()[at % 2]!.add(key, `n${at % 30}`)));
    expect(added.filter(Boolean).length).toBe(30);
    const removed = await Promise.all(
      Array.from({ length: 20 }, (_, at) => both()[at % 2]!.remove(key, `n${at % 10}`)),
    );
    expect(removed.filter(Boolean).length).toBe(10);
    await is('0', ...Array.from({ length: 20 }, (_, at) => `n${at + 10}`));
  });

  test('they are written in a batch, all or none', async () => {
    await holdfast().batch((batch) => {
      const batched = batch.repository(followers);
      batched.add(key, 'a', 'b');
      batched.remove(key, 'a');
      batched.add(key);
      batch.repository(digests).save({ id: 'x', all: new Set() });
    });
    await is('b');
    const refused = holdfast().batch((batch) => {
      batch.repository(followers).add(key, 'x');
      batch.repository(digests).insert({ id: 'x', all: new Set() });
    });
    await expect(refused).rejects.toThrow(EntityExistsError);
    await is('b');
  });

  test.each<[string, unknown[], string]>([
    ['add', [key, 'a', 5], 'add() of Followers: items[1] must be a string, got the number 5. Give another value.'],
    [
      'add',
      [key, new Set(['a'])],
      'add() of Followers: items[0] must be a string, got an instance of Set. Give another value.',
    ],
    ['remove', [key, null], 'remove() of Followers: items[0] must be of type string, got null. Give another value.'],
    ['has', [key], 'has() of Followers: item must be of type string, got undefined. Give another value.'],
    [
      'hasMany',
      [key, 'a'],
      'hasMany() of Followers: it takes a key and an array of items, got a string. Use has() for one.',
    ],
    [
      'hasMany',
      [key, ['a', 5]],
      'hasMany() of Followers: items[1] must be a string, got the number 5. Give another value.',
    ],
    ['hasMany', [key, [], { from: 'hot' }], 'The option from cannot be "hot". Give \'durable\', or leave it out.'],
    ['size', [{ site: 'x' }], 'The key given for Followers lacks user. A key is { site, user }.'],
    ['save', [{ ...key, names: ['a'] }], 'Followers.names must be a Set, got an array. Give new Set([…]).'],
    [
      'save',
      [{ ...key, names: new Set(['a', null]) }],
      'Followers.names[1] must be of type string, got null. Give another value.',
    ],
  ])('a bad call of %s is refused, and nothing is written (%#)', async (name, args, message) => {
    await expect(loosely(mine())[name]!(...args)).rejects.toThrow(new ValidationError(message));
    expect(await mine().exists(key, { from: 'durable' })).toBe(false);
  });

  test.each<[unknown[], string]>([
    [
      [key, { batch: 0 }],
      'scan() of Followers: batch must be a whole number of 1 or more, got the number 0. Give another value.',
    ],
    [[key, { from: 'durable' }], 'scan() of Followers has no option "from". It has: batch.'],
    [['x'], 'The key given for Followers is a string. A key is { site, user }.'],
  ])('a bad scan is refused (%#)', async (args, message) => {
    const items = loosely(mine()).scan!(...args) as unknown as AsyncIterable<string>;
    await expect(allOf(items)).rejects.toThrow(new ValidationError(message));
  });
}
