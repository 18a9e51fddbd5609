import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type Class,
  EntityExistsError,
  type HashRepository,
  Holdfast,
  type HoldfastOptions,
  ValidationError,
  VersionConflictError,
} from '../../src/index.js';
import { Address, type Counter, type EveryType, type Visited } from './every-type.js';
import { flagCases } from './flag-cases.js';

/** What every combination of stores must do alike, as an application meets it: two holdfasts on the same stores. */
export interface Combination {
  readonly entities: {
    readonly every: Class<EveryType>;
    readonly counter: Class<Counter>;
    readonly visited: Class<Visited>;
  };
  /** The options of each of the two; what they make is shared or on a server. */
  options(): Promise<Omit<HoldfastOptions, 'entities'>>;
  /** Whether the second holdfast is another process to the first's hot tier: false where that is private. */
  readonly sharedHot: boolean;
  /** Whether several keys are written all or none. */
  readonly transactions: boolean;
  cleanUp?(holdfast: Holdfast): Promise<void>;
}

const KEY = { country: 'a:b', number: 7 };

export function storeCases({ entities, options, sharedHot, transactions, cleanUp }: Combination): void {
  let holdfast: Holdfast;
  let other: Holdfast;
  let every: HashRepository<EveryType>;
  let counters: HashRepository<Counter>;
  let othersEvery: HashRepository<EveryType>;
  let othersCounters: HashRepository<Counter>;

  beforeAll(async () => {
    const given = { ...(await options()), entities: Object.values(entities) };
    holdfast = await Holdfast.open(given);
    other = await Holdfast.open(given);
    every = holdfast.repository(entities.every) as HashRepository<EveryType>;
    counters = holdfast.repository(entities.counter) as HashRepository<Counter>;
    othersEvery = other.repository(entities.every) as HashRepository<EveryType>;
    othersCounters = other.repository(entities.counter) as HashRepository<Counter>;
  }, 60_000);

  afterAll(async () => {
    await other.close();
    await cleanUp?.(holdfast);
    await holdfast.close();
  });

  const whole = () => ({
    ...KEY,
    name: 'Zürich "quoted" \\ \' %_* 💥',
    note: null,
    score: 0.1 + 0.2,
    count: Number.MIN_SAFE_INTEGER,
    big: -(2n ** 63n),
    active: false,
    at: new Date('2026-01-02T03:04:05.678Z'),
    data: Buffer.from([0, 255, 128, 10]),
    tags: { b: [1, 'x', null, { 'a.b': true }], a: '', n: 1e-7 },
    address: Object.assign(new Address(), { street: 'Main', since: new Date(5), big: 2n ** 62n }),
    others: [Object.assign(new Address(), { street: '', since: new Date(0) })],
  });

  test('every type comes back exactly, from the hot tier, from the durable one, and elsewhere', async () => {
    await every.save(whole());
    const expected = every.create(whole());
    expect(await every.find(KEY)).toEqual(expected);
    expect(await every.find(KEY, { from: 'durable' })).toEqual(expected);
    await every.evict(KEY);
    expect(await every.find(KEY)).toEqual(expected);
    expect(await othersEvery.find(KEY)).toEqual(expected);
    expect(Object.keys(JSON.parse(JSON.stringify((await every.find(KEY))!.tags)))).toEqual(['b', 'a', 'n']);
    const names = ['note', 'big', 'at'] as const;
    const { note, big, at } = whole();
    expect(await othersEvery.find(KEY, { fields: names })).toEqual({ ...KEY, note, big, at });
    expect(await every.delete(KEY)).toBe(true);
    expect(await every.find(KEY)).toBe(undefined);
  });

  test('absent, null and empty stay apart', async () => {
    await every.save([
      { ...KEY, number: 1 },
      { ...KEY, number: 2, note: null, name: '' },
      { ...KEY, number: 3, note: '' },
    ]);
    for (const from of [undefined, 'durable'] as const) {
      const found = await every.findMany(
        [1, 2, 3].map((number) => ({ ...KEY, number })),
        from ? { from } : {},
      );
      expect(found.map((one) => [one!.note, one!.name])).toEqual([
        [undefined, undefined],
        [null, ''],
        ['', undefined],
      ]);
    }
    expect(await every.delete([1, 2, 3, 4].map((number) => ({ ...KEY, number })))).toBe(3);
  });

  test('an acknowledged write is seen by others at once, also where they had the entity, or its absence, hot', async () => {
    if (!sharedHot) await othersCounters.evict(['seen']);
    await counters.delete('seen');
    if (sharedHot) expect(await othersCounters.find('seen')).toBe(undefined);
    await counters.insert({ id: 'seen', value: 1 });
    for (let value = 2; value < 20; value++) {
      await counters.update('seen', { value });
      if (sharedHot) expect(await othersCounters.find('seen')).toMatchObject({ value });
      expect(await othersCounters.find('seen', { from: 'durable' })).toMatchObject({ value });
    }
    await counters.delete('seen');
    if (sharedHot) expect(await othersCounters.find('seen')).toBe(undefined);
  });

  test('increments and functions of two processes at once are each applied once', async () => {
    await counters.save({ id: 'sum', value: 0 });
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const repository = i % 2 ? counters : othersCounters;
        if (i % 4 < 2) return repository.increment('sum', 'value', 2);
        return repository.update('sum', (counter) => {
          counter.value += 1;
        });
      }),
    );
    expect(await counters.find('sum', { from: 'durable' })).toMatchObject({ value: 60, version: 41 });
    if (sharedHot) expect(await othersCounters.find('sum')).toMatchObject({ value: 60, version: 41 });
    await counters.delete('sum');
  });

  test('of two saves of one version one is refused', async () => {
    await counters.save({ id: 'race', value: 0 });
    const [mine, theirs] = [
      await counters.findOrFail('race', { from: 'durable' }),
      await othersCounters.findOrFail('race', { from: 'durable' }),
    ];
    const settled = await Promise.allSettled([
      counters.save(Object.assign(mine, { value: 1 })),
      othersCounters.save(Object.assign(theirs, { value: 2 })),
    ]);
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: expect.any(VersionConflictError),
    });
    const { value } = await counters.findOrFail('race', { from: 'durable' });
    expect(value).toBe(settled[0]!.status === 'fulfilled' ? 1 : 2);
    await counters.delete('race');
  });

  test('of 20 inserts of one key one is made', async () => {
    const inserts = Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? counters : othersCounters).insert({ id: 'one', value: i }),
    );
    const settled = await Promise.allSettled(inserts);
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(EntityExistsError);
    await counters.delete('one');
  });

  test('keys are exact, and their order is that of their text', async () => {
    const ids = [
      '',
      '%',
      '*',
      ' a',
      'A',
      'a',
      'a ',
      'a%',
      'a:b',
      'a_b',
      'not-found:x',
      'x'.repeat(255),
      'ü',
      '\u{1F4A5}',
    ];
    await counters.save(ids.map((id, value) => ({ id, value })));
    expect((await othersCounters.findMany(ids, { from: 'durable' })).map((one) => one?.id)).toEqual(ids);
    if (sharedHot)
      expect((await othersCounters.findMany(ids)).map((one) => one?.value)).toEqual(ids.map((_, value) => value));
    expect(await counters.count()).toBe(ids.length);
    const streamed: string[] = [];
    for await (const one of counters.stream()) streamed.push(one.id);
    expect([...streamed].sort()).toEqual([...ids].sort());
    expect(await counters.find('A ')).toBe(undefined);
    expect(await counters.delete(ids)).toBe(ids.length);
    expect(await counters.count()).toBe(0);
  });

  test('a key of 10 KB is exact, or refused with nothing written', async () => {
    const id = `${'x'.repeat(10_000)}é`;
    const saved = await counters.save({ id, value: 1 }).catch((error: unknown) => error);
    if (saved instanceof Error) {
      expect(saved).toBeInstanceOf(ValidationError);
      expect(await counters.count()).toBe(0);
    } else {
      expect(await othersCounters.find(id, { from: 'durable' })).toMatchObject({ id, value: 1 });
      expect(await counters.delete(id)).toBe(true);
    }
  });

  test('bad input is refused, and nothing is written', async () => {
    const bad: unknown[] = [
      { id: 'bad', value: 'x' },
      { id: 'bad', value: Number.NaN },
      { id: 'bad', value: 0.5 },
      { id: 'bad', value: null },
      { id: 'bad', value: 1, other: 2 },
      { value: 1 },
      { id: 5, value: 1 },
      JSON.parse('{"id":"bad","value":1,"__proto__":{"x":1}}'),
      null,
      'bad',
    ];
    for (const one of bad) {
      await expect(counters.save(one as never)).rejects.toThrow(ValidationError);
      await expect(counters.save([{ id: 'good', value: 1 }, one] as never)).rejects.toThrow(ValidationError);
    }
    expect(await counters.count()).toBe(0);
  });

  test('several are all or none', async () => {
    await counters.insert({ id: 'there', value: 0 });
    const both = [
      { id: 'new', value: 1 },
      { id: 'there', value: 1 },
    ];
    if (transactions) {
      await expect(counters.insert(both)).rejects.toThrow(EntityExistsError);
      expect(await counters.exists('new')).toBe(false);
      await holdfast.batch((batch) => {
        batch.repository(entities.counter).save({ id: 'new', value: 5 } as never);
        batch.repository(entities.every).save({ ...KEY, number: 9, name: 'batched' } as never);
        batch.repository(entities.counter).delete('there' as never);
      });
      expect(await othersEvery.find({ ...KEY, number: 9 }, { from: 'durable' })).toMatchObject({ name: 'batched' });
      expect(await othersCounters.exists('there', { from: 'durable' })).toBe(false);
      await every.delete({ ...KEY, number: 9 });
    } else
      await expect(
        holdfast.batch((batch) => batch.repository(entities.counter).delete(['a', 'b'] as never)),
      ).rejects.toThrow(ValidationError);
    await counters.delete(['new', 'there']);
  });

  test('a larger text, and many fields at once, come back whole', async () => {
    const name = 'ä😀x'.repeat(100_000);
    await every.save({ ...KEY, number: 10, name });
    expect((await every.find({ ...KEY, number: 10 }))!.name === name).toBe(true);
    expect((await othersEvery.find({ ...KEY, number: 10 }, { from: 'durable' }))!.name === name).toBe(true);
    await every.delete({ ...KEY, number: 10 });
  });

  flagCases({ entity: entities.visited, holdfast: () => holdfast, other: () => other, sharedHot, transactions });
}
