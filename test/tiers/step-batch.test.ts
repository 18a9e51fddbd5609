import { beforeEach, describe, expect, test } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyHotStore } from '../../src/testing/faulty.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { StepBatch } from '../../src/tiers/step-batch.js';

const schema = sampleSchema({ fields: { n: 'integer' } });
const keys = (...ids: string[]) => ids.map((id) => sampleKey(id));
const entry = (id: string, n: number) => ({
  key: sampleKey(id),
  value: sampleRow(schema, { n }),
  ttl: 1000,
});

let hot: ReturnType<typeof faultyHotStore>;
let steps: StepBatch;
let tokens: number;

beforeEach(() => {
  hot = faultyHotStore(memoryHotStore({ clock: fakeClock() }));
  tokens = 0;
  steps = new StepBatch({ hot: hot.store, lockTime: 1000, servedFor: 1000, token: () => `t${tokens++}` });
});

const states = async (...ids: string[]) =>
  (await hot.store.read(schema, keys(...ids), undefined, 'reader')).map((reply) =>
    reply.state === 'value' ? (reply.value as number[])[0] : reply.state,
  );

describe('The steps of several writes', () => {
  test('are one step where they come in one turn and their keys differ', async () => {
    const begun = await Promise.all([steps.begin(schema, keys('a')), steps.begin(schema, keys('b', 'c'))]);
    expect(hot.faults.calls.begin).toBe(1);
    expect(begun.map(({ token }) => token)).toEqual(['t0', 't0']);
    expect(begun.map(({ faults }) => faults.length)).toEqual([1, 2]);
    const committed = await Promise.all([
      steps.commit(schema, [entry('a', 1)], 't0', 'set'),
      steps.commit(schema, [entry('b', 2), entry('c', 3)], 't0', 'set'),
    ]);
    expect(hot.faults.calls.commit).toBe(1);
    expect(committed.map((faults) => faults.length)).toEqual([1, 2]);
    expect(await states('a', 'b', 'c')).toEqual([1, 2, 3]);
  });

  test('have tokens of their own where they write the same key, so that neither commits over the other', async () => {
    const [first, second, other] = await Promise.all([
      steps.begin(schema, keys('a')),
      steps.begin(schema, keys('a')),
      steps.begin(schema, keys('b')),
    ]);
    expect(first!.token).not.toBe(second!.token);
    expect(other!.token).toBe(first!.token);
    await steps.commit(schema, [entry('a', 1)], first!.token, 'set');
    await steps.commit(schema, [entry('a', 2)], second!.token, 'set');
    expect(await states('a')).toEqual(['fill']);
  });

  test('are separate where they come in different turns', async () => {
    await steps.begin(schema, keys('a'));
    await steps.begin(schema, keys('b'));
    expect(hot.faults.calls.begin).toBe(2);
    expect(tokens).toBe(2);
  });

  test('that differ in token or mode are not committed together', async () => {
    const [a, b] = await Promise.all([steps.begin(schema, keys('a')), steps.begin(schema, keys('b'))]);
    await Promise.all([
      steps.commit(schema, [entry('a', 1)], a!.token, 'set'),
      steps.commit(schema, [entry('b', 2)], b!.token, 'ifPresent'),
    ]);
    expect(hot.faults.calls.commit).toBe(2);
    expect(await states('a', 'b')).toEqual([1, 'fill']);
  });

  test('fail together where the hot tier is away, each for its own keys', async () => {
    hot.faults.down();
    const begun = await Promise.all([steps.begin(schema, keys('a')), steps.begin(schema, keys('b', 'c'))]);
    expect(begun.map(({ faults }) => faults.map((fault) => fault !== undefined))).toEqual([[true], [true, true]]);
  });

  test('take at most 500 keys into one step', async () => {
    const many = (from: number) => keys(...Array.from({ length: 300 }, (_, at) => `k${from + at}`));
    await Promise.all([steps.begin(schema, many(0)), steps.begin(schema, many(300)), steps.begin(schema, keys('x'))]);
    expect(hot.faults.calls.begin).toBe(2);
  });
});
