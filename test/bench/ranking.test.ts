import { describe, expect, test } from '@jest/globals';
import { Ranking, rankingsOf } from '../../bench/demo/ranking.js';
import { differs, membersFault } from '../../bench/demo/ranking-questions.js';
import { paris } from './paris.js';

const ranking = (...scores: readonly (readonly [member: number, score: number])[]): Ranking => {
  const made = new Ranking();
  for (const [member, score] of scores) made.set(member, score);
  return made;
};

describe('The ranking that the demo checks sorted sets against', () => {
  test('has the highest score first, and of one score the id whose text comes last', () => {
    const members = ranking([9, 5], [10, 5], [3, 7], [100, 5]).descending.map(({ member }) => member);
    expect(members).toEqual([3, 9, 100, 10]);
  });

  test('follows changes of scores, and members that go', () => {
    const changed = ranking([1, 10], [2, 20], [3, 30]);
    expect(changed.descending[0]).toEqual({ member: 3, score: 30 });
    changed.set(1, 40);
    changed.delete(3);
    expect(changed.descending).toEqual([
      { member: 1, score: 40 },
      { member: 2, score: 20 },
    ]);
    expect(changed.size).toBe(2);
  });

  test('is made for each country', () => {
    const rankings = rankingsOf([paris, { ...paris, cityId: 1, population: 3_000_000 }, { ...paris, country: 'US' }]);
    expect([...rankings].map(([country, { size }]) => [country, size])).toEqual([
      ['FR', 2],
      ['US', 1],
    ]);
    expect(rankings.get('FR')!.descending[0]).toEqual({ member: 1, score: 3_000_000 });
  });
});

describe('The checker of sorted sets', () => {
  const right = [
    { member: 1, score: 20 },
    { member: 2, score: 10 },
  ];

  test('lets the right members pass', () => {
    expect(membersFault(right, [...right])).toBeUndefined();
  });

  test.each([
    ['one that is missing', [right[0]!], 'has 1 members, not 2'],
    ['another order', [right[1]!, right[0]!], 'number 0 is {"member":2,"score":10}, not {"member":1,"score":20}'],
    ['another score', [right[0]!, { member: 2, score: 11 }], 'number 1 is {"member":2,"score":11}'],
    ['an id that is a text', [{ member: '1' as never, score: 20 }, right[1]!], 'number 0 is {"member":"1"'],
  ])('finds %s', (_, got, fault) => {
    expect(membersFault(got, right)).toContain(fault);
  });

  test('finds a number that is another, and nothing in place of a number', () => {
    expect(differs(3, 3)).toBeUndefined();
    expect(differs(3, 4)).toBe('is 3, not 4');
    expect(differs(undefined, 4)).toBe('is undefined, not 4');
    expect(differs(undefined, undefined)).toBeUndefined();
  });
});
