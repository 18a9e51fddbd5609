import { strict as assert } from 'node:assert';
import type { Row } from '../../core/schema.js';
import { sampleKey, sampleRow, sampleSchema } from '../sample-schema.js';
import { assertRow, testing } from './bench.js';

const schema = sampleSchema({
  name: 'sample',
  fields: { name: 'string', age: 'integer', note: { type: 'text', nullable: true }, tags: 'json' },
  version: 'version',
});

export const readCases = [
  testing('a read gives entries in the order of its keys, with null for what is not there', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { name: 'A' }));
    await subject.done(subject.put('b', { name: 'B' }));
    const keys = ['b', 'none', 'a', 'b', 'a', 'none'].map((id) => sampleKey(id));
    const entries = await subject.driver.read(schema, keys, undefined);
    assert.deepEqual(
      entries.map((entry) => entry && (entry.value as Row)[0]),
      ['B', null, 'A', 'B', 'A', null],
    );
  }),
  testing('a read of no keys gives nothing', async (bench) => {
    const subject = await bench.open(schema);
    assert.deepEqual(await subject.driver.read(schema, [], undefined), []);
  }),
  testing('a read takes many keys at once', async (bench) => {
    const subject = await bench.open(schema);
    for (let at = 0; at < 300; at += 3) await subject.done(subject.put(`k${at}`, { age: at }));
    const keys = Array.from({ length: 5000 }, (_, at) => sampleKey(`k${(at * 7) % 5000}`));
    const entries = await subject.driver.read(schema, keys, undefined);
    assert.equal(entries.length, keys.length);
    for (const [at, entry] of entries.entries()) {
      const number = (at * 7) % 5000;
      if (number < 300 && number % 3 === 0) assert.equal((entry!.value as Row)[1], number);
      else assert.equal(entry, null);
    }
  }),
  testing('a read of some fields gives those alone', async (bench) => {
    const subject = await bench.open(schema);
    const values = { name: 'Ann', age: 3, note: null, tags: '["x"]', version: 1 };
    await subject.done(subject.put('a', values));
    await subject.done(subject.put('b', { age: 4 }));
    const part = async (...fields: readonly string[]) =>
      (await subject.driver.read(
        schema,
        [sampleKey('a'), sampleKey('b'), sampleKey('none')],
        fields.map((name) => subject.field(name)).sort(),
      )) as readonly ({ readonly value: Row } | null)[];
    const [a, b, none] = await part('name', 'note');
    assertRow(schema, a!.value, sampleRow(schema, { name: 'Ann', note: null }), 'a');
    assertRow(schema, b!.value, sampleRow(schema, {}), 'b, which has neither');
    assert.equal(none, null);
    const [tagged] = await part('tags', 'version');
    assertRow(schema, tagged!.value, sampleRow(schema, { tags: '["x"]', version: 1 }), 'a');
    const [bare] = await part();
    assertRow(schema, bare!.value, sampleRow(schema, {}), 'a, of which nothing was asked');
    await subject.holds('a', values);
  }),
  testing('a row that was read is not changed by later writes', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { name: 'before', age: 1 }));
    const row = (await subject.row('a'))!;
    await subject.done(subject.patch('a', { name: 'after' }));
    assertRow(schema, row, sampleRow(schema, { name: 'before', age: 1 }), 'the row');
  }),
  testing('count tells how many entries there are', async (bench) => {
    const subject = await bench.open(schema);
    assert.equal(await subject.count(), 0);
    await subject.done(subject.put('a', {}));
    await subject.done(subject.put('a', { name: 'again' }));
    await subject.done(subject.put('b', {}));
    assert.equal(await subject.count(), 2);
    await subject.done(subject.delete('a'));
    assert.equal(await subject.count(), 1);
  }),
];
