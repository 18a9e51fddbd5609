import { describe, expect, test } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import {
  ClosedError,
  type Codec,
  CorruptEntryError,
  defineEntity,
  Holdfast,
  RedisList,
  RedisSet,
  SortedSet,
} from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { allOf, loosely } from './collection-stores.js';
import { Account, Person, Visitor } from './entities.js';
import { openFaulty } from './open.js';

const Ranking = defineEntity({
  name: 'ranking',
  kind: SortedSet({ ttl: '1h', jitter: 0 }),
  key: { id: 'string' },
  members: 'players',
  fallback: 'home',
});
const Alone = defineEntity({
  name: 'alone',
  kind: RedisList({ ttl: '1h', jitter: 0 }),
  key: { id: 'string' },
  items: 'lines',
});
const Kept = defineEntity({
  name: 'kept',
  kind: RedisSet(),
  key: { id: 'string' },
  items: 'names',
  fallback: 'home',
  cached: { ttl: '5s', jitter: 0 },
});

async function openRanking() {
  const opened = await openFaulty({ entities: [Person, Visitor, Account, Ranking, Kept] });
  const ranking = opened.holdfast.repository(Ranking);
  const players = Array.from({ length: 30 }, (_, at) => ({ member: `p${at}`, score: at }));
  await ranking.save({ id: 'x', players });
  return { ...opened, ranking, kept: opened.holdfast.repository(Kept) };
}

describe('what is asked of a collection', () => {
  test('is asked of the hot tier where it is hot: a page, one beyond the last, a rank', async () => {
    const { ranking, durable, holdfast } = await openRanking();
    const before = durable.calls.read;
    expect(await ranking.range('x', { page: 2, pageSize: 3 })).toEqual(['p3', 'p4', 'p5']);
    expect(await ranking.range('x', { page: 20 })).toEqual([]);
    expect(await ranking.rank('x', 'p7')).toBe(7);
    await ranking.add('x', { member: 'p30', score: 30 });
    expect(await ranking.range('x', { reverse: true, limit: 1 })).toEqual(['p30']);
    expect(durable.calls.read).toBe(before);
    await holdfast.close();
  });

  test('is told apart from what differs in one argument, also when it is asked at once', async () => {
    const { ranking, holdfast } = await openRanking();
    await ranking.save({
      id: 'odd',
      players: [
        { member: 'low', score: Number.NEGATIVE_INFINITY },
        { member: '', score: 0 },
        { member: 'Infinity', score: 1 },
        { member: 'high', score: Number.POSITIVE_INFINITY },
      ],
    });
    const infinite = Number.POSITIVE_INFINITY;
    for (const from of [{}, { from: 'durable' }] as const) {
      const answers = await Promise.all([
        ranking.countBetween('odd', -infinite, infinite, from),
        ranking.countBetween('odd', infinite, infinite, from),
        ranking.countBetween('odd', -infinite, -infinite, from),
        ranking.countBetween('odd', 0, infinite, from),
        ranking.countBetween('odd', -0, infinite, from),
        ranking.range('odd', { maxScore: 0, ...from }),
        ranking.range('odd', { maxScore: 0, withScores: true, ...from }),
        ranking.range('odd', { maxScore: 0, withSize: true, ...from }),
        ranking.range('odd', { maxScore: 0, reverse: true, ...from }),
        ranking.range('odd', { maxScore: 0, limit: 1, ...from }),
        ranking.score('odd', 'Infinity', from),
        ranking.score('odd', '', from),
        ranking.rank('odd', '', from),
        ranking.rank('odd', '', { reverse: true, ...from }),
      ]);
      expect(answers).toEqual([
        4,
        1,
        1,
        3,
        3,
        ['low', ''],
        [
          { member: 'low', score: -infinite },
          { member: '', score: 0 },
        ],
        { items: ['low', ''], size: 2 },
        ['', 'low'],
        ['low'],
        1,
        0,
        1,
        2,
      ]);
    }
    await holdfast.close();
  });

  test('is answered from the durable store while the hot tier is away, and changes are made there', async () => {
    const { ranking, hot, holdfast } = await openRanking();
    hot.down();
    expect(await ranking.incrementScore('x', 'p0', 100)).toBe(100);
    expect(await ranking.range('x', { reverse: true, limit: 2 })).toEqual(['p0', 'p29']);
    hot.up();
    expect(await ranking.range('x', { reverse: true, limit: 2 })).toEqual(['p0', 'p29']);
    await holdfast.close();
  });

  test('is answered in process where that has all of it, until it changes', async () => {
    const { kept, hot, holdfast } = await openRanking();
    await kept.add('x', 'a', 'b');
    await kept.find('x');
    const before = hot.calls.read;
    expect(await kept.hasMany('x', ['a', 'c'])).toEqual([true, false]);
    expect(await kept.size('x')).toBe(2);
    expect(hot.calls.read).toBe(before);
    await kept.remove('x', 'a');
    expect(await kept.has('x', 'a')).toBe(false);
    await holdfast.close();
  });
});

