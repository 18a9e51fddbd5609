import { strict as assert } from 'node:assert';
import type { SampleMembers } from '../sample-collections.js';
import { collecting, collectingEach, SETS } from './collections.js';

const { POSITIVE_INFINITY: MOST, NEGATIVE_INFINITY: LEAST } = Number;

export const collectionChangeCases = [
  ...collectingEach(
    'members are added to what is there, and those that are new counted',
    async (subject) => {
      const [made] = await subject.done(subject.add('a', ['b', 'd']));
      assert.deepEqual(made!.numbers, [2]);
      const [more] = await subject.done(subject.add('a', ['a', 'b', 'c', 'd']));
      assert.deepEqual(more!.numbers, [2]);
      const [none] = await subject.done(subject.add('a', ['c']));
      assert.deepEqual(none!.numbers, [0]);
      await subject.holds('a', ['a', 'b', 'c', 'd']);
    },
    SETS,
  ),
  collecting('sorted-set', 'a member that is added again takes the new score, and is not new', async (subject) => {
    await subject.done(
      subject.put('a', [
        ['x', 1],
        ['y', 2],
        ['z', 3],
      ]),
    );
    const [answer] = await subject.done(
      subject.add('a', [
        ['z', 0],
        ['w', 1.5],
        ['x', 1],
      ]),
    );
    assert.deepEqual(answer!.numbers, [1]);
    await subject.holds('a', [
      ['z', 0],
      ['x', 1],
      ['w', 1.5],
      ['y', 2],
    ]);
    await subject.done(
      subject.add('a', [
        ['z', MOST],
        ['y', LEAST],
      ]),
    );
    await subject.holds('a', [
      ['y', LEAST],
      ['x', 1],
      ['w', 1.5],
      ['z', MOST],
    ]);
  }),
  ...collectingEach(
    'to add nothing makes an empty one, or leaves what is there',
    async (subject) => {
      const [answer] = await subject.done(subject.add('a', []));
      assert.deepEqual(answer!.numbers, [0]);
      await subject.holds('a', []);
      await subject.done(subject.put('b', ['x']));
      await subject.done(subject.add('b', []));
      await subject.holds('b', ['x']);
      await subject.done(subject.remove('b'));
      await subject.holds('b', ['x']);
      await subject.done(subject.remove('none'));
      await subject.lacks('none');
    },
    SETS,
  ),
  ...collectingEach(
    'members are removed, those that were there counted, each once',
    async (subject) => {
      await subject.done(subject.put('a', ['a', 'b', 'c', 'd']));
      const [some] = await subject.done(subject.remove('a', 'd', 'x', 'b', 'd'));
      assert.deepEqual(some!.numbers, [2]);
      await subject.holds('a', ['a', 'c']);
      const [none] = await subject.done(subject.remove('a', 'b'));
      assert.deepEqual(none!.numbers, [0]);
      const [last] = await subject.done(subject.remove('a', 'a', 'c'));
      assert.deepEqual(last!.numbers, [2]);
      await subject.holds('a', []);
      const [empty] = await subject.done(subject.remove('a', 'a'));
      assert.deepEqual(empty!.numbers, [0]);
      await subject.holds('a', []);
    },
    SETS,
  ),
  ...collectingEach(
    'to remove from an absent one makes nothing',
    async (subject) => {
      const [answer] = await subject.done(subject.remove('a', 'x'));
      assert.deepEqual(answer!.numbers, [0]);
      await subject.lacks('a');
      assert.equal(await subject.driver.count(subject.schema), 0);
    },
    SETS,
  ),
  collecting('sorted-set', 'a score is added to, of a member and a collection that may be absent', async (subject) => {
    const sum = async (text: string, by: number) => {
      const [answer] = await subject.done(subject.increment('a', text, by));
      return answer!.numbers[0];
    };
    assert.equal(await sum('x', 5), 5);
    assert.equal(await sum('y', -2), -2);
    assert.equal(await sum('x', 1.5), 6.5);
    await subject.holds('a', [
      ['y', -2],
      ['x', 6.5],
    ]);
    await subject.done(subject.put('a', []));
    assert.equal(await sum('x', 0.1), 0.1);
    assert.equal(await sum('x', 0.2), 0.1 + 0.2);
    assert.equal(await sum('x', 1 / 3), 0.1 + 0.2 + 1 / 3);
    assert.equal(await sum('x', 2 ** 53), 0.1 + 0.2 + 1 / 3 + 2 ** 53);
    assert.equal(await sum('big', Number.MAX_VALUE), Number.MAX_VALUE);
    assert.equal(await sum('big', Number.MAX_VALUE), MOST);
    assert.equal(await sum('big', -1), MOST);
    await subject.agrees('a');
  }),
  collecting('sorted-set', 'a sum may be infinite, or 0', async (subject) => {
    const sums: readonly (readonly [score: number | undefined, by: number, sum: number])[] = [
      [1, MOST, MOST],
      [1, LEAST, LEAST],
      [undefined, LEAST, LEAST],
      [MOST, MOST, MOST],
      [LEAST, LEAST, LEAST],
      [MOST, 5, MOST],
      [undefined, 0, 0],
      [-0, 0, 0],
      [5, -5, 0],
      [-5, 5, 0],
      [5, 0, 5],
    ];
    for (const [at, [score, by, sum]] of sums.entries()) {
      const id = `at ${at}`;
      if (score !== undefined) await subject.done(subject.put(id, [['m', score]]));
      const [answer] = await subject.done(subject.increment(id, 'm', by));
      assert.ok(answer!.numbers[0] === sum, `${score} and ${by}: ${answer!.numbers[0]}`);
      await subject.holds(id, [['m', sum]]);
    }
  }),
  collecting('sorted-set', 'a sum that is no number is refused, and nothing is written', async (subject) => {
    const members: SampleMembers = [
      ['low', LEAST],
      ['x', 1],
      ['high', MOST],
    ];
    await subject.done(subject.put('a', members));
    await subject.refused('invalid', [subject.increment('a', 'high', LEAST)]);
    await subject.refused('invalid', [subject.increment('a', 'low', MOST)]);
    await subject.holds('a', members);
    await subject.done(subject.increment('a', 'high', 1));
    await subject.done(subject.add('a', [['high', 3]]));
    await subject.done(subject.increment('a', 'high', LEAST));
    await subject.agrees('a');
  }),
  collecting('list', 'items are pushed to either end one after the other, and the length is told', async (subject) => {
    const push = async (end: 'first' | 'last', ...texts: string[]) => {
      const [answer] = await subject.done(subject.push('a', end, texts));
      return answer!.numbers[0];
    };
    assert.equal(await push('last', 'c', 'd'), 2);
    assert.equal(await push('first', 'b', 'a'), 4);
    assert.equal(await push('last', 'a', 'a', ''), 7);
    await subject.holds('a', ['a', 'b', 'c', 'd', 'a', 'a', '']);
    assert.equal(await push('first'), 7);
    await subject.agrees('a');
  }),
  collecting('list', 'to push nothing makes an empty one', async (subject) => {
    const [answer] = await subject.done(subject.push('a', 'last', []));
    assert.deepEqual(answer!.numbers, [0]);
    await subject.holds('a', []);
  }),
  collecting('list', 'items are taken from either end, until there are none', async (subject) => {
    await subject.done(subject.put('a', ['a', 'b', 'b', 'c']));
    const pop = async (end: 'first' | 'last') => {
      const [answer] = await subject.done(subject.pop('a', end));
      return answer!.members.map(({ text }) => text);
    };
    assert.deepEqual(await pop('last'), ['c']);
    assert.deepEqual(await pop('first'), ['a']);
    assert.deepEqual(await pop('last'), ['b']);
    assert.deepEqual(await pop('last'), ['b']);
    await subject.holds('a', []);
    assert.deepEqual(await pop('last'), []);
    assert.deepEqual(await pop('first'), []);
    await subject.holds('a', []);
    await subject.done(subject.push('a', 'first', ['x']));
    await subject.holds('a', ['x']);
  }),
  collecting('list', 'to take of an absent one makes nothing', async (subject) => {
    const [answer] = await subject.done(subject.pop('a', 'last'));
    assert.deepEqual(answer!.members, []);
    await subject.lacks('a');
  }),
  collecting('list', 'hundreds of pushes and pops at both ends keep the order', async (subject) => {
    for (let at = 0; at < 150; at++) {
      await subject.done(subject.push('a', at % 3 === 0 ? 'first' : 'last', [`${at}`, `${at}'`]));
      if (at % 2 === 0) await subject.done(subject.pop('a', at % 4 === 0 ? 'first' : 'last'));
    }
    await subject.agrees('a');
    await (await subject.reopen()).agrees('a');
  }),
  ...collectingEach(
    'an increment and an add of the same member come one after the other',
    async (subject) => {
      await subject.done(subject.add('a', [['m', 3]]));
      await subject.done(subject.increment('a', 'm', 4));
      await subject.done(subject.add('a', [['m', 1]]));
      await subject.done(subject.increment('a', 'm', 4));
      await subject.done(subject.remove('a', 'm'));
      await subject.done(subject.increment('a', 'm', 4));
      await subject.holds('a', [['m', 4]]);
    },
    ['sorted-set'],
  ),
];
