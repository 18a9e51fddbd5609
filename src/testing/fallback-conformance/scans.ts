import { strict as assert } from 'node:assert';
import { compareKeys } from '../../core/key-order.js';
import type { Row } from '../../core/schema.js';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { type Subject, testing } from './bench.js';

const COUNT = 2500;

const schema = sampleSchema({
  name: 'sample',
  keys: { group: 'string', at: 'integer' },
  fields: { name: 'string', note: { type: 'text', nullable: true } },
});

const keyAt = (at: number) => sampleKey(`g${at % 7}`, at);

/** Entries 0, 2, 4 … */
async function fill(subject: Subject): Promise<void> {
  const changes = Array.from({ length: COUNT }, (_, at) => subject.put(keyAt(at * 2), { name: `n${at * 2}` }));
  if (subject.driver.capabilities.transactions)
    for (let at = 0; at < COUNT; at += 500) await subject.done(...changes.slice(at, at + 500));
  else
    for (let at = 0; at < COUNT; at += 50)
      await Promise.all(changes.slice(at, at + 50).map((one) => subject.done(one)));
}

export const scanCases = [
  testing('a scan of nothing gives nothing', async (bench) => {
    assert.deepEqual(await (await bench.open(schema)).scan(), []);
  }),
  testing(`a scan gives all of ${COUNT} entries, whole and in the order of their keys`, async (bench) => {
    const subject = await bench.open(schema);
    await fill(subject);
    const scanned = await subject.scan();
    const expected = Array.from({ length: COUNT }, (_, at) => keyAt(at * 2)).sort(compareKeys);
    assert.deepEqual(
      scanned.map(({ key }) => key.id),
      expected.map(({ id }) => id),
    );
    for (const { key, entry } of scanned) assert.equal((entry.value as Row)[0], `n${key.parts[1]}`);
  }),
  testing(
    'a scan stays in order and misses nothing while entries are made, changed and deleted around it',
    async (bench) => {
      const subject = await bench.open(schema);
      await fill(subject);
      const deleted = new Set<string>();
      const seen: string[] = [];
      let before: ReturnType<typeof keyAt> | undefined;
      for await (const { key, entry } of subject.driver.scan(schema)) {
        if (before) assert.ok(compareKeys(before, key) < 0, `${key.id} comes after ${before.id}`);
        before = key;
        seen.push(key.id);
        const at = key.parts[1] as number;
        assert.match(String((entry.value as Row)[0]), /^(n|changed )\d+$/);
        if (seen.length % 100 !== 0) continue;
        const other = keyAt((at + 1000) % (COUNT * 2));
        await subject.done(subject.put(keyAt(at + 1), { name: `n${at + 1}` }));
        await subject.done(subject.patch(key, { name: `changed ${at}` }));
        if ((other.parts[1] as number) % 2 === 0 && !deleted.has(other.id)) {
          await subject.done(subject.delete(other));
          deleted.add(other.id);
        }
      }
      assert.equal(new Set(seen).size, seen.length, 'nothing comes twice');
      const there = new Set(seen);
      for (let at = 0; at < COUNT; at++) {
        const { id } = keyAt(at * 2);
        assert.ok(there.has(id) || deleted.has(id), `${id} was missed`);
      }
    },
  ),
  testing('a scan can be left early, and others go on beside it', async (bench) => {
    const subject = await bench.open(schema);
    await fill(subject);
    for (let round = 0; round < 20; round++) {
      let count = 0;
      for await (const _ of subject.driver.scan(schema)) if (++count === 3) break;
    }
    const first = subject.driver.scan(schema)[Symbol.asyncIterator]();
    const second = subject.driver.scan(schema)[Symbol.asyncIterator]();
    for (let at = 0; at < 10; at++) {
      const [a, b] = [await first.next(), await second.next()];
      assert.equal(a.value.key.id, b.value.key.id);
      await subject.done(subject.put(keyAt(0), { name: `n${at}` }));
    }
    await first.return?.();
    await second.return?.();
    assert.equal(await subject.count(), COUNT);
  }),
  testing('a scan does not give what was deleted before it began', async (bench) => {
    const subject = await bench.open(schema);
    for (const at of [1, 2, 3]) await subject.done(subject.put(keyAt(at), { name: `n${at}` }));
    await subject.done(subject.delete(keyAt(2)));
    assert.deepEqual(
      (await subject.scan()).map(({ key }) => key.parts[1]),
      [1, 3],
    );
  }),
];
