import { strict as assert } from 'node:assert';
import type { KeyedChange } from '../../core/fallback-driver.js';
import type { Row } from '../../core/schema.js';
import { sampleSchema } from '../sample-schema.js';
import { assertInvalid, type Subject, testing } from './bench.js';

const people = sampleSchema({ name: 'person', fields: { name: 'string', count: 'integer' }, version: 'version' });
const cities = sampleSchema({
  name: 'city',
  keys: { country: 'string', id: 'integer' },
  fields: { name: 'string', people: 'bigint' },
});

/** Insists that a write of several changes is all or none; or, from a driver without transactions, that it is refused. */
async function together(
  subject: Subject,
  changes: readonly KeyedChange[],
  withTransactions: () => Promise<void>,
): Promise<void> {
  if (subject.driver.capabilities.transactions) return withTransactions();
  const before = await subject.count();
  await assertInvalid(subject.write(...changes), 'a write of several changes to a store without transactions');
  assert.equal(await subject.count(), before, 'nothing was written');
}

export const batchCases = [
  testing('a write of nothing is done', async (bench) => {
    const subject = await bench.open(people);
    assert.deepEqual(await subject.write(), { done: true, outcomes: [] });
  }),
  testing('several changes are made together, with one outcome for each', async (bench) => {
    const subject = await bench.open(people);
    await subject.done(subject.put('c', { name: 'C', count: 1, version: 1 }));
    const changes = [
      subject.put('a', { name: 'A' }),
      subject.insert('b', { name: 'B' }),
      subject.increment('c', 'count', 4),
      subject.delete('d'),
    ];
    await together(subject, changes, async () => {
      const outcomes = await subject.done(...changes);
      assert.equal((outcomes[2]!.entry!.value as Row)[subject.field('count')], 5);
      assert.equal(outcomes[3]!.entry, null);
      await subject.holds('a', { name: 'A' });
      await subject.holds('b', { name: 'B' });
      await subject.holds('c', { name: 'C', count: 5, version: 2 });
    });
  }),
  ...(['first', 'middle', 'last'] as const).map((place) =>
    testing(`nothing of a write is made where its ${place} change cannot be`, async (bench) => {
      const subject = await bench.open(people);
      await subject.done(subject.put('taken', { name: 'taken', count: 1, version: 1 }));
      await subject.done(subject.put('kept', { name: 'kept', version: 1 }));
      const good = [
        subject.put('a', { name: 'A' }),
        subject.put('taken', { name: 'overwritten', version: 9 }),
        subject.patch('kept', { name: 'patched' }),
        subject.delete('kept'),
        subject.put('b', { name: 'B' }),
      ];
      const at = { first: 0, middle: 1, last: good.length }[place];
      const bad: readonly (readonly [string, KeyedChange])[] = [
        ['exists', subject.insert('taken', { name: 'again' })],
        ['missing', subject.patch('nobody', { name: 'x' })],
        ['missing', subject.increment('nobody', 'count', 1)],
        ['conflict', subject.put('nobody', { version: 3 }, { expect: { version: 2 } })],
      ];
      for (const [status, change] of bad) {
        const changes = [...good.slice(0, at), change, ...good.slice(at)];
        await together(subject, changes, () => subject.refused(status as 'exists', changes, at));
        await subject.holds('taken', { name: 'taken', count: 1, version: 1 });
        await subject.holds('kept', { name: 'kept', version: 1 });
        await subject.lacks('a');
        await subject.lacks('b');
      }
    }),
  ),
  testing(
    'nothing of a write is made where an increment in it goes out of range, or a change in it throws',
    async (bench) => {
      const subject = await bench.open(people);
      await subject.done(subject.put('full', { count: Number.MAX_SAFE_INTEGER }));
      const over = [subject.put('a', { name: 'A' }), subject.increment('full', 'count', 1)];
      await together(subject, over, () => subject.refused('invalid', over, 1));
      const thrown = new Error('no');
      const throwing = [
        subject.put('a', { name: 'A' }),
        subject.modify('full', () => {
          throw thrown;
        }),
      ];
      await together(subject, throwing, async () => {
        await assert.rejects(subject.write(...throwing), (error) => error === thrown);
      });
      await subject.lacks('a');
      await subject.holds('full', { count: Number.MAX_SAFE_INTEGER });
    },
  ),
  testing('changes to the same key in one write see each other, in their order', async (bench) => {
    const subject = await bench.open(people);
    const changes = [
      subject.insert('a', { name: 'one', count: 1, version: 1 }),
      subject.increment('a', 'count', 2),
      subject.patch('a', { name: 'two' }, 2),
      subject.modify('a', (row) => row.map((value, index) => (index === 1 ? (value as number) * 10 : value))),
    ];
    await together(subject, changes, async () => {
      const outcomes = await subject.done(...changes);
      assert.deepEqual(
        outcomes.map(({ entry }) => entry!.value),
        [
          ['one', 1, 1],
          ['one', 3, 2],
          ['two', 3, 3],
          ['two', 30, 4],
        ],
      );
      await subject.holds('a', { name: 'two', count: 30, version: 4 });
    });
  }),
  testing('a key can be made, deleted and made again in one write', async (bench) => {
    const subject = await bench.open(people);
    await subject.done(subject.put('old', { name: 'old' }));
    const changes = [
      subject.insert('a', { name: 'first', count: 1 }),
      subject.delete('a'),
      subject.insert('a', { name: 'second' }),
      subject.put('b', { name: 'gone' }),
      subject.delete('b'),
      subject.delete('old'),
    ];
    await together(subject, changes, async () => {
      const outcomes = await subject.done(...changes);
      assert.deepEqual([outcomes[1]!.existed, outcomes[4]!.existed, outcomes[5]!.existed], [true, true, true]);
      await subject.holds('a', { name: 'second' });
      await subject.lacks('b');
      await subject.lacks('old');
    });
  }),
  testing('a key cannot be inserted twice in one write', async (bench) => {
    const subject = await bench.open(people);
    const changes = [subject.insert('a', { name: 'first' }), subject.insert('a', { name: 'second' })];
    await together(subject, changes, () => subject.refused('exists', changes, 1));
    await subject.lacks('a');
  }),
  testing('a write spans several entities', async (bench) => {
    const person = await bench.open(people, cities);
    const city = person.of(cities);
    const berlin = { id: 'DE:1', parts: ['DE', 1] };
    const changes = [
      person.put('a', { name: 'A' }),
      city.put(berlin, { name: 'Berlin', people: 3_700_000n }),
      city.increment(berlin, 'people', 1n),
      person.put('b', { name: 'B' }),
    ];
    await together(person, changes, async () => {
      await person.done(...changes);
      await city.holds(berlin, { name: 'Berlin', people: 3_700_001n });
      const failing = [person.delete('a'), city.delete(berlin), person.insert('b', { name: 'again' })];
      await person.refused('exists', failing, 2);
      await person.holds('a', { name: 'A' });
      await city.holds(berlin, { name: 'Berlin', people: 3_700_001n });
    });
  }),
  testing(
    'a write of 1,000 entries, or of as many as the driver declares that it takes, is made whole',
    async (bench) => {
      const subject = await bench.open(people);
      const most = Math.min(1000, subject.driver.capabilities.keysAtOnce ?? 1000);
      const changes = Array.from({ length: most }, (_, at) => subject.put(`many-${at}`, { name: `n${at}`, count: at }));
      await together(subject, changes, async () => {
        await subject.done(...changes);
        assert.equal(await subject.count(), most);
        await subject.holds('many-0', { name: 'n0', count: 0 });
        await subject.holds(`many-${most - 1}`, { name: `n${most - 1}`, count: most - 1 });
        const deleted = changes.slice(1).map(({ key }) => subject.delete(key));
        await subject.refused('exists', [...deleted, subject.insert('x', {}), subject.insert('x', {})], most);
        assert.equal(await subject.count(), most);
      });
    },
  ),
  testing(
    'a write of more entries than the driver declares that it takes is refused, with nothing written',
    async (bench) => {
      const subject = await bench.open(people);
      const most = subject.driver.capabilities.keysAtOnce ?? 1000;
      const changes = Array.from({ length: most + 1 }, (_, at) => subject.put(`many-${at}`, { name: `n${at}` }));
      await together(subject, changes, async () => {
        if (subject.driver.capabilities.keysAtOnce === undefined) {
          await subject.done(...changes);
          return;
        }
        await assertInvalid(subject.write(...changes), `a write of ${most + 1} entries`);
        assert.equal(await subject.count(), 0);
        await subject.done(...changes.slice(1), subject.delete('many-1'));
        assert.equal(await subject.count(), most - 1);
      });
    },
  ),
];
