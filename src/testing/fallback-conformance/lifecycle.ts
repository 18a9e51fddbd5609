import { strict as assert } from 'node:assert';
import { ClosedError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { testing } from './bench.js';

const schema = sampleSchema({ name: 'sample', fields: { name: 'string' }, version: 'version' });

const isClosed = (error: unknown) =>
  error instanceof ClosedError ||
  error instanceof StoreFault ||
  assert.fail(`expected ClosedError or StoreFault, got ${error}`);

export const lifecycleCases = [
  testing('a driver has a name and says what it can do', async (bench) => {
    const { driver } = await bench.open(schema);
    assert.ok(driver.name.length > 0);
    const { transactions, ttl, shared, nul, keyPartLength, keyBytes } = driver.capabilities;
    for (const one of [transactions, ttl, shared, nul]) assert.equal(typeof one, 'boolean');
    for (const one of [keyPartLength, keyBytes]) assert.ok(one === undefined || (Number.isSafeInteger(one) && one > 0));
  }),
  testing('what was written is there when the store is opened again, and what was not is not', async (bench) => {
    const before = await bench.open(schema);
    await before.done(before.insert('a', { name: 'A', version: 1 }));
    await before.done(before.insert('b', { name: 'B', version: 1 }));
    await before.done(before.insert('c', { name: 'C', version: 1 }));
    await before.done(before.patch('b', { name: 'BB' }));
    await before.done(before.delete('c'));
    await before.refused('exists', [before.insert('a', { name: 'again' })]);
    const after = await bench.reopen(schema);
    await after.holds('a', { name: 'A', version: 1 });
    await after.holds('b', { name: 'BB', version: 2 });
    await after.lacks('c');
    assert.equal(await after.count(), 2);
    await after.refused('conflict', [after.put('b', { version: 2 }, { expect: { version: 1 } })]);
    await after.done(after.put('b', { name: 'BBB', version: 3 }, { expect: { version: 2 } }));
    await (await bench.reopen(schema)).holds('b', { name: 'BBB', version: 3 });
  }),
  testing('a store that is opened again with one more entity keeps the others', async (bench) => {
    const other = sampleSchema({ name: 'other', fields: { name: 'string' } });
    const before = await bench.open(schema, other);
    await before.done(before.put('a', { name: 'A' }));
    const after = await bench.reopen(schema, other);
    await after.of(other).done(after.of(other).put('a', { name: 'another' }));
    await after.holds('a', { name: 'A' });
    await after.of(other).holds('a', { name: 'another' });
  }),
  testing('a driver that was closed answers nothing any more', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { name: 'A' }));
    await subject.driver.close();
    await assert.rejects(subject.driver.read(schema, [sampleKey('a')], undefined), isClosed);
    await assert.rejects(subject.write(subject.put('b', { name: 'B' })), isClosed);
    await assert.rejects(subject.count(), isClosed);
    await assert.rejects(subject.scan(), isClosed);
    const after = await bench.reopen(schema);
    await after.holds('a', { name: 'A' });
    await after.lacks('b');
  }),
  testing('a driver can be closed twice, and waits for what is being written', async (bench) => {
    const subject = await bench.open(schema);
    const writes = Array.from({ length: 20 }, (_, at) => subject.write(subject.put(`k${at}`, { name: `n${at}` })));
    const closed = subject.driver.close();
    const settled = await Promise.allSettled(writes);
    await closed;
    await subject.driver.close();
    const after = await bench.reopen(schema);
    for (const [at, one] of settled.entries())
      if (one.status === 'fulfilled' && one.value.done) await after.holds(`k${at}`, { name: `n${at}` });
  }),
];
