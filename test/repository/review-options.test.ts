import { describe, expect, test } from '@jest/globals';
import { Holdfast, type HoldfastOptions, ValidationError } from '../../src/index.js';
import { Person } from './entities.js';
import { openFaulty } from './open.js';

describe('options of a call', () => {
  const wrong: readonly (readonly [object | null | number, RegExp])[] = [
    [null, /of Person takes an object of options, got null\. It has: /],
    [5, /of Person takes an object of options, got the number 5\. /],
    [{ form: 'durable' }, /of Person has no option "form"\. It has: /],
  ];

  test.each(wrong)('%j is refused by every read', async (options, message) => {
    const { people } = await openFaulty();
    const given = options as object;
    for (const call of [
      () => people.find('a', given),
      () => people.findOrFail('a', given),
      () => people.findMany(['a'], given),
      () => people.exists('a', given),
      () => streamed(people.stream(['a'], given)),
      () => streamed(people.stream(undefined, given)),
    ])
      await expect(call()).rejects.toThrow(message);
  });

  test.each(wrong)('%j is refused by every save, and nothing is written', async (options, message) => {
    const { holdfast, people } = await openFaulty();
    const given = options as object;
    const ann = { id: 'a', name: 'Ann' };
    await expect(people.save(ann, given)).rejects.toThrow(message);
    await expect(people.insert([ann], given)).rejects.toThrow(message);
    await expect(holdfast.batch((batch) => batch.repository(Person).save(ann, given))).rejects.toThrow(message);
    expect(await people.count()).toBe(0);
  });

  test('a name that every object has is no value for hot', async () => {
    const { people } = await openFaulty();
    const options = { hot: 'toString' as 'never' };
    await expect(people.save({ id: 'a', name: 'Ann' }, options)).rejects.toThrow(
      /The option hot of save\(\) cannot be/,
    );
  });

  test('a fallbackTtl that is no time is shown as it is', async () => {
    const { people } = await openFaulty();
    await expect(people.save({ id: 'a', name: 'Ann' }, { fallbackTtl: Number.NaN })).rejects.toThrow(
      'fallbackTtl NaN.',
    );
  });
});

async function streamed<T>(entities: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entity of entities) all.push(entity);
  return all;
}

describe('streams', () => {
  test('what is no sequence of keys is refused: a forgotten pair of brackets is no list of characters', async () => {
    const { people } = await openFaulty();
    // @ts-expect-error a string is no list of keys
    const letters = people.stream('ab');
    await expect(streamed(letters)).rejects.toThrow(
      'stream() of Person takes keys that can be iterated over, got a string. Give an array of keys, or use find() for one.',
    );
    // @ts-expect-error a number is none either
    await expect(streamed(people.stream(5))).rejects.toThrow(ValidationError);
  });

  test('fields gives parts of all, and of those under keys', async () => {
    const { people } = await openFaulty();
    await people.save([
      { id: 'a', name: 'Ann', age: 1 },
      { id: 'b', name: 'Bob', age: 2 },
    ]);
    expect(await streamed(people.stream(['b', 'x', 'a'], { fields: ['name'] }))).toEqual([
      { id: 'b', name: 'Bob' },
      { id: 'a', name: 'Ann' },
    ]);
    const parts = await streamed(people.stream(undefined, { fields: ['age'] }));
    expect(parts).toEqual([
      { id: 'a', age: 1 },
      { id: 'b', age: 2 },
    ]);
    // @ts-expect-error a part lacks the name
    await expect(people.save(parts[0]!)).rejects.toThrow("This is only part of Person (id, age), read with 'fields'.");
  });

  test('others get their turn while many keys are answered in process', async () => {
    const { people } = await openFaulty();
    await people.save(Array.from({ length: 1500 }, (_, at) => ({ id: `p${at}`, name: 'x' })));
    let turns = 0;
    let over = false;
    const turn = () => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    await streamed(people.stream(Array.from({ length: 1500 }, (_, at) => `p${at}`)));
    over = true;
    expect(turns).toBeGreaterThan(0);
  });
});

describe('options of open()', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ['redis', { redis: null }, 'The option redis of open() cannot be null. '],
    ['fallbacks', { fallbacks: 'postgresql://u:secret@h/d' }, 'The option fallbacks of open() cannot be '],
    ['namespace', { namespace: 5 }, 'The option namespace of open() cannot be 5. Give a string.'],
    ['braces', { namespace: 'a{b}' }, 'Leave out { and }, by which Redis Cluster places keys.'],
    ['synchronize', { synchronize: 'yes' }, 'The option synchronize of open() cannot be "yes". Give true or false.'],
    ['logger', { logger: {} }, 'The option logger of open() cannot be an instance of Object. '],
    ['clock', { clock: 5 }, 'The option clock of open() cannot be 5. '],
    ['breaker', { circuitBreaker: 5 }, 'The option circuitBreaker of open() cannot be 5. Give an object of '],
    [
      'breaker name',
      { circuitBreaker: { hotter: {} } },
      'The option circuitBreaker of open() has no option "hotter". ',
    ],
    [
      'breaker tier',
      { circuitBreaker: { hot: { timout: 5 } } },
      'The option circuitBreaker.hot of open() has no option "timout".',
    ],
    [
      'percentage',
      { circuitBreaker: { errorThresholdPercentage: 1000 } },
      'The option circuitBreaker.hot.errorThresholdPercentage of open() cannot be 1000. Give a number above 0, at most 100.',
    ],
    ['isFault', { circuitBreaker: { isFault: 5 } }, 'The option circuitBreaker.hot.isFault of open() cannot be 5. '],
    ['bulkhead', { bulkhead: 5 }, 'The option bulkhead of open() cannot be 5. Give an object of limit, queue.'],
    ['bulkhead name', { bulkhead: { limits: 4 } }, 'The option bulkhead of open() has no option "limits". '],
    [
      'retry name',
      { retry: { times: 4 } },
      'The option retry of open() has no option "times". It has: attempts, backoff.',
    ],
    ['too short', { repairInterval: 0 }, 'The option repairInterval of open() cannot be 0. Give 10 ms or more.'],
    ['NaN', { repairInterval: Number.NaN }, 'The option repairInterval of open() cannot be NaN. '],
  ];

  test.each(wrong)('a wrong one is refused by name: %s', async (_, options, message) => {
    const open = Holdfast.open({ entities: [Person], fallbacks: { home: 'memory:' }, ...options } as HoldfastOptions);
    await expect(open).rejects.toThrow(ValidationError);
    await expect(open).rejects.toThrow(message);
    await expect(open).rejects.not.toThrow('secret');
  });
});
