import { strict as assert } from 'node:assert';
import { compareText } from '../../core/key-order.js';
import { assertInvalid } from './bench.js';
import { collectingEach, growing, SETS, shrinking } from './collections.js';

const _times = <T>(count: number, call: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => call(at));

/** Members that stores mistake for each other, or for something else, in the order of their bytes. */
export const ODD_MEMBERS: readonly string[] = [
  '',
  ' ',
  '  ',
  '"',
  '%',
  "'; --",
  '*',
  '0',
  '1',
  '1.0',
  '[1]',
  '\\',
  'A',
  'COUNT',
  'WITHSCORES',
  '__proto__',
  'a',
  'a ',
  'a:b',
  'e\u0301',
  'null',
  'x'.repeat(200),
  '{a}',
  '~',
  'ß',
  'é',
  '漢字',
  '\ue000',
  '\uff5e',
  '😀',
  '👩‍👩‍👧',
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Scores that are hard to keep, in their order. */
export const ODD_SCORES: readonly number[] = [
  Number.NEGATIVE_INFINITY,
  -Number.MAX_VALUE,
  -(2 ** 63),
  -12_345.678_901_234_567,
  -1e-7,
  -Number.MIN_VALUE,
  Number.MIN_VALUE,
  1e-300,
  0.1,
  0.1 + 0.2,
  1 / 3,
  123_456_789.123_456_79,
  2 ** 53 - 1,
  2 ** 53 + 2,
  1e21,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
];

export const collectionMemberCases = [
  ...collectingEach(
    'members can be any text, and come back in the order of their bytes',
    async (subject, structure) => {
      await subject.done(subject.put('put', [...ODD_MEMBERS].reverse()));
      await subject.done(growing(subject, 'grown', [...ODD_MEMBERS].reverse()));
      const expected = structure === 'list' ? [...ODD_MEMBERS].reverse() : ODD_MEMBERS;
      const check = async (from: typeof subject) => {
        for (const id of ['put', 'grown']) await from.holds(id, expected);
      };
      await check(subject);
      await check(await subject.reopen());
    },
  ),
  ...collectingEach(
    'each of odd members is found, changed and removed by itself',
    async (subject, structure) => {
      assert.deepEqual([...ODD_MEMBERS].sort(compareText), ODD_MEMBERS);
      const all = new Set(ODD_MEMBERS);
      await subject.done(subject.put('a', ODD_MEMBERS));
      for (const text of ODD_MEMBERS) {
        const score = structure === 'set' ? 0 : 7;
        await subject.done(subject.add('a', [[text, score]]));
        assert.deepEqual(await subject.numbers('a', { type: 'scores', texts: [text, `${text}!`] }), [score, undefined]);
        await subject.done(subject.remove('a', `${text}!`, text));
        all.delete(text);
        await subject.agrees('a');
      }
      await subject.holds('a', []);
    },
    SETS,
  ),
  ...collectingEach('a member may have the character U+0000 where the store can keep it', async (subject) => {
    const texts = ['\0', '\0\0', 'a\0b', '\0a'];
    if (!subject.driver.capabilities.nul) {
      for (const text of texts) {
        await assertInvalid(subject.write(subject.put('a', ['b', text])), 'a put of a member with U+0000');
        await assertInvalid(subject.write(growing(subject, 'a', [text])), 'a new member with U+0000');
      }
      return subject.lacks('a');
    }
    await subject.done(subject.put('a', texts));
    await subject.done(growing(subject, 'b', texts));
    await subject.agrees('a');
    await subject.agrees('b');
    await subject.done(shrinking(subject, 'b', '\0a'));
    await subject.agrees('b');
  }),
  ...collectingEach(
    'scores are kept to the last bit',
    async (subject) => {
      const members = ODD_SCORES.map((score, at) => [`m${String(99 - at)}`, score] as const);
      await subject.done(subject.put('put', [...members].reverse()));
      await subject.done(subject.add('added', [...members].reverse()));
      const check = async (from: typeof subject) => {
        for (const id of ['put', 'added']) {
          await from.holds(id, members);
          const texts = members.map(([text]) => text);
          assert.deepEqual(await from.numbers(id, { type: 'scores', texts }), ODD_SCORES);
        }
      };
      await check(subject);
      await check(await subject.reopen());
    },
    ['sorted-set'],
  ),
  ...collectingEach(
    '-0 is in the place of 0, and comes back as it was given',
    async (subject) => {
      const members = [
        ['a', 0],
        ['b', -0],
        ['c', 0],
        ['d', -0],
      ] as const;
      await subject.done(subject.put('put', members));
      await subject.done(subject.add('added', members));
      for (const id of ['put', 'added']) {
        await subject.holds(id, members);
        await subject.done(
          subject.add(id, [
            ['a', -0],
            ['b', 0],
            ['c', 0],
            ['d', -0],
          ]),
        );
        await subject.holds(id, [
          ['a', -0],
          ['b', 0],
          ['c', 0],
          ['d', -0],
        ]);
        for (const [min, max] of [
          [0, 0],
          [-0, -0],
          [-0, 0],
          [0, -0],
        ] as const)
          assert.deepEqual(await subject.numbers(id, { type: 'count', min, max }), [4]);
      }
      const again = await subject.reopen();
      await again.holds('added', [
        ['a', -0],
        ['b', 0],
        ['c', 0],
        ['d', -0],
      ]);
    },
    ['sorted-set'],
  ),
  ...collectingEach(
    'geohashes of 52 bits are kept',
    async (subject) => {
      const members = [
        ['low', 0],
        ['one', 1],
        ['mid', 2 ** 51 + 1],
        ['high', 2 ** 52 - 1],
      ] as const;
      await subject.done(subject.put('a', members));
      await subject.done(subject.add('b', members));
      for (const id of ['a', 'b']) await subject.holds(id, members);
    },
    ['geo-set'],
  ),
  ...collectingEach(
    'members of one score are in the order of their UTF-8 bytes',
    async (subject) => {
      const texts = ['B', 'a', 'ab', 'é', '\ud7ff', '\ue000', '\uff5e', '\u{10000}', '😀'];
      const members = [...texts.map((text) => [text, 5] as const)].reverse();
      await subject.done(subject.put('a', [...members, ['first', 4], ['last', 6]]));
      await subject.holds('a', [['first', 4], ...texts.map((text) => [text, 5] as const), ['last', 6]]);
      const asked = { type: 'slice', min: 5, max: 5, offset: 3, limit: 4, size: true } as const;
      assert.deepEqual(await subject.texts('a', { ...asked, reverse: false }), texts.slice(3, 7));
      assert.deepEqual(await subject.texts('a', { ...asked, reverse: true }), [...texts].reverse().slice(3, 7));
      for (const [at, text] of texts.entries())
        assert.deepEqual(await subject.numbers('a', { type: 'rank', text, reverse: false }), [at + 1]);
    },
    ['sorted-set'],
  ),
];
