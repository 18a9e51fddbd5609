import { expect, test } from '@jest/globals';
import { ValidationError } from '../../src/index.js';
import { loosely } from './collection-stores.js';

const key = { user: 'a:{b}', list: 1 };

/** Calls of a playlist that no store is to see. */
export function sortedSetRefusals(mine: () => { exists(of: typeof key, options: object): Promise<boolean> }): void {
  test.each<[string, unknown[], string]>([
    [
      'range',
      [key, { page: 1, limit: 5 }],
      'range() of Playlist: it was given both a page and an offset or a limit. Give { page, pageSize }, or { offset, limit }.',
    ],
    [
      'range',
      [key, { page: 0 }],
      'range() of Playlist: page must be a whole number of 1 or more, got the number 0. Give another value.',
    ],
    [
      'range',
      [key, { page: 1.5 }],
      'range() of Playlist: page must be a whole number of 1 or more, got the number 1.5. Give another value.',
    ],
    [
      'range',
      [key, { page: 2, pageSize: Number.MAX_SAFE_INTEGER }],
      'range() of Playlist: there can be no page 2. Give a smaller one.',
    ],
    [
      'range',
      [key, { pageSize: 0 }],
      'range() of Playlist: pageSize must be a whole number of 1 or more, got the number 0. Give another value.',
    ],
    [
      'range',
      [key, { offset: -1 }],
      'range() of Playlist: offset must be a whole number of 0 or more, got the number -1. Give another value.',
    ],
    [
      'range',
      [key, { limit: '5' }],
      'range() of Playlist: limit must be a whole number of 0 or more, got a string. Give another value.',
    ],
    [
      'range',
      [key, { minScore: Number.NaN }],
      'range() of Playlist: minScore must be a finite or infinite number, got NaN. Give another value.',
    ],
    [
      'range',
      [key, { maxScore: '5' }],
      'range() of Playlist: maxScore must be a finite or infinite number, got a string. Give another value.',
    ],
    [
      'range',
      [key, { reverse: 1 }],
      'range() of Playlist: reverse must be true or false, got the number 1. Give one, or leave it out.',
    ],
    [
      'range',
      [key, { revers: true }],
      'range() of Playlist has no option "revers". It has: from, reverse, offset, limit, page, pageSize, minScore, maxScore, withScores, withSize.',
    ],
    [
      'range',
      [key, 5],
      'range() of Playlist takes an object of options, got the number 5. It has: from, reverse, offset, limit, page, pageSize, minScore, maxScore, withScores, withSize.',
    ],
    ['range', [key, { from: 'hot' }], 'The option from cannot be "hot". Give \'durable\', or leave it out.'],
    ['range', ['x'], 'The key given for Playlist is a string. A key is { user, list }.'],
    ['size', [key, { fields: [] }], 'size() of Playlist has no option "fields". It has: from.'],
    ['score', [key, null], 'score() of Playlist: member must be of type string, got null. Give another value.'],
    ['rank', [key, 5], 'rank() of Playlist: member must be a string, got the number 5. Give another value.'],
    ['rank', [key], 'rank() of Playlist: member must be of type string, got undefined. Give another value.'],
    [
      'countBetween',
      [key, 1],
      'countBetween() of Playlist: max must be a finite or infinite number, got undefined. Give another value.',
    ],
    [
      'add',
      [key, { member: 'a', score: 1 }, { member: 'b', score: Number.NaN }],
      'add() of Playlist: members[1].score must be a finite or infinite number, got NaN. Give another value.',
    ],
    [
      'add',
      [key, [{ member: 'a', score: 1 }]],
      'add() of Playlist: members[0] must be a member and its score, as in { member, score }, got an array. Give another value.',
    ],
    [
      'add',
      [key, { member: 'a', score: 1, more: 1 }],
      'add() of Playlist: members[0].more is not known (there are: member, score). Give another value.',
    ],
    ['add', ['x'], 'The key given for Playlist is a string. A key is { user, list }.'],
    [
      'remove',
      [key, 'a', null],
      'remove() of Playlist: members[1] must be of type string, got null. Give another value.',
    ],
    [
      'incrementScore',
      [key, 'a', Number.NaN],
      'incrementScore() of Playlist: by must be a finite or infinite number, got NaN. Give another value.',
    ],
    [
      'incrementScore',
      [key, '\ud800'],
      'incrementScore() of Playlist: member holds a lone surrogate, which no store can keep; replace it (String.prototype.toWellFormed) or use type bytes. Give another value.',
    ],
    ['save', [key], 'Playlist.tracks is missing, which every Playlist has. Give it a value.'],
    [
      'save',
      [{ ...key, tracks: [{ member: 'a', score: '1' }] }],
      'Playlist.tracks[0].score must be a finite or infinite number, got a string. Give another value.',
    ],
    ['find', [key, { fields: ['tracks'] }], 'A read of Playlist has no option "fields". It has: from.'],
  ])('a bad call of %s is refused, and nothing is written (%#)', async (name, args, message) => {
    await expect(loosely(mine())[name]!(...args)).rejects.toThrow(new ValidationError(message));
    expect(await mine().exists(key, { from: 'durable' })).toBe(false);
  });
}
