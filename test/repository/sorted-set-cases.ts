import { afterEach, expect, test } from '@jest/globals';
import {
  defineEntity,
  EntityExistsError,
  EntityNotFoundError,
  Field,
  SortedSet,
  type SortedSetRepository,
  ValidationError,
} from '../../src/index.js';
import { allOf, everywhere, type Home, type Stores } from './collection-stores.js';
import { sortedSetRefusals } from './sorted-set-refusals.js';

class Track {
  @Field() title!: string;
  @Field({ type: 'integer' }) year!: number;
}

/** Sorted sets of strings, of a nested class, and of at most three members. */
export const sortedSetEntities = (home: Home) => ({
  playlist: defineEntity({
    name: 'playlist',
    kind: SortedSet({ ttl: '1h' }),
    key: { user: 'string', list: 'integer' },
    members: 'tracks',
    ...home,
  }),
  charts: defineEntity({
    name: 'charts',
    kind: SortedSet(),
    key: { id: 'string' },
    members: { tracks: Track },
    ...home,
  }),
  top: defineEntity({
    name: 'top',
    kind: SortedSet({ maxSize: 3 }),
    key: { id: 'string' },
    members: { ids: 'integer' },
    ...home,
  }),
});

type Entities = ReturnType<typeof sortedSetEntities>;
type Playlists = SortedSetRepository<InstanceType<Entities['playlist']>>;

const key = { user: 'a:{b}', list: 1 };
const scored = (members: Record<string, number>) =>
  Object.entries(members).map(([member, score]) => ({ member, score }));

