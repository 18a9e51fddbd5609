import { strict as assert } from 'node:assert';
import type { Plain } from '../../core/plain.js';
import type { Row } from '../../core/schema.js';
import { sampleSchema } from '../sample-schema.js';
import { assertRow, type Subject, testing } from './bench.js';

const plain = sampleSchema({
  name: 'sample',
  fields: {
    name: 'string',
    note: { type: 'text', nullable: true },
    count: { type: 'integer', nullable: true },
    score: 'number',
    total: { type: 'bigint', nullable: true },
  },
});
const versioned = sampleSchema({ name: 'sample', fields: { name: 'string', count: 'integer' }, version: 'version' });

const MAX = Number.MAX_SAFE_INTEGER;
const MOST = 2n ** 63n - 1n;

/** `row` with the field set. */
const withField = (subject: Subject, name: string, value: Plain | undefined) => (row: Row) =>
  row.map((one, index) => (index === subject.field(name) ? value : one));

export const changeCases = [
  testing('a put makes an entry, and answers with what it holds', async (bench) => {
    const subject = await bench.open(plain);
    const [outcome] = await subject.done(subject.put('a', { name: 'Ann', count: 1 }));
    assertRow(plain, outcome!.entry!.value as Row, (await subject.row('a'))!, 'the outcome');
    await subject.holds('a', { name: 'Ann', count: 1 });
  }),
  testing('a put over an entry replaces all of it: what the new one does not have is absent', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { name: 'Ann', note: 'old', count: 1, score: 2, total: 3n }));
    await subject.done(subject.put('a', { score: 9 }));
    await subject.holds('a', { score: 9 });
    assert.equal(await subject.count(), 1);
  }),
  testing(
    'a put that expects no entry is made where there is none, and answered with exists where there is one',
    async (bench) => {
      const subject = await bench.open(plain);
      await subject.done(subject.insert('a', { name: 'first' }));
      await subject.refused('exists', [subject.insert('a', { name: 'second', count: 2 })]);
      await subject.holds('a', { name: 'first' });
      await subject.done(subject.delete('a'));
      await subject.done(subject.insert('a', { name: 'third' }));
      await subject.holds('a', { name: 'third' });
    },
  ),
  testing('a put that expects a version is made at that version only, and carries the next', async (bench) => {
    const subject = await bench.open(versioned);
    await subject.refused('conflict', [subject.put('a', { name: 'x', version: 2 }, { expect: { version: 1 } })]);
    await subject.lacks('a');
    await subject.done(subject.insert('a', { name: 'one', version: 1 }));
    await subject.done(subject.put('a', { name: 'two', version: 2 }, { expect: { version: 1 } }));
    await subject.refused('conflict', [subject.put('a', { name: 'late', version: 2 }, { expect: { version: 1 } })]);
    await subject.refused('conflict', [subject.put('a', { name: 'early', version: 4 }, { expect: { version: 3 } })]);
    await subject.holds('a', { name: 'two', version: 2 });
  }),
  testing('a patch changes the fields it names and no others', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { name: 'Ann', note: 'old', count: 1 }));
    const [outcome] = await subject.done(subject.patch('a', { note: null, score: 0.5 }));
    await subject.holds('a', { name: 'Ann', note: null, count: 1, score: 0.5 });
    assertRow(plain, outcome!.entry!.value as Row, (await subject.row('a'))!, 'the outcome');
  }),
  testing('a patch that names no field changes nothing, but wants an entry', async (bench) => {
    const subject = await bench.open(plain);
    await subject.refused('missing', [subject.patch('a', {})]);
    await subject.done(subject.put('a', { name: 'Ann' }));
    const [outcome] = await subject.done(subject.patch('a', {}));
    assertRow(plain, outcome!.entry!.value as Row, (await subject.row('a'))!, 'the outcome');
    await subject.holds('a', { name: 'Ann' });
  }),
  testing(
    'a patch, an increment and a change of what does not exist are answered with missing, and make nothing',
    async (bench) => {
      const subject = await bench.open(plain);
      await subject.refused('missing', [subject.patch('a', { name: 'Ann' })]);
      await subject.refused('missing', [subject.increment('a', 'count', 1)]);
      await subject.refused('missing', [subject.modify('a', () => assert.fail('must not be called'))]);
      await subject.lacks('a');
      assert.equal(await subject.count(), 0);
    },
  ),
  testing('a patch that expects a version is made at that version only', async (bench) => {
    const subject = await bench.open(versioned);
    await subject.done(subject.put('a', { name: 'one', count: 7, version: 1 }));
    const [outcome] = await subject.done(subject.patch('a', { name: 'two' }, 1));
    assert.deepEqual(outcome!.entry!.value, await subject.row('a'));
    await subject.refused('conflict', [subject.patch('a', { name: 'late' }, 1)]);
    await subject.refused('missing', [subject.patch('b', { name: 'none' }, 1)]);
    await subject.holds('a', { name: 'two', count: 7, version: 2 });
    await subject.done(subject.patch('a', {}, 2));
    await subject.holds('a', { name: 'two', count: 7, version: 3 });
  }),
  testing('patches, increments and changes add one to the version, and a put carries its own', async (bench) => {
    const subject = await bench.open(versioned);
    await subject.done(subject.put('a', { name: 'one', count: 0, version: 1 }));
    await subject.done(subject.patch('a', { name: 'two' }));
    await subject.done(subject.increment('a', 'count', 5));
    const [outcome] = await subject.done(subject.modify('a', withField(subject, 'name', 'four')));
    assert.equal((outcome!.entry!.value as Row)[versioned.version!], 4);
    await subject.holds('a', { name: 'four', count: 5, version: 4 });
    await subject.done(subject.patch('a', {}));
    await subject.holds('a', { name: 'four', count: 5, version: 5 });
    await subject.done(subject.put('a', { name: 'anew', version: 1 }));
    await subject.holds('a', { name: 'anew', version: 1 });
  }),
  testing('an increment adds to numbers, integers and bigints, and answers with the sum', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { count: 40, score: 0.1, total: 2n ** 62n }));
    const [count] = await subject.done(subject.increment('a', 'count', 2));
    assert.equal((count!.entry!.value as Row)[subject.field('count')], 42);
    await subject.done(subject.increment('a', 'count', -50));
    await subject.done(subject.increment('a', 'score', 0.2));
    const [total] = await subject.done(subject.increment('a', 'total', 2n ** 62n - 1n));
    assert.equal((total!.entry!.value as Row)[subject.field('total')], MOST);
    await subject.holds('a', { count: -8, score: 0.1 + 0.2, total: MOST });
  }),
  testing('an increment takes an absent field, and one that is null, for zero', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { count: null }));
    await subject.done(subject.increment('a', 'count', 3));
    await subject.done(subject.increment('a', 'score', -1.5));
    await subject.done(subject.increment('a', 'total', -3n));
    await subject.holds('a', { count: 3, score: -1.5, total: -3n });
  }),
  testing('an increment out of range is answered with invalid, and changes nothing', async (bench) => {
    const subject = await bench.open(plain);
    const before = { count: MAX, score: Number.MAX_VALUE, total: MOST };
    await subject.done(subject.put('a', before));
    await subject.refused('invalid', [subject.increment('a', 'count', 1)]);
    await subject.refused('invalid', [subject.increment('a', 'score', Number.MAX_VALUE)]);
    await subject.refused('invalid', [subject.increment('a', 'total', 1n)]);
    await subject.refused('invalid', [subject.increment('a', 'total', MOST)]);
    await subject.holds('a', before);
    await subject.done(subject.put('a', { count: -MAX, total: -(2n ** 63n) }));
    await subject.refused('invalid', [subject.increment('a', 'count', -1)]);
    await subject.refused('invalid', [subject.increment('a', 'total', -1n)]);
    await subject.holds('a', { count: -MAX, total: -(2n ** 63n) });
  }),
  testing('an increment reaches the very bounds', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { count: MAX - 1, total: MOST - 1n }));
    await subject.done(subject.increment('a', 'count', 1));
    await subject.done(subject.increment('a', 'total', 1n));
    await subject.holds('a', { count: MAX, total: MOST });
    await subject.done(subject.put('a', { total: MOST }));
    await subject.done(subject.increment('a', 'total', -(2n ** 63n)));
    await subject.holds('a', { total: -1n });
  }),
  testing('a change is given the row as it is, and what it returns is stored', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { name: 'Ann', note: 'old', count: 1 }));
    const seen: Row[] = [];
    await subject.done(
      subject.modify('a', (row) => {
        seen.push(row);
        return withField(subject, 'note', undefined)(withField(subject, 'count', 2)(row));
      }),
    );
    assert.ok(seen.length > 0);
    for (const row of seen) assert.equal(row[subject.field('name')], 'Ann');
    await subject.holds('a', { name: 'Ann', count: 2 });
  }),
  testing('a change that throws gives the write up: the error comes back, and nothing is written', async (bench) => {
    const subject = await bench.open(plain);
    await subject.done(subject.put('a', { name: 'Ann' }));
    const thrown = new Error('no');
    const change = subject.modify('a', () => {
      throw thrown;
    });
    await assert.rejects(subject.write(change), (error) => error === thrown);
    await subject.holds('a', { name: 'Ann' });
    await subject.done(subject.patch('a', { name: 'Bea' }));
    await subject.holds('a', { name: 'Bea' });
  }),
  testing('a delete tells whether there was anything, and leaves nothing', async (bench) => {
    const subject = await bench.open(plain);
    const [none] = await subject.done(subject.delete('a'));
    assert.deepEqual(none, { status: 'done', entry: null, existed: false });
    await subject.done(subject.put('a', { name: 'Ann' }));
    await subject.done(subject.put('b', { name: 'Bea' }));
    const [one] = await subject.done(subject.delete('a'));
    assert.deepEqual(one, { status: 'done', entry: null, existed: true });
    await subject.lacks('a');
    await subject.holds('b', { name: 'Bea' });
    assert.equal((await subject.done(subject.delete('a')))[0]!.existed, false);
  }),
];
