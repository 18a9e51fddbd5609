import { strict as assert } from 'node:assert';
import { membersOf } from '../../core/collection.js';
import { compareText } from '../../core/key-order.js';
import { assertInvalid } from './bench.js';
import { collecting, collectingEach, growing, SCORED, SETS, shrinking } from './collections.js';

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

export const collectionValueCases = [
  ...collectingEach('absent, empty and without its last member are told apart', async (subject) => {
    await subject.lacks('a');
    await subject.done(subject.put('empty', []));
    await subject.holds('empty', []);
    await subject.done(subject.put('was', ['one']), growing(subject, 'made', ['one']));
    await subject.done(shrinking(subject, 'was', 'one'));
    await subject.done(shrinking(subject, 'made', 'one'));
    const check = async (from: typeof subject) => {
      await from.lacks('a');
      for (const id of ['empty', 'was', 'made']) {
        await from.holds(id, []);
        assert.deepEqual(await from.ask(id, { type: 'exists' }), { members: [], numbers: [] });
        assert.deepEqual(await from.numbers(id, { type: 'size' }), [0]);
      }
      assert.equal(await from.driver.count(from.schema), 3);
    };
    await check(subject);
    const again = await subject.reopen();
    await check(again);
    for (const id of ['empty', 'was']) await again.done(again.delete(id));
    await again.done(again.delete('never'));
    await again.lacks('empty');
    await again.lacks('was');
    assert.equal(await again.driver.count(again.schema), 1);
    await again.done(growing(again, 'made', ['two']), growing(again, 'was', ['three']));
    await again.holds('made', ['two']);
    await again.holds('was', ['three']);
    await again.done(shrinking(again, 'made', 'two'), again.delete('made'));
    await again.lacks('made');
  }),
  ...collectingEach('a put replaces all members, one of none leaves it empty', async (subject) => {
    await subject.done(subject.put('a', ['one', 'three', 'two']));
    await subject.holds('a', ['one', 'three', 'two']);
    await subject.done(subject.put('a', ['four', 'two']));
    await subject.holds('a', ['four', 'two']);
    await subject.done(subject.put('a', []));
    await subject.holds('a', []);
    await subject.done(subject.put('a', ['five']));
    await subject.holds('a', ['five']);
    assert.equal(await subject.driver.count(subject.schema), 1);
  }),
  ...collectingEach('a put that expects none is not made over one, be it empty', async (subject) => {
    await subject.done(subject.insert('a', ['one']));
    await subject.refused('exists', [subject.insert('a', ['two'])]);
    await subject.done(subject.insert('empty', []));
    await subject.refused('exists', [subject.insert('empty', ['two'])]);
    await subject.refused('exists', [subject.insert('empty', [])]);
    await subject.done(shrinking(subject, 'a', 'one'));
    await subject.refused('exists', [subject.insert('a', ['two'])]);
    await subject.done(subject.delete('a'));
    await subject.done(subject.insert('a', ['two']));
    await subject.holds('a', ['two']);
    await subject.holds('empty', []);
  }),
  ...collectingEach('patches and changes are made where it is there, and answer with what it is', async (subject) => {
    await subject.refused('missing', [subject.patch('a', ['x'])]);
    await subject.refused('missing', [subject.modify('a', () => assert.fail('must not be called'))]);
    await subject.lacks('a');
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.patch('a', ['two', 'zwei']));
    await subject.holds('a', ['two', 'zwei']);
    const seen: string[][] = [];
    await subject.done(
      subject.modify('a', (members) => {
        seen.push([...members.ordered].map(({ text }) => text));
        return subject.members(['three', ...[...members.ordered].map(({ text }) => text)]);
      }),
    );
    for (const texts of seen) assert.deepEqual(texts, ['two', 'zwei']);
    await subject.holds('a', ['three', 'two', 'zwei']);
    await subject.done(subject.patch('a', []));
    await subject.holds('a', []);
    await subject.done(subject.modify('a', () => subject.members(['four'])));
    await subject.holds('a', ['four']);
    await subject.done(subject.modify('a', (members) => members));
    await subject.holds('a', ['four']);
    const thrown = new Error('no');
    const throwing = subject.modify('a', () => {
      throw thrown;
    });
    await assert.rejects(subject.write(throwing), (error) => error === thrown);
    await subject.holds('a', ['four']);
    await subject.done(subject.modify('a', () => subject.members([])));
    await subject.holds('a', []);
  }),
  ...collectingEach('a delete tells whether there was one, and leaves nothing', async (subject) => {
    await subject.done(subject.delete('a'));
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.put('b', ['one']));
    await subject.done(subject.delete('a'));
    await subject.lacks('a');
    await subject.holds('b', ['one']);
    await subject.done(growing(subject, 'a', ['two']));
    await subject.holds('a', ['two']);
  }),
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
    '-0 is a score of its own, in the place of 0',
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
    SCORED,
  ),
  ...collectingEach('what looks like a part of another key, or of another member, is not', async (subject) => {
    const ids = ['a', 'a~', 'a:', 'a:b', 'aa', '', 'a%', 'A'];
    for (const [at, id] of ids.entries()) await subject.done(subject.put(id, [`only ${at}`, 'shared']));
    await subject.done(shrinking(subject, 'a', 'shared'), growing(subject, 'a:b', ['~', 'a']), subject.put('a~', []));
    for (const id of ids) await subject.agrees(id);
    await subject.done(subject.delete('a'));
    for (const id of ids) await subject.agrees(id);
    assert.equal(await subject.driver.count(subject.schema), ids.length - 1);
  }),
  ...collectingEach(
    'a scan gives each collection once, with and without members, in the order of the keys',
    async (subject) => {
      const ids = Array.from({ length: 60 }, (_, at) => `k${String(at).padStart(3, '0')}`);
      for (const [at, id] of ids.entries()) {
        if (at % 3 === 0) await subject.done(subject.put(id, []));
        else
          await subject.done(
            growing(
              subject,
              id,
              Array.from({ length: at }, (_, n) => `m${n}`),
            ),
          );
        if (at % 3 === 1) for (let n = at - 1; n >= 0; n--) await subject.done(shrinking(subject, id, `m${n}`));
      }
      const seen: [string, number][] = [];
      for await (const { key, entry } of subject.driver.scan(subject.schema)) {
        seen.push([key.id, membersOf(entry.value).size]);
        const [found] = await subject.driver.read(subject.schema, [key], undefined);
        assert.ok(subject.schema.kind.same(found!.value, entry.value));
      }
      assert.deepEqual(
        seen,
        ids.map((id, at) => [id, at % 3 === 2 ? at : 0]),
      );
      assert.equal(await subject.driver.count(subject.schema), ids.length);
    },
  ),
  ...collectingEach('several are read at once, in the order of the keys that were asked for', async (subject) => {
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.put('b', []));
    await subject.done(subject.put('c', ['one', 'three', 'two']));
    const keys = ['c', 'none', 'b', 'a', 'c'].map((id) => subject.change(id, { type: 'delete' }).key);
    const found = await subject.driver.read(subject.schema, keys, undefined);
    const sizes = found.map((entry) => entry && membersOf(entry.value).size);
    assert.deepEqual(sizes, [3, null, 0, 1, 3]);
    const answers = await subject.driver.read(subject.schema, keys, { id: 'size', type: 'size' });
    assert.deepEqual(
      answers.map((entry) => entry && (entry.value as { numbers: unknown }).numbers),
      [[3], null, [0], [1], [3]],
    );
    assert.deepEqual(await subject.driver.read(subject.schema, [], undefined), []);
  }),
  collecting('sorted-set', 'one of 20,000 members is put, read and deleted whole', async (subject) => {
    const members = Array.from({ length: 20_000 }, (_, at) => [`member ${at}`, at / 3] as const);
    await subject.done(subject.put('a', members));
    await subject.holds('a', members);
    await subject.done(subject.remove('a', ...members.slice(10, 19_000).map(([text]) => text)));
    await subject.holds('a', [...members.slice(0, 10), ...members.slice(19_000)]);
    await subject.done(subject.add('a', members));
    await subject.holds('a', members);
    await subject.done(subject.delete('a'));
    await subject.lacks('a');
  }),
];
