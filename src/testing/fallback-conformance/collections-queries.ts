import { strict as assert } from 'node:assert';
import type { Answer, CollectionQuestion } from '../../core/collection.js';
import type { SampleMembers } from '../sample-collections.js';
import { collecting, collectingEach, SCORED, SETS } from './collections.js';
import type { Collections } from './collections-bench.js';

const { POSITIVE_INFINITY: MOST, NEGATIVE_INFINITY: LEAST } = Number;

const scored: SampleMembers = [
  ['low', LEAST],
  ['d', -2.5],
  ['a', 1],
  ['c', 1],
  ['é', 1],
  ['\uff5e', 1],
  ['😀', 1],
  ['b', 2],
  ['x', 1e6],
  ['top', MOST],
];
const texts = scored.map((one) => one[0]!);

const slice = (more: Partial<Extract<CollectionQuestion, { type: 'slice' }>> = {}): CollectionQuestion => ({
  type: 'slice',
  min: LEAST,
  max: MOST,
  offset: 0,
  limit: undefined,
  reverse: false,
  size: false,
  ...more,
});

const BOUNDS: readonly (readonly [min: number, max: number])[] = [
  [LEAST, MOST],
  [LEAST, LEAST],
  [MOST, MOST],
  [LEAST, 1],
  [1, 1],
  [1, 2],
  [1.000_000_1, 1.999_999_9],
  [2, 1],
  [MOST, LEAST],
  [-2.5, -2.5],
  [3, MOST],
  [-Number.MAX_VALUE, Number.MAX_VALUE],
  [-0, 0],
  [0, -0],
];

/** Goes through a collection, and gives all members in the order in which they came. */
async function through(subject: Collections, id: string, limit: number): Promise<readonly string[]> {
  const seen: string[] = [];
  let after = '';
  for (let page = 0; page < 10_000; page++) {
    const answer: Answer = (await subject.ask(id, { type: 'scan', after, limit }))!;
    seen.push(...answer.members.map(({ text }) => text));
    if (answer.next === undefined) return seen;
    assert.notEqual(answer.next, '', 'what to go on after');
    after = answer.next;
  }
  assert.fail('the scan has no end');
}

