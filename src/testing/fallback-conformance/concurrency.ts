import { strict as assert } from 'node:assert';
import type { Row } from '../../core/schema.js';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { testing } from './bench.js';

const schema = sampleSchema({
  name: 'sample',
  fields: { name: 'string', count: 'integer', total: 'bigint' },
  version: 'version',
});

const times = <T>(count: number, call: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => call(at));

export const concurrencyCases = [
  testing('50 increments at once end with the sum, and each is answered with a sum of its own', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { count: 0, total: 0n, version: 1 }));
    const outcomes = await Promise.all(times(50, () => subject.done(subject.increment('a', 'count', 1))));
    const sums = outcomes.map(([outcome]) => (outcome!.entry!.value as Row)[1] as number);
    assert.deepEqual(
      sums.sort((a, b) => a - b),
      times(50, (at) => at + 1),
    );
    await subject.holds('a', { count: 50, total: 0n, version: 51 });
  }),
  testing('50 changes at once end with the sum', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { count: 0, total: 0n, version: 1 }));
    await Promise.all(
      times(50, () =>
        subject.done(
          subject.modify('a', ([name, count, total, version]) => [
            name,
            (count as number) + 1,
            (total as bigint) + 2n,
            version,
          ]),
        ),
      ),
    );
    await subject.holds('a', { count: 50, total: 100n, version: 51 });
  }),
  testing('increments, changes and patches of one entry at once lose nothing', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.put('a', { count: 0, total: 0n, version: 1 }));
    await Promise.all(
      times(30, (at) => {
        if (at % 3 === 0) return subject.done(subject.increment('a', 'count', 1));
        if (at % 3 === 1) return subject.done(subject.patch('a', { name: `patch ${at}` }));
        return subject.done(
          subject.modify('a', ([name, count, total, version]) => [name, count, (total as bigint) + 1n, version]),
        );
      }),
    );
    const [name, count, total, version] = (await subject.row('a'))!;
    assert.deepEqual([count, total, version], [10, 10n, 31]);
    assert.match(String(name), /^patch \d+$/);
  }),
  testing('of 20 inserts of one key at once exactly one is made', async (bench) => {
    const subject = await bench.open(schema);
    const results = await Promise.all(times(20, (at) => subject.write(subject.insert('a', { name: `n${at}` }))));
    const done = results.flatMap((result, at) => (result.done ? [at] : []));
    assert.equal(done.length, 1);
    for (const result of results) if (!result.done) assert.equal(result.outcome.status, 'exists');
    await subject.holds('a', { name: `n${done[0]}` });
  }),
  testing('of 20 puts at once that expect one version exactly one is made', async (bench) => {
    const subject = await bench.open(schema);
    await subject.done(subject.insert('a', { name: 'first', version: 1 }));
    const results = await Promise.all(
      times(20, (at) => subject.write(subject.put('a', { name: `n${at}`, version: 2 }, { expect: { version: 1 } }))),
    );
    const done = results.flatMap((result, at) => (result.done ? [at] : []));
    assert.equal(done.length, 1);
    for (const result of results) if (!result.done) assert.equal(result.outcome.status, 'conflict');
    await subject.holds('a', { name: `n${done[0]}`, version: 2 });
  }),
  testing('50 puts of one key at once leave one of them, whole', async (bench) => {
    const subject = await bench.open(schema);
    await Promise.all(
      times(50, (at) => subject.done(subject.put('a', { name: `n${at}`, count: at, total: BigInt(at) }))),
    );
    const [name, count, total] = (await subject.row('a'))!;
    assert.equal(name, `n${count}`);
    assert.equal(total, BigInt(count as number));
    assert.equal(await subject.count(), 1);
  }),
  testing('writes to 100 keys at once are all made', async (bench) => {
    const subject = await bench.open(schema);
    await Promise.all(times(100, (at) => subject.done(subject.insert(`k${at}`, { count: at }))));
    const rows = await subject.driver.read(
      schema,
      times(100, (at) => sampleKey(`k${at}`)),
      undefined,
    );
    assert.deepEqual(
      rows.map((entry) => (entry!.value as Row)[1]),
      times(100, (at) => at),
    );
  }),
  testing('writes of the same keys in opposite orders at once all get through', async (bench) => {
    const subject = await bench.open(schema);
    const ids = ['a', 'b', 'c'];
    for (const id of ids) await subject.done(subject.put(id, { count: 0, version: 1 }));
    const { transactions } = subject.driver.capabilities;
    await Promise.all(
      times(20, (at) => {
        const order = at % 2 === 0 ? ids : [...ids].reverse();
        const changes = order.map((id) => subject.increment(id, 'count', 1));
        return transactions ? subject.done(...changes) : Promise.all(changes.map((change) => subject.done(change)));
      }),
    );
    for (const id of ids) await subject.holds(id, { count: 20, version: 21 });
  }),
  testing('a read of several keys sees all of a write or nothing of it', async (bench) => {
    const subject = await bench.open(schema);
    const ids = ['a', 'b', 'c', 'd'];
    const write = (at: number) => ids.map((id) => subject.put(id, { count: at }));
    if (!subject.driver.capabilities.transactions) {
      for (const change of write(1)) await subject.done(change);
      for (const id of ids) await subject.holds(id, { count: 1 });
      return;
    }
    await subject.done(...write(0));
    let writing = true;
    const writes = (async () => {
      for (let at = 1; at <= 60; at++) await subject.done(...write(at));
    })().finally(() => {
      writing = false;
    });
    const read = async () => {
      while (writing) {
        const entries = await subject.driver.read(
          schema,
          ids.map((id) => sampleKey(id)),
          undefined,
        );
        const counts = new Set(entries.map((entry) => (entry!.value as Row)[1]));
        assert.equal(counts.size, 1, `a read saw parts of two writes: ${[...counts]}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([writes, read(), read()]);
    for (const id of ids) await subject.holds(id, { count: 60 });
  }),
];
