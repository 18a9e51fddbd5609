import { strict as assert } from 'node:assert';
import { collecting, collectingEach, SETS } from './collections.js';

const times = <T>(count: number, call: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => call(at));
const name = (at: number) => `m${String(at).padStart(3, '0')}`;

export const collectionConcurrencyCases = [
  ...collectingEach(
    '40 adders of it at once, who also make it, lose nothing',
    async (subject) => {
      const outcomes = await subject.blindly(
        'a',
        times(40, name),
        ...times(40, (at) => subject.add('a', [name(at), name((at + 1) % 40)])),
      );
      const counted = outcomes.reduce((sum, { answer }) => sum + answer!.numbers[0]!, 0);
      assert.equal(counted, 40, 'each is new once');
      assert.equal(outcomes.filter(({ existed }) => !existed).length, 1, 'one has made it');
    },
    SETS,
  ),
  ...collectingEach(
    'adders and removers of it at once end with the exact members',
    async (subject) => {
      await subject.done(subject.put('a', times(30, name)));
      const left = times(40, (at) => name(at + 20)).filter((_, at) => at >= 10);
      const outcomes = await subject.blindly(
        'a',
        left,
        ...times(30, (at) => subject.remove('a', name(at))),
        ...times(30, (at) => subject.add('a', [name(at + 30)])),
      );
      for (const { answer } of outcomes) assert.deepEqual(answer!.numbers, [1]);
    },
    SETS,
  ),
  ...collectingEach(
    'removers of the same members at once remove each once, and it stays when all are gone',
    async (subject) => {
      await subject.done(subject.put('a', times(20, name)));
      const outcomes = await subject.blindly(
        'a',
        [],
        ...times(40, (at) => subject.remove('a', name(at % 20), name((at + 7) % 20))),
      );
      const removed = outcomes.flatMap(({ delta }) => (delta!.type === 'members' ? delta!.remove : []));
      assert.deepEqual(removed.sort(), times(20, name));
      assert.equal(
        outcomes.reduce((sum, { answer }) => sum + answer!.numbers[0]!, 0),
        20,
      );
    },
    SETS,
  ),
  collecting(
    'sorted-set',
    '40 increments of one score at once end with the sum, each told one of its own',
    async (subject) => {
      const outcomes = await subject.blindly('a', [['m', 40]], ...times(40, () => subject.increment('a', 'm', 1)));
      const sums = outcomes.map(({ answer }) => answer!.numbers[0]!);
      assert.deepEqual(
        sums.sort((a, b) => a - b),
        times(40, (at) => at + 1),
      );
    },
  ),
  collecting(
    'sorted-set',
    'adders over its limit at once leave the highest',
    async (subject) => {
      const highest = times(5, (at) => [name(at + 35), at + 35] as const);
      await subject.blindly('a', highest, ...times(40, (at) => subject.add('a', [[name(at), at]])));
    },
    { limit: 5 },
  ),
  collecting('list', 'pushers and poppers of it at once neither lose nor double an item', async (subject) => {
    const pushes = await Promise.all(
      times(30, (at) => subject.write(subject.push('a', at % 2 ? 'first' : 'last', [name(at)]))),
    );
    assert.ok(pushes.every(({ done }) => done));
    const lengths = pushes.map((result) => (result.done ? result.outcomes[0]!.answer!.numbers[0]! : 0));
    assert.deepEqual(
      lengths.sort((a, b) => a - b),
      times(30, (at) => at + 1),
    );
    const pops = await Promise.all(times(40, (at) => subject.write(subject.pop('a', at % 3 ? 'first' : 'last'))));
    const taken = pops.flatMap((result) =>
      result.done ? result.outcomes[0]!.answer!.members.map(({ text }) => text) : [],
    );
    assert.deepEqual(taken.sort(), times(30, name));
    await subject.blindly('a', []);
  }),
  ...collectingEach('of inserts at once one is made', async (subject) => {
    const results = await Promise.all(times(10, (at) => subject.write(subject.insert('a', [name(at)]))));
    const made = results.findIndex(({ done }) => done);
    assert.equal(results.filter(({ done }) => done).length, 1);
    await subject.blindly('a', [name(made)]);
  }),
  ...collectingEach(
    'changes of the whole at once, and of members, lose nothing',
    async (subject) => {
      await subject.done(subject.put('a', []));
      const grow = (at: number) =>
        subject.modify('a', (members) => subject.members([...[...members.ordered].map(({ text }) => text), name(at)]));
      await subject.blindly(
        'a',
        times(30, name),
        ...times(15, (at) => grow(at)),
        ...times(15, (at) => subject.add('a', [name(at + 15)])),
      );
    },
    SETS,
  ),
  ...collectingEach('those who read while it is replaced see it whole', async (subject) => {
    const even = times(200, (at) => name(at * 2));
    const odd = times(200, (at) => name(at * 2 + 1));
    await subject.done(subject.put('a', even));
    const writing = (async () => {
      for (let at = 0; at < 10; at++) await subject.write(subject.put('a', at % 2 ? even : odd));
    })();
    const reading = times(10, async () => {
      const [entry] = await subject.driver.read(subject.schema, [subject.delete('a').key], undefined);
      const texts = [...(entry!.value as readonly [{ ordered: Iterable<{ text: string }> }])[0].ordered].map(
        ({ text }) => text,
      );
      assert.ok([even, odd].some((all) => all.length === texts.length && all.every((text, at) => text === texts[at])));
    });
    await Promise.all([writing, ...reading]);
    await subject.blindly('a', even);
  }),
];
