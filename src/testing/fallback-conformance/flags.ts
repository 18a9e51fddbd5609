import { strict as assert } from 'node:assert';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { assertInvalid, type Bench, testing } from './bench.js';

const flags = sampleSchema({ name: 'sample', kind: 'flag' });
const cities = sampleSchema({ name: 'city', kind: 'flag', keys: { country: 'string', id: 'integer' } });
const people = sampleSchema({ name: 'person', fields: { name: 'string' } });

const SET = { seen: true };
const UNSET = { seen: false };
const LONG = 3_600_000;

/** A case whose name says that it is about flags. */
const flagging = (name: string, run: (bench: Bench) => Promise<void>) => testing(`of a flag: ${name}`, run);

export const flagCases = [
  flagging('true, false and never set are three things, also after the store was opened again', async (bench) => {
    const subject = await bench.open(flags);
    await subject.lacks('a');
    const [outcome] = await subject.done(subject.put('a', UNSET));
    assert.deepEqual(outcome!.entry!.value, [false]);
    await subject.holds('a', UNSET);
    for (const change of [subject.put('b', UNSET), subject.put('c', SET)]) await subject.done(change);
    await subject.done(subject.put('b', SET));
    const again = await bench.reopen(flags);
    await again.holds('a', UNSET);
    await again.holds('b', SET);
    await again.holds('c', SET);
    await again.lacks('d');
    assert.equal(await again.count(), 3);
    assert.equal((await again.done(again.delete('a')))[0]!.existed, true);
    await again.lacks('a');
    assert.equal(await again.count(), 2);
  }),
  flagging('a put that expects none is made where it was never set', async (bench) => {
    const subject = await bench.open(flags);
    await subject.done(subject.insert('a', UNSET));
    await subject.refused('exists', [subject.insert('a', SET)]);
    await subject.holds('a', UNSET);
  }),
  flagging('patches and changes are made where it was set, and answer with what it is', async (bench) => {
    const subject = await bench.open(flags);
    await subject.refused('missing', [subject.patch('a', SET)]);
    await subject.refused('missing', [subject.modify('a', () => assert.fail('must not be called'))]);
    await subject.lacks('a');
    await subject.done(subject.put('a', UNSET));
    const [patched] = await subject.done(subject.patch('a', SET));
    assert.deepEqual(patched!.entry!.value, [true]);
    await subject.done(subject.patch('a', {}));
    await subject.holds('a', SET);
    const [changed] = await subject.done(subject.modify('a', ([seen]) => [!seen]));
    assert.deepEqual(changed!.entry!.value, [false]);
    await subject.holds('a', UNSET);
  }),
  flagging('changes by many at once are each made once', async (bench) => {
    const subject = await bench.open(flags);
    await subject.done(subject.put('a', UNSET));
    await Promise.all(Array.from({ length: 31 }, () => subject.done(subject.modify('a', ([seen]) => [!seen]))));
    await subject.holds('a', SET);
  }),
  flagging(
    'a read gives flags in the order of its keys, and nothing of those of which nothing is asked',
    async (bench) => {
      const subject = await bench.open(cities);
      for (let id = 0; id < 10; id++) await subject.done(subject.put(sampleKey('a:b', id), { seen: id % 2 === 0 }));
      const keys = [9, 10, 4, -1, 4].map((id) => sampleKey('a:b', id));
      const read = async (query?: readonly number[]) =>
        (await subject.driver.read(cities, keys, query)).map((entry) => entry?.value);
      assert.deepEqual(await read(), [[false], undefined, [true], undefined, [true]]);
      assert.deepEqual(await read([0]), await read());
      assert.deepEqual(await read([]), [[undefined], undefined, [undefined], undefined, [undefined]]);
      const scanned = (await subject.scan()).map(({ key, entry }) => [key.parts[1], ...(entry.value as boolean[])]);
      assert.deepEqual(
        scanned,
        Array.from({ length: 10 }, (_, id) => [id, id % 2 === 0]),
      );
    },
  ),
  flagging('it ends when it is to, and a patch does not change when', async (bench) => {
    const subject = await bench.open(flags);
    if (!subject.driver.capabilities.ttl) {
      await assertInvalid(subject.write(subject.put('a', SET, { expiresAt: bench.now() + LONG })), 'an expiry');
      return subject.lacks('a');
    }
    const expiresAt = bench.now() + LONG;
    await subject.done(subject.put('a', UNSET, { expiresAt }));
    await subject.done(subject.patch('a', SET));
    await subject.done(subject.modify('a', () => [false]));
    assert.deepEqual(await subject.entry('a'), { value: [false], expiresAt });
    await subject.done(subject.put('a', SET));
    assert.equal((await subject.entry('a'))!.expiresAt, undefined);
    await subject.done(subject.put('a', SET, { expiresAt: bench.now() - 1000 }));
    await subject.lacks('a');
    assert.equal(await subject.count(), 0);
  }),
  flagging('it is written together with other entities, all or none', async (bench) => {
    const subject = await bench.open(flags, people);
    const person = subject.of(people);
    if (!subject.driver.capabilities.transactions) {
      await assertInvalid(subject.write(subject.put('a', SET), person.put('a', {})), 'a write of several changes');
      return subject.lacks('a');
    }
    await subject.done(subject.put('a', SET), person.put('a', { name: 'A' }), subject.patch('a', UNSET));
    await subject.holds('a', UNSET);
    await person.holds('a', { name: 'A' });
    await subject.refused('exists', [subject.put('a', SET), subject.put('b', SET), person.insert('a', {})], 2);
    await subject.holds('a', UNSET);
    await subject.lacks('b');
    await subject.done(subject.delete('a'), person.patch('a', { name: 'B' }), subject.insert('a', SET));
    await subject.holds('a', SET);
    await person.holds('a', { name: 'B' });
  }),
];