export const collectionQueryCases = [
  ...collectingEach(
    'no query finds anything in an absent one, and each answers of an empty one',
    async (subject, structure) => {
      const all: CollectionQuestion[] = [{ type: 'exists' }, { type: 'size' }, { type: 'scan', after: '', limit: 10 }];
      if (structure === 'list') all.push({ type: 'between', start: 0, stop: -1 });
      else all.push({ type: 'scores', texts: ['a', 'b'] });
      if (structure === 'sorted-set')
        all.push(
          { type: 'count', min: LEAST, max: MOST },
          { type: 'rank', text: 'a', reverse: false },
          slice({ size: true }),
          slice({ min: 1, limit: 0, size: true }),
          slice({ max: 1, offset: 5, limit: 5, reverse: true }),
        );
      await subject.done(subject.put('empty', []));
      for (const question of all) {
        assert.equal(await subject.ask('none', question), null);
        const answer = await subject.ask('empty', question);
        assert.deepEqual(answer!.members, []);
        if (question.type === 'scan') assert.equal(answer!.next, undefined);
      }
    },
  ),
  ...collectingEach('its size is told', async (subject) => {
    await subject.done(subject.put('a', ['a', 'b', 'c']));
    assert.deepEqual(await subject.numbers('a', { type: 'size' }), [3]);
    assert.deepEqual(await subject.ask('a', { type: 'exists' }), { members: [], numbers: [] });
  }),
  ...collectingEach(
    'it is told of each text whether it is a member',
    async (subject) => {
      await subject.done(subject.put('a', ['', 'a', 'b']));
      const asked = ['b', 'B', '', 'b', 'c', 'a '];
      assert.deepEqual(await subject.numbers('a', { type: 'scores', texts: asked }), [
        0,
        undefined,
        0,
        0,
        undefined,
        undefined,
      ]);
      assert.deepEqual(await subject.numbers('a', { type: 'scores', texts: [] }), []);
      const many = Array.from({ length: 9000 }, (_, at) => (at === 8999 ? 'a' : `none ${at}`));
      const found = await subject.numbers('a', { type: 'scores', texts: many });
      assert.deepEqual(
        found.filter((score) => score !== undefined),
        [0],
      );
      assert.equal(found.length, many.length);
      assert.equal(found[8999], 0);
    },
    SETS,
  ),
  ...collectingEach(
    'scores from one to another are counted, both included',
    async (subject) => {
      await subject.done(subject.put('a', scored));
      for (const [min, max] of BOUNDS) await subject.ask('a', { type: 'count', min, max });
      assert.deepEqual(await subject.numbers('a', { type: 'count', min: 1, max: 2 }), [6]);
      assert.deepEqual(await subject.numbers('a', { type: 'count', min: LEAST, max: MOST }), [10]);
      assert.deepEqual(await subject.numbers('a', { type: 'count', min: 2, max: 1 }), [0]);
      assert.deepEqual(
        await subject.numbers('a', { type: 'count', min: -Number.MAX_VALUE, max: Number.MAX_VALUE }),
        [8],
      );
    },
    ['sorted-set'],
  ),
  ...collectingEach(
    'a rank counts those before, from either end',
    async (subject) => {
      await subject.done(subject.put('a', scored));
      for (const [at, text] of texts.entries()) {
        assert.deepEqual(await subject.numbers('a', { type: 'rank', text, reverse: false }), [at]);
        assert.deepEqual(await subject.numbers('a', { type: 'rank', text, reverse: true }), [texts.length - 1 - at]);
      }
      assert.deepEqual(await subject.numbers('a', { type: 'rank', text: 'none', reverse: false }), [undefined]);
      assert.deepEqual(await subject.numbers('a', { type: 'rank', text: 'none', reverse: true }), [undefined]);
    },
    ['sorted-set'],
  ),
  ...collectingEach(
    'pages go from either end, and beyond the end are empty',
    async (subject) => {
      await subject.done(subject.put('a', scored));
      assert.deepEqual(await subject.texts('a', slice()), texts);
      assert.deepEqual(await subject.texts('a', slice({ reverse: true })), [...texts].reverse());
      assert.deepEqual(await subject.texts('a', slice({ offset: 2, limit: 3 })), texts.slice(2, 5));
      assert.deepEqual(
        await subject.texts('a', slice({ offset: 2, limit: 3, reverse: true })),
        [...texts].reverse().slice(2, 5),
      );
      for (const reverse of [false, true])
        for (const [offset, limit] of [
          [0, 0],
          [0, 1],
          [9, 1],
          [9, 5],
          [10, 5],
          [11, undefined],
          [8, undefined],
          [1e6, 1e6],
          [0, 1e9],
        ] as const)
          for (const size of [false, true]) {
            const answer = await subject.ask('a', slice({ offset, limit, reverse, size }));
            assert.deepEqual(answer!.numbers, size ? [10] : []);
          }
    },
    ['sorted-set'],
  ),
  ...collectingEach(
    'pages are of those between two scores, both included',
    async (subject) => {
      await subject.done(subject.put('a', scored));
      assert.deepEqual(await subject.texts('a', slice({ min: 1, max: 1, offset: 1, limit: 3 })), texts.slice(3, 6));
      for (const [min, max] of BOUNDS)
        for (const reverse of [false, true])
          for (const [offset, limit] of [
            [0, undefined],
            [0, 2],
            [1, 3],
            [4, undefined],
            [50, 10],
            [0, 0],
          ] as const)
            await subject.ask('a', slice({ min, max, offset, limit, reverse, size: limit !== 2 }));
    },
    ['sorted-set'],
  ),
  collecting('list', 'items are asked for by index, from the end where below 0', async (subject) => {
    const items = ['a', 'b', 'a', '', 'c'];
    await subject.done(subject.put('a', items));
    await subject.each(subject.push('a', 'first', ['z']), subject.pop('a', 'last'));
    const all = ['z', 'a', 'b', 'a', ''];
    const between = (start: number, stop: number) => subject.texts('a', { type: 'between', start, stop });
    assert.deepEqual(await between(0, -1), all);
    assert.deepEqual(await between(1, 2), ['a', 'b']);
    assert.deepEqual(await between(-2, -1), ['a', '']);
    assert.deepEqual(await between(-100, 1), ['z', 'a']);
    assert.deepEqual(await between(3, 100), ['a', '']);
    for (let start = -7; start <= 7; start++) for (let stop = -7; stop <= 7; stop++) await between(start, stop);
  }),
  ...collectingEach('who goes through 5,000 members meets each', async (subject, structure) => {
    const members = Array.from({ length: 5000 }, (_, at) => `m${String((at * 7) % 5000).padStart(4, '0')}`);
    const given: SampleMembers =
      structure === 'sorted-set' || structure === 'geo-set' ? members.map((text, at) => [text, at % 100]) : members;
    await subject.done(subject.put('a', given));
    for (const limit of [100, 999, 5000, 10_000]) {
      const seen = await through(subject, 'a', limit);
      if (structure === 'list') assert.deepEqual(seen, members);
      else assert.deepEqual([...new Set(seen)].sort(), [...members].sort());
    }
  }),
  ...collectingEach(
    'who goes through meets those that are there throughout, whatever comes and goes',
    async (subject) => {
      const kept = Array.from({ length: 600 }, (_, at) => `kept ${String(at).padStart(3, '0')}`);
      const others = Array.from({ length: 100 }, (_, at) => `other ${at}`);
      await subject.done(subject.put('a', [...kept, ...others]));
      const seen = new Set<string>();
      let after: string | undefined = '';
      for (let page = 0; after !== undefined; page++) {
        const answer: Answer = (await subject.ask('a', { type: 'scan', after, limit: 50 }))!;
        for (const { text } of answer.members) seen.add(text);
        await subject.done(subject.remove('a', ...others.splice(0, 10)));
        await subject.done(subject.add('a', [`new ${page}`, `a new ${page}`]));
        after = answer.next;
      }
      for (const text of kept) assert.ok(seen.has(text), `${text} was met`);
    },
    SETS,
  ),
  ...collectingEach(
    'what its scan gives has the scores',
    async (subject) => {
      const members: SampleMembers = [
        ['', 1],
        ['a', 3],
        ['b', 7],
      ];
      await subject.done(subject.put('a', members));
      const { members: found } = (await subject.ask('a', { type: 'scan', after: '', limit: 10 }))!;
      const sorted = [...found].sort((a, b) => a.score - b.score);
      assert.deepEqual(
        sorted.map(({ text, score }) => [text, score]),
        members,
      );
    },
    SCORED,
  ),
];
