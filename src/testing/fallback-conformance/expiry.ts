import { strict as assert } from 'node:assert';
import type { Row } from '../../core/schema.js';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { assertInvalid, assertRow, type Bench, type Subject, testing } from './bench.js';

const schema = sampleSchema({ name: 'sample', fields: { name: 'string', count: 'integer' }, version: 'version' });

/** Long enough to be alive at the end of a case, and short enough to wait for, in milliseconds. */
const LONG = 3_600_000;
const SHORT = 40;

/** A case on a driver with expiry; one without must refuse what would expire. */
const expiring = (name: string, run: (subject: Subject, bench: Bench) => Promise<void>) =>
  testing(name, async (bench) => {
    const subject = await bench.open(schema);
    if (subject.driver.capabilities.ttl) return run(subject, bench);
    await assertInvalid(
      subject.write(subject.put('a', {}, { expiresAt: bench.now() + LONG })),
      'an entry that expires, in a store without expiry',
    );
    await subject.lacks('a');
    assert.equal(await subject.count(), 0);
  });

export const expiryCases = [
  expiring('an entry tells when it expires, also when closed and opened again', async (before, bench) => {
    const expiresAt = bench.now() + LONG;
    const [outcome] = await before.done(before.put('a', { name: 'A' }, { expiresAt }));
    await before.done(before.put('b', { name: 'B' }));
    assert.equal(outcome!.entry!.expiresAt, expiresAt);
    const check = async (subject: Subject) => {
      assert.equal((await subject.entry('a'))!.expiresAt, expiresAt);
      assert.equal((await subject.entry('b'))!.expiresAt, undefined);
      await subject.holds('a', { name: 'A' });
      const [part] = await subject.driver.read(schema, [sampleKey('a')], [0]);
      assert.equal(part!.expiresAt, expiresAt, 'a read of some fields tells it too');
      assert.deepEqual(
        (await subject.scan()).map(({ entry }) => entry.expiresAt),
        [expiresAt, undefined],
      );
    };
    await check(before);
    await check(await bench.reopen(schema));
  }),
  expiring(
    'an entry whose time has passed does not exist: it is not read, counted or scanned',
    async (subject, bench) => {
      await subject.done(subject.put('short', { name: 'A' }, { expiresAt: bench.now() + SHORT }));
      await subject.done(subject.put('long', { name: 'B' }, { expiresAt: bench.now() + LONG }));
      await subject.done(subject.put('ever', { name: 'C' }));
      await bench.pass(SHORT + 1);
      await subject.lacks('short');
      await subject.holds('long', { name: 'B' });
      assert.equal(await subject.count(), 2);
      assert.deepEqual(
        (await subject.scan()).map(({ key }) => key.id),
        ['ever', 'long'],
      );
      const [part] = await subject.driver.read(schema, [sampleKey('short')], [0]);
      assert.equal(part, null);
      const after = await bench.reopen(schema);
      await after.lacks('short');
      assert.equal(await after.count(), 2);
    },
  ),
  expiring('an entry whose time has passed is missing to changes', async (subject, bench) => {
    const ids = ['patched', 'incremented', 'changed', 'deleted', 'expected'];
    for (const id of ids)
      await subject.done(subject.put(id, { name: 'A', version: 1 }, { expiresAt: bench.now() + SHORT }));
    await bench.pass(SHORT + 1);
    await subject.refused('missing', [subject.patch('patched', { name: 'B' })]);
    await subject.refused('missing', [subject.increment('incremented', 'count', 1)]);
    await subject.refused('missing', [subject.modify('changed', () => assert.fail('must not be called'))]);
    await subject.refused('conflict', [subject.put('expected', { version: 2 }, { expect: { version: 1 } })]);
    assert.equal((await subject.done(subject.delete('deleted')))[0]!.existed, false);
    for (const id of ids) await subject.lacks(id);
  }),
  expiring(
    'an entry can be made anew where the time of another has passed, and has nothing of it',
    async (subject, bench) => {
      await subject.done(subject.put('a', { name: 'old', count: 1 }, { expiresAt: bench.now() + SHORT }));
      await subject.done(subject.put('b', { name: 'old', count: 1 }, { expiresAt: bench.now() + SHORT }));
      await bench.pass(SHORT + 1);
      await subject.done(subject.insert('a', { name: 'new' }));
      await subject.done(subject.put('b', { name: 'new' }));
      await subject.holds('a', { name: 'new' });
      await subject.holds('b', { name: 'new' });
      assert.equal((await subject.entry('a'))!.expiresAt, undefined);
      assert.equal(await subject.count(), 2);
    },
  ),
  expiring(
    'a put without an expiry takes away the one there was, and one with another sets that',
    async (subject, bench) => {
      const expiresAt = bench.now() + LONG;
      await subject.done(subject.put('a', {}, { expiresAt }));
      await subject.done(subject.put('b', {}, { expiresAt }));
      await subject.done(subject.put('a', { name: 'for ever' }));
      await subject.done(subject.put('b', {}, { expiresAt: expiresAt + 1 }));
      assert.equal((await subject.entry('a'))!.expiresAt, undefined);
      assert.equal((await subject.entry('b'))!.expiresAt, expiresAt + 1);
    },
  ),
  expiring('patches, increments and changes keep the expiry', async (subject, bench) => {
    const expiresAt = bench.now() + LONG;
    await subject.done(subject.put('a', { name: 'A', count: 1, version: 1 }, { expiresAt }));
    const outcomes = [
      ...(await subject.done(subject.patch('a', { name: 'early' }, 1))),
      ...(await subject.done(subject.patch('a', { name: 'B' }))),
      ...(await subject.done(subject.increment('a', 'count', 1))),
      ...(await subject.done(subject.modify('a', (row) => row))),
    ];
    for (const { entry } of outcomes) assert.equal(entry!.expiresAt, expiresAt);
    assert.equal((await subject.entry('a'))!.expiresAt, expiresAt);
    await subject.holds('a', { name: 'B', count: 2, version: 5 });
  }),
  expiring('an entry that is put with a time that has passed does not exist', async (subject, bench) => {
    await subject.done(subject.put('a', { name: 'A' }));
    await subject.done(subject.put('a', { name: 'B' }, { expiresAt: bench.now() - 1000 }));
    await subject.lacks('a');
    assert.equal(await subject.count(), 0);
    await subject.done(subject.insert('a', { name: 'C' }));
    assertRow(schema, (await subject.row('a'))!, ['C', undefined, undefined] as Row, 'a');
  }),
];