describe('the life of a collection', () => {
  test('without a fallback is its ttl from when it was made, whatever is put into it later', async () => {
    const clock = fakeClock(1_700_000_000_000);
    const holdfast = await Holdfast.open({ entities: [Alone], redis: memoryHotStore({ clock }), clock, logger: false });
    const lists = holdfast.repository(Alone);
    await lists.push('x', 'a');
    await clock.advance(1_800_000);
    await lists.push('x', 'b');
    await clock.advance(1_799_999);
    expect(await lists.range('x')).toEqual(['a', 'b']);
    await clock.advance(1);
    expect(await lists.exists('x')).toBe(false);
    await lists.push('x', 'c');
    expect(await lists.range('x')).toEqual(['c']);
    await lists.save({ id: 'x', lines: [] });
    await clock.advance(3_599_999);
    expect(await lists.exists('x')).toBe(true);
    await holdfast.close();
  });

  test('is fallbackTtl where that was given, in every tier', async () => {
    const { ranking, clock, holdfast } = await openRanking();
    await ranking.save({ id: 'short', players: [] }, { fallbackTtl: '1s' });
    await ranking.add('short', { member: 'a', score: 1 });
    expect(await ranking.size('short', { from: 'durable' })).toBe(1);
    await clock.advance(1001);
    expect(await ranking.exists('short')).toBe(false);
    expect(await ranking.exists('short', { from: 'durable' })).toBe(false);
    await ranking.incrementScore('short', 'b', 2);
    expect(await ranking.range('short')).toEqual(['b']);
    await holdfast.close();
  });
});

const broken: Codec<string> = {
  name: 'broken',
  storage: 'text',
  encode: String,
  decode(plain) {
    if (plain === 'bad') throw new Error('must not be bad');
    return plain as string;
  },
};
const BrokenSet = defineEntity({ name: 'b_set', kind: RedisSet(), key: { id: 'string' }, items: { all: broken } });
const BrokenList = defineEntity({ name: 'b_list', kind: RedisList(), key: { id: 'string' }, items: { all: broken } });

test('a member that cannot be read is told by every call that would give it', async () => {
  const holdfast = await Holdfast.open({ entities: [BrokenSet, BrokenList], logger: false });
  const sets = holdfast.repository(BrokenSet);
  const lists = holdfast.repository(BrokenList);
  await sets.add('x', 'bad', 'good');
  await lists.push('x', 'bad', 'bad', 'bad', 'good');
  expect(await sets.has('x', 'bad')).toBe(true);
  expect(await lists.at('x', -1)).toBe('good');
  for (const [name, call] of [
    ['BSet', () => sets.find('x')],
    ['BSet', () => allOf(sets.scan('x'))],
    ['BSet', () => allOf(sets.stream())],
    ['BList', () => lists.find('x')],
    ['BList', () => lists.range('x')],
    ['BList', () => lists.at('x', 0)],
    ['BList', () => lists.shift('x')],
  ] as const) {
    await expect(call()).rejects.toThrow(CorruptEntryError);
    await lists.unshift('x', 'bad');
    await expect(call()).rejects.toThrow(
      `The stored entry x of ${name} cannot be read: the member "bad": must not be bad. Save or delete the entity to replace it.`,
    );
  }
  await holdfast.close();
});

test('after close() every call is refused', async () => {
  const holdfast = await Holdfast.open({
    entities: [Ranking, Alone, Kept],
    fallbacks: { home: memoryDriver() },
    logger: false,
  });
  const [ranking, lists, sets] = [Ranking, Alone, Kept].map((entity) => loosely(holdfast.repository(entity as never)));
  await holdfast.repository(Kept).add('x', 'a', 'b');
  const half = holdfast.repository(Kept).scan('x', { batch: 1 })[Symbol.asyncIterator]();
  await half.next();
  await holdfast.close();
  for (const name of ['add', 'remove', 'incrementScore', 'range', 'score', 'rank', 'size', 'countBetween'])
    await expect(ranking![name]!('x')).rejects.toThrow(ClosedError);
  for (const name of ['push', 'unshift', 'pop', 'shift', 'range', 'at', 'length'])
    await expect(lists![name]!('x')).rejects.toThrow(ClosedError);
  for (const name of ['add', 'has', 'hasMany']) await expect(sets![name]!('x')).rejects.toThrow(ClosedError);
  await expect(allOf(sets!.scan!('x') as never)).rejects.toThrow(ClosedError);
  await expect(half.next()).rejects.toThrow(ClosedError);
});
