import { beforeEach, describe, expect, test } from '@jest/globals';
import { CorruptEntryError } from '../../src/core/errors.js';
import { type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { Row } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { coalescedReads } from '../../src/policies/coalesced-reads.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';

const schema = sampleSchema({ fields: { n: 'integer', m: 'integer' } });
const key = (id: string) => sampleKey(id);

let asked: string[][];
let fault: ((ids: readonly string[]) => Error | undefined) | undefined;
let driver: FallbackDriver;
let make: (capabilities: object) => FallbackDriver;

beforeEach(async () => {
  const memory = memoryDriver();
  await memory.open([schema], { synchronize: undefined, clock: fakeClock(), logger: console, statementTimeout: 1000 });
  const row = (n: number) => sampleRow(schema, { n, m: -n });
  await memory.write(
    ['a', 'b', 'c'].map((id, n) => ({ schema, key: key(id), change: { type: 'put', row: row(n) } as never })),
  );
  asked = [];
  fault = undefined;
  make = (capabilities) =>
    coalescedReads({
      ...memory,
      name: 'remote',
      capabilities: { ...memory.capabilities, inProcess: false, ...capabilities },
      read: async (of, keys, query) => {
        const ids = keys.map(({ id }) => id);
        asked.push(ids);
        const error = fault?.(ids);
        if (error) throw error;
        return memory.read(of, keys, query);
      },
    } as FallbackDriver);
  driver = make({});
});

const read = async (id: string, query?: readonly number[]) => {
  const [entry] = await driver.read(schema, [key(id)], query);
  return entry && (entry.value as Row)[0];
};

describe('Reads of a durable store', () => {
  test('that come in one turn are one statement, with each its own answer', async () => {
    expect(await Promise.all(['b', 'a', 'nobody', 'c'].map((id) => read(id)))).toEqual([1, 0, null, 2]);
    expect(asked).toEqual([['b', 'a', 'nobody', 'c']]);
  });

  test('ask once for a key that several want', async () => {
    expect(await Promise.all([read('a'), read('b'), read('a')])).toEqual([0, 1, 0]);
    expect(asked).toEqual([['a', 'b']]);
  });

  test('that want different fields are different statements', async () => {
    expect(await Promise.all([read('a'), read('b', [0]), read('c', [0])])).toEqual([0, 1, 2]);
    expect(asked).toEqual([['a'], ['b', 'c']]);
  });

  test('that begin after an answer came are asked anew', async () => {
    await read('a');
    await read('a');
    expect(asked).toEqual([['a'], ['a']]);
  });

  test('of one entry that cannot be read do not fail the others', async () => {
    fault = (ids) => (ids.includes('b') ? new CorruptEntryError('Sample', 'b', 'n is no number') : undefined);
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((id) => read(id)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('of a store that is away fail together, without asking it again for each', async () => {
    fault = () => new StoreFault('away', 'none');
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((id) => read(id)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toHaveLength(1);
  });

  test('of a store in this thread wait for no others while there are none, and find out when there are', async () => {
    driver = make({ synchronous: true });
    await read('a');
    const alone = Promise.all([read('a'), read('b')]);
    expect(asked).toEqual([['a'], ['a'], ['b']]);
    expect(await alone).toEqual([0, 1]);
    for (let n = 0; n < 61; n++) await read('a');
    asked = [];
    expect(await Promise.all(['a', 'b', 'c'].map((id) => read(id)))).toEqual([0, 1, 2]);
    expect(await Promise.all(['a', 'b', 'c'].map((id) => read(id)))).toEqual([0, 1, 2]);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });
});