/** What every combination of stores does alike with sorted sets, as an application meets it. */
export function sortedSetCases({ playlist, charts, top }: Entities, { holdfast, other }: Stores): void {
  const mine = (): Playlists => holdfast().repository(playlist);
  const both = (): [Playlists, Playlists] => [mine(), other().repository(playlist)];
  const save = (members: Record<string, number>) => mine().save({ ...key, tracks: scored(members) });
  const tracks = async (repository = mine()) => (await repository.find(key))?.tracks;

  afterEach(async () => {
    await mine().delete([key, { ...key, list: 2 }]);
    await holdfast().repository(charts).delete('x');
    await holdfast().repository(top).delete('x');
  });

  test('members are in the order of their scores, those of one score in that of their bytes', async () => {
    await save({ z: 1, ä: 2, b: 2, B: 2, '💥': 2, '\uff5e': 2, a: -1 });
    const order = ['a', 'z', 'B', 'b', 'ä', '\uff5e', '💥'];
    await everywhere(both(), key, async (playlists, options) => {
      expect(await playlists.range(key, options)).toEqual(order);
      expect(await playlists.range(key, { ...options, reverse: true })).toEqual([...order].reverse());
      expect((await playlists.find(key, options))!.tracks.map(({ member }) => member)).toEqual(order);
      expect(await Promise.all(order.map((one) => playlists.rank(key, one, options)))).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(await playlists.rank(key, 'z', { ...options, reverse: true })).toBe(5);
    });
  });

  test('a part of them is given by offset and limit, by page, and by their scores', async () => {
    const members = Array.from({ length: 25 }, (_, at) => [`t${String(at).padStart(2, '0')}`, at] as const);
    await save(Object.fromEntries(members));
    const names = members.map(([name]) => name);
    await everywhere(both(), key, async (playlists, options) => {
      const range = (more: object) => playlists.range(key, { ...options, ...more });
      expect(await range({ offset: 22 })).toEqual(names.slice(22));
      expect(await range({ offset: 2, limit: 3 })).toEqual(names.slice(2, 5));
      expect(await range({ limit: 0 })).toEqual([]);
      expect(await range({ page: 1 })).toEqual(names.slice(0, 20));
      expect(await range({ page: 2 })).toEqual(names.slice(20));
      expect(await range({ pageSize: 2 })).toEqual(names.slice(0, 2));
      expect(await range({ page: 3, pageSize: 4, reverse: true })).toEqual([...names].reverse().slice(8, 12));
      expect(await range({ page: 3 })).toEqual([]);
      expect(await range({ offset: 25, limit: 5 })).toEqual([]);
      expect(await range({ minScore: 3, maxScore: 5 })).toEqual(names.slice(3, 6));
      expect(await range({ minScore: 20.5, reverse: true, limit: 2 })).toEqual(['t24', 't23']);
      expect(await range({ minScore: 5, maxScore: 3 })).toEqual([]);
      expect(await range({ maxScore: 10, page: 2, pageSize: 6, withSize: true })).toEqual({
        items: names.slice(6, 11),
        size: 11,
      });
      expect(await range({ page: 9, withSize: true, withScores: true })).toEqual({ items: [], size: 25 });
      expect(await range({ limit: 1, withScores: true })).toEqual([{ member: 't00', score: 0 }]);
      expect(await range({ limit: 0, withSize: true })).toEqual({ items: [], size: 25 });
      expect(await playlists.countBetween(key, 3, 5, options)).toBe(3);
      expect(await playlists.countBetween(key, Number.NEGATIVE_INFINITY, 5, options)).toBe(6);
      expect(await playlists.countBetween(key, 5, 3, options)).toBe(0);
      expect(await playlists.size(key, options)).toBe(25);
    });
  });

  test('scores come back exactly', async () => {
    const scores = [Number.NEGATIVE_INFINITY, -1e300, -0, 5e-324, 0.1 + 0.2, 2 ** 53 - 1, Number.POSITIVE_INFINITY];
    await save(Object.fromEntries(scores.map((score, at) => [`t${at}`, score])));
    await everywhere(both(), key, async (playlists, options) => {
      const found = await playlists.range(key, { ...options, withScores: true });
      found.forEach(({ score }, at) => {
        expect(score).toBe(scores[at]!);
      });
      expect(await playlists.score(key, 't2', options)).toBe(-0);
      expect(await playlists.score(key, 't4', options)).toBe(0.30000000000000004);
      expect(await playlists.countBetween(key, 0, 0, options)).toBe(1);
      expect(await playlists.range(key, { ...options, minScore: Number.POSITIVE_INFINITY })).toEqual(['t6']);
    });
  });

  test('none, an empty one and one whose last member went are told apart', async () => {
    const isThere = async (there: boolean) =>
      everywhere(both(), key, async (playlists, options) => {
        expect(await playlists.exists(key, options)).toBe(there);
        expect(await playlists.find(key, options)).toEqual(
          there ? playlists.create({ ...key, tracks: [] }) : undefined,
        );
        expect(await playlists.range(key, options)).toEqual([]);
        expect(await playlists.range(key, { ...options, withSize: true })).toEqual({ items: [], size: 0 });
        expect(await playlists.score(key, 'a', options)).toBe(undefined);
        expect(await playlists.rank(key, 'a', options)).toBe(undefined);
        expect(await playlists.size(key, options)).toBe(0);
        expect(await playlists.countBetween(key, 0, 1, options)).toBe(0);
      });
    await isThere(false);
    expect(await mine().remove(key, 'a')).toBe(0);
    expect(await mine().add(key)).toBe(0);
    expect(await mine().remove(key)).toBe(0);
    await isThere(false);
    await save({});
    await isThere(true);
    expect(await mine().add(key, { member: 'a', score: 1 })).toBe(1);
    expect(await mine().remove(key, 'a', 'b', 'a')).toBe(1);
    await isThere(true);
    expect(await mine().delete(key)).toBe(true);
    await isThere(false);
  });

  test('members are added, moved and removed', async () => {
    const is = (expected: Record<string, number>) =>
      everywhere(both(), key, async (playlists, options) => {
        expect((await playlists.find(key, options))!.tracks).toEqual(scored(expected));
        expect(await playlists.range(key, { ...options, withScores: true })).toEqual(scored(expected));
      });
    expect(await mine().add(key, ...scored({ b: 2, a: 1 }))).toBe(2);
    await is({ a: 1, b: 2 });
    expect(await both()[1].add(key, ...scored({ a: 3, c: 0 }))).toBe(1);
    await is({ c: 0, b: 2, a: 3 });
    expect(await mine().add(key, { member: 'd', score: 9 }, { member: 'd', score: 1 })).toBe(1);
    await is({ c: 0, d: 1, b: 2, a: 3 });
    expect(await mine().remove(key, 'c', 'x', 'a')).toBe(2);
    await is({ d: 1, b: 2 });
    expect(await mine().incrementScore(key, 'd')).toBe(2);
    expect(await both()[1].incrementScore(key, 'b', -0.5)).toBe(1.5);
    expect(await mine().incrementScore(key, 'e', 7)).toBe(7);
    await is({ b: 1.5, d: 2, e: 7 });
    expect(await mine().incrementScore({ ...key, list: 2 }, 'new', Number.NEGATIVE_INFINITY)).toBe(-Infinity);
    expect(await mine().size({ ...key, list: 2 })).toBe(1);
  });

  test('an increment that makes no number is refused, and nothing is written', async () => {
    await save({ a: Number.POSITIVE_INFINITY });
    const refused = mine().incrementScore(key, 'a', Number.NEGATIVE_INFINITY);
    await expect(refused).rejects.toThrow(
      new ValidationError(
        'Playlist { user: "a:{b}", list: 1 } was not changed: the score of "a" is the opposite infinity, so that -Infinity more is no number. Add it with a score instead.',
      ),
    );
    expect(await mine().score(key, 'a', { from: 'durable' })).toBe(Number.POSITIVE_INFINITY);
  });

  test('one is saved, inserted and updated like any entity', async () => {
    const given = { ...key, tracks: scored({ b: 2, a: 1 }) };
    expect(await mine().save(given)).toBe(given);
    await expect(mine().insert(given)).rejects.toThrow(EntityExistsError);
    expect(await mine().update(key, { tracks: scored({ c: 1 }) })).toEqual(
      mine().create({ ...key, tracks: scored({ c: 1 }) }),
    );
    const updated = await both()[1].update(key, (one) => {
      one.tracks.push({ member: 'd', score: 0 });
      one.tracks[0]!.score = 5;
    });
    expect(updated.tracks).toEqual(scored({ d: 0, c: 5 }));
    expect(await tracks()).toEqual(scored({ d: 0, c: 5 }));
    expect((await mine().update(key, {})).tracks).toEqual(scored({ d: 0, c: 5 }));
    const second = { ...key, list: 2 };
    await expect(mine().update(second, { tracks: [] })).rejects.toThrow(EntityNotFoundError);
    await mine().insert({ ...second, tracks: [] }, { fallbackTtl: '7d' });
    await mine().add(second, { member: 'x', score: 1 });
    const found = await mine().findMany([second, { ...key, list: 3 }, key]);
    expect(found.map((one) => one?.tracks)).toEqual([scored({ x: 1 }), undefined, scored({ d: 0, c: 5 })]);
    expect((await allOf(mine().stream())).map(({ list }) => list).sort()).toEqual([1, 2]);
    expect(await mine().count()).toBe(2);
    expect((await mine().refresh(second))!.tracks).toEqual(scored({ x: 1 }));
  });

  test('what is returned, or was given, is its owner’s: changing it changes nothing stored', async () => {
    const given = { ...key, tracks: scored({ a: 1 }) };
    await mine().save(given);
    given.tracks.push({ member: 'b', score: 2 });
    given.tracks[0]!.score = 9;
    await everywhere(both(), key, async (playlists, options) => {
      const found = (await playlists.find(key, options))!;
      expect(found.tracks).toEqual(scored({ a: 1 }));
      found.tracks[0]!.score = 5;
      found.tracks.length = 0;
      const part = await playlists.range(key, { ...options, withScores: true });
      expect(part).toEqual(scored({ a: 1 }));
      part[0]!.score = 5;
    });
    expect(await tracks()).toEqual(scored({ a: 1 }));
  });

  test('members are of their type', async () => {
    const ranking = holdfast().repository(charts);
    const [old, young] = [
      { title: 'x', year: 1970 },
      { title: 'x', year: 2020 },
    ];
    await ranking.add('x', { member: old, score: 2 }, { member: young, score: 1 });
    await everywhere([ranking, other().repository(charts)], 'x', async (repository, options) => {
      const found = await repository.range('x', options);
      expect(found).toEqual([young, old]);
      expect(found[0]).toBeInstanceOf(Track);
      expect(await repository.score('x', old, options)).toBe(2);
      expect(await repository.rank('x', { title: 'y', year: 1 }, options)).toBe(undefined);
    });
    expect(await ranking.remove('x', young)).toBe(1);
  });

  test('beyond maxSize the lowest go', async () => {
    const best = holdfast().repository(top);
    const is = (...expected: number[]) =>
      everywhere([best, other().repository(top)], 'x', async (repository, options) => {
        expect(await repository.range('x', options)).toEqual(expected);
        expect(await repository.size('x', options)).toBe(expected.length);
      });
    await best.save({ id: 'x', ids: [5, 1, 4, 2].map((id) => ({ member: id, score: id })) });
    await is(2, 4, 5);
    expect(await best.add('x', { member: 3, score: 3 })).toBe(1);
    await is(3, 4, 5);
    expect(await best.add('x', { member: 1, score: 1 })).toBe(1);
    await is(3, 4, 5);
    expect(await best.incrementScore('x', 9, 9)).toBe(9);
    await is(4, 5, 9);
    expect(await best.incrementScore('x', 4, 9)).toBe(13);
    await is(5, 9, 4);
    await best.update('x', (one) => {
      one.ids.push({ member: 7, score: 7 });
    });
    await is(7, 9, 4);
  });

  test('changes of one set by two processes at once are each made once', async () => {
    await save({ sum: 0 });
    await Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        const playlists = both()[at % 2]!;
        await playlists.add(key, { member: `t${at}`, score: at });
        await playlists.incrementScore(key, 'sum', 2);
        if (at % 3 === 0) await playlists.remove(key, `t${at}`);
      }),
    );
    const left = Array.from({ length: 30 }, (_, at) => at).filter((at) => at % 3 !== 0);
    await everywhere(both(), key, async (playlists, options) => {
      expect(await playlists.score(key, 'sum', options)).toBe(60);
      expect(await playlists.range(key, { ...options, maxScore: 59 })).toEqual(left.map((at) => `t${at}`));
    });
  });

  test('they are written in a batch, all or none', async () => {
    await holdfast().batch((batch) => {
      const batched = batch.repository(playlist);
      batched.save({ ...key, tracks: scored({ a: 1 }) });
      batched.add(key, ...scored({ b: 2, c: 3 }));
      batched.add(key);
      batched.remove(key, 'a');
      batched.incrementScore(key, 'b', 5);
      batch.repository(charts).save({ id: 'x', tracks: [] });
    });
    expect(await tracks()).toEqual(scored({ c: 3, b: 7 }));
    expect(await holdfast().repository(charts).exists('x')).toBe(true);
    const refused = holdfast().batch((batch) => {
      batch.repository(playlist).add(key, { member: 'x', score: 1 });
      batch.repository(charts).insert({ id: 'x', tracks: [] });
    });
    await expect(refused).rejects.toThrow(EntityExistsError);
    await everywhere(both(), key, async (playlists, options) => {
      expect(await playlists.range(key, options)).toEqual(['c', 'b']);
    });
  });

  sortedSetRefusals(mine);
}
