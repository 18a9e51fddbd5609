import { strict as assert } from 'node:assert';
import type { KeyedChange } from '../../core/fallback-driver.js';
import { sampleCollection } from '../sample-collections.js';
import { sampleKey, sampleRow, sampleSchema } from '../sample-schema.js';
import { assertInvalid, testing } from './bench.js';
import { collecting, collectingEach, growing, sampleOf, shrinking } from './collections.js';
import { Collections } from './collections-bench.js';

const people = sampleSchema({ name: 'person', fields: { name: 'string', count: 'integer' }, version: 'version' });
const person = (id: string, change: object): KeyedChange => ({
  schema: people,
  key: sampleKey(id),
  change: change as KeyedChange['change'],
});
const row = (name: string) => sampleRow(people, { name, count: 1, version: 1 });

/** Insists that a write of several changes is all or none; or, from a driver without transactions, that it is refused. */
async function together(
  subject: Collections,
  changes: readonly KeyedChange[],
  withTransactions: () => Promise<void>,
): Promise<void> {
  if (subject.driver.capabilities.transactions) return withTransactions();
  await assertInvalid(subject.write(...changes), 'a write of several changes to a store without transactions');
  for (const { schema, key } of changes) if (schema.kind.structure) await subject.of(schema).agrees(key.id);
}

const count = async (subject: Collections, id: string) => {
  const [entry] = await subject.driver.read(people, [sampleKey(id)], undefined);
  return (entry?.value as readonly unknown[] | undefined)?.[1];
};

export const collectionBatchCases = [
  ...collectingEach(
    'several changes of one are made together, each seeing those before it',
    async (subject, structure) => {
      await subject.done(subject.put('old', ['x', 'y']));
      const changes = [
        growing(subject, 'a', ['a', 'b']),
        growing(subject, 'old', ['z']),
        growing(subject, 'a', ['b', 'c']),
        shrinking(subject, 'a', 'c'),
        shrinking(subject, 'old', 'z'),
        subject.put('b', ['p']),
        shrinking(subject, 'b', 'p'),
        subject.delete('old'),
        growing(subject, 'old', ['anew']),
        growing(subject, 'gone', ['x']),
        subject.delete('gone'),
        shrinking(subject, 'never', 'x'),
      ];
      await together(subject, changes, async () => {
        await subject.done(...changes);
        await subject.holds('a', structure === 'list' ? ['a', 'b', 'b'] : ['a', 'b']);
        await subject.holds('b', []);
        await subject.holds('old', ['anew']);
        await subject.lacks('gone');
        await subject.lacks('never');
      });
    },
  ),
  ...collectingEach('patches, changes of the whole and of members can be in one write', async (subject) => {
    await subject.done(subject.put('a', ['x']));
    const changes = [
      growing(subject, 'a', ['y']),
      subject.modify('a', (members) => subject.members([...[...members.ordered].map(({ text }) => text), 'z'])),
      shrinking(subject, 'a', 'z'),
      subject.insert('b', ['b']),
      subject.patch('b', ['c', 'd']),
      growing(subject, 'b', ['e']),
      growing(subject, 'c', ['f']),
    ];
    await together(subject, changes, async () => {
      await subject.done(...changes);
      await subject.holds('a', ['x', 'y']);
      await subject.holds('b', ['c', 'd', 'e']);
      await subject.holds('c', ['f']);
    });
  }),
  ...collectingEach('it is written together with other entities, all or none', async (_, structure, bench) => {
    await bench.close();
    const other = sampleCollection({ name: 'other', structure: structure === 'list' ? 'set' : 'list' });
    const subject = await Collections.open(bench, sampleOf(structure), people, other);
    const others = subject.of(other);
    const good = [
      growing(subject, 'a', ['x']),
      person('a', { type: 'put', row: row('A') }),
      growing(others, 'a', ['y']),
      subject.put('kept', ['other']),
      shrinking(subject, 'last', 'only'),
    ];
    await subject.done(subject.put('kept', ['kept']));
    await subject.done(subject.put('last', ['only']));
    await together(subject, good, async () => {
      const bad: readonly (readonly ['exists' | 'missing', KeyedChange])[] = [
        ['exists', subject.insert('kept', ['again'])],
        ['missing', subject.patch('none', ['x'])],
        ['missing', person('none', { type: 'patch', set: new Map([[0, 'x']]) })],
      ];
      for (const [status, change] of bad)
        for (const at of [0, 2, 5]) {
          const changes = [...good.slice(0, at), change, ...good.slice(at)];
          await subject.refused(status, changes, at);
          await subject.holds('kept', ['kept']);
          await subject.holds('last', ['only']);
          await subject.lacks('a');
          await others.lacks('a');
          assert.equal(await count(subject, 'a'), undefined);
        }
      await subject.done(...good);
      await subject.holds('a', ['x']);
      await others.holds('a', ['y']);
      await subject.holds('last', []);
      assert.equal(await count(subject, 'a'), 1);
      await subject.done(
        person('a', { type: 'increment', field: 1, by: 4 }),
        growing(subject, 'a', ['z']),
        person('b', { type: 'put', row: row('B'), expect: 'absent' }),
        subject.delete('kept'),
      );
      await subject.holds('a', ['x', 'z']);
      await subject.lacks('kept');
      assert.equal(await count(subject, 'a'), 5);
    });
  }),
  collecting('sorted-set', 'nothing of a write is made where a sum in it is no number', async (subject) => {
    await subject.done(subject.put('a', [['m', Number.POSITIVE_INFINITY]]));
    const down = subject.increment('a', 'm', Number.NEGATIVE_INFINITY);
    for (const changes of [
      [subject.add('b', ['x']), down],
      [down, subject.add('b', ['x'])],
      [subject.add('b', ['x']), subject.add('a', ['y']), down, subject.put('a', [])],
      [
        subject.put('a', [['m', 1]]),
        subject.increment('a', 'm', Number.POSITIVE_INFINITY),
        subject.increment('b', 'x', 1),
        down,
      ],
    ])
      await together(subject, changes, async () => {
        await subject.refused('invalid', changes, changes.indexOf(down));
        await subject.lacks('b');
        await subject.holds('a', [['m', Number.POSITIVE_INFINITY]]);
      });
  }),
  collecting('sorted-set', 'the sum of an increment after another is told', async (subject) => {
    const changes = [1, 2, 0.5].map((by) => subject.increment('a', 'm', by));
    await together(subject, changes, async () => {
      const answers = await subject.done(...changes);
      assert.deepEqual(
        answers.map(({ numbers }) => numbers[0]),
        [1, 3, 3.5],
      );
      await subject.holds('a', [['m', 3.5]]);
    });
  }),
  testing('of collections: a write of 300 members in 100 of them is made whole', async (bench) => {
    const subject = await Collections.open(bench, sampleOf('sorted-set'));
    const changes = Array.from({ length: 300 }, (_, at) => subject.add(`k${at % 100}`, [[`m${at}`, at]]));
    await together(subject, changes, async () => {
      await subject.done(...changes);
      for (const at of [0, 50, 99]) await subject.agrees(`k${at}`);
      assert.equal(await subject.driver.count(subject.schema), 100);
    });
  }),
];
