import { describe, expect, test } from '@jest/globals';
import { Holdfast, StoreUnavailableError } from '../../src/index.js';
import { faultyHotStore, memoryHotStore } from '../../src/testing.js';
import { until } from '../support/until.js';
import { Person } from './entities.js';
import { openFaulty } from './open.js';

const failure = (call: Promise<unknown>) =>
  call.then(
    (value) => {
      throw new Error(`expected an outage, got ${String(value)}`);
    },
    (error: StoreUnavailableError) => error,
  );

test('a process may start while its hot tier is away, and trusts it when it is there', async () => {
  const { store: redis, faults } = faultyHotStore(memoryHotStore());
  const options = {
    entities: [Person],
    redis,
    fallbacks: { home: 'memory:' },
    repairInterval: 10,
    logger: false,
  } as const;
  faults.down();
  await expect(Holdfast.open(options)).rejects.toBeInstanceOf(StoreUnavailableError);
  const holdfast = await Holdfast.open({ ...options, openWithoutRedis: true });
  const people = holdfast.repository(Person);
  await people.save({ id: 'a', name: 'Ann' });
  expect(await people.find('a')).toMatchObject({ name: 'Ann' });
  expect(holdfast.health().state).toBe('degraded');
  faults.up();
  await until('it is trusted', () => holdfast.health().state === 'up');
  expect(await people.find('a')).toMatchObject({ name: 'Ann' });
  expect(faults.calls.fill).toBe(1);
  await holdfast.close();
});

describe('a look at the outbox that is never answered', () => {
  test('is given up, so that a hot tier which is back is trusted again', async () => {
    const { holdfast, people, hot, durable, clock } = await openFaulty();
    await people.save({ id: 'a', name: 'before' });
    const lost = durable.gate('scan');
    await clock.advance(1000);
    await lost.reached;
    hot.down();
    await people.save({ id: 'a', name: 'after' });
    hot.up();
    await clock.advance(60_000);
    expect(holdfast.health().state).toBe('up');
    expect(await people.find('a')).toMatchObject({ name: 'after' });
    lost.open();
  });

  test('is not waited for by close() for ever', async () => {
    const { holdfast, durable, clock } = await openFaulty();
    const lost = durable.gate('scan');
    await clock.advance(1000);
    await lost.reached;
    const closed = holdfast.close();
    await clock.advance(60_000);
    await closed;
    lost.open();
  });
});

describe('an outage is never "not found", nor remembered as if it were', () => {
  test('while the breaker keeps calls from the durable store', async () => {
    const { visitors, people, durable, clock } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' }, { hot: 'never' });
    await people.save({ id: 'a', name: 'Ann' }, { hot: 'never' });
    durable.down();
    for (let i = 0; i < 10; i++) await failure(people.find('a'));
    const asked = durable.calls.read;
    for (const call of [visitors.find('v'), visitors.exists('v'), people.findOrFail('a'), people.find('nobody')]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error.retryAt).toBeGreaterThan(clock.now());
    }
    expect(durable.calls.read).toBe(asked);
    durable.up();
    await clock.advance(10_001);
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
    expect(await people.find('nobody')).toBe(undefined);
  });

  test('while both tiers hang', async () => {
    const { visitors, hot, durable, clock } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' });
    hot.hang();
    durable.hang();
    const errors = Promise.all([failure(visitors.find('v')), failure(visitors.exists('nobody'))]);
    await clock.advance(6000);
    for (const error of await errors) {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error.failures.map(({ tier }) => tier)).toEqual(['memory', 'memory']);
    }
    hot.up();
    durable.up();
    await clock.advance(10_001);
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    expect(await visitors.exists('nobody')).toBe(false);
  });

  test('while the durable store has no place for another read', async () => {
    const { people, durable } = await openFaulty({ bulkhead: { limit: 1, queue: 0 } });
    await people.save(
      [
        { id: 'a', name: 'Ann' },
        { id: 'b', name: 'Bob' },
      ],
      { hot: 'never' },
    );
    const gate = durable.gate('read', 'before');
    const first = people.find('a');
    await gate.reached;
    expect(await failure(people.find('b'))).toBeInstanceOf(StoreUnavailableError);
    gate.open();
    expect(await first).toMatchObject({ name: 'Ann' });
    expect(await people.find('b')).toMatchObject({ name: 'Bob' });
  });

  test('where a part of many keys cannot be read', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'hot', name: 'H' });
    durable.down();
    expect(await failure(people.findMany(['hot', 'cold']))).toBeInstanceOf(StoreUnavailableError);
    expect(await people.find('hot')).toMatchObject({ name: 'H' });
    durable.up();
    expect(await people.findMany(['hot', 'cold'])).toMatchObject([{ name: 'H' }, undefined]);
  });
});

test('many lookups of missing ids, and conflicts, leave both tiers in use', async () => {
  const { people, hot, durable } = await openFaulty();
  for (let i = 0; i < 20; i++) expect(await people.find(`nobody${i}`)).toBe(undefined);
  for (let i = 0; i < 20; i++) await people.update('nobody', { name: 'x' }).catch(() => {});
  const before = [hot.calls.read, durable.calls.read];
  expect(await people.find('somebody')).toBe(undefined);
  expect([hot.calls.read, durable.calls.read]).toEqual(before.map((calls) => calls + 1));
});

describe('a write that was given up and is made after all', () => {
  test.each([
    ['behind a hot tier', {}],
    ['in the only store', { redis: false }],
  ] as const)('%s ends what was cached meanwhile', async (_, options) => {
    const { visitors, durable, clock } = await openFaulty(options);
    await visitors.save({ id: 'v', name: 'old' });
    const gate = durable.gate('write', 'before');
    const saving = visitors.save({ id: 'v', name: 'new' });
    const refused = expect(saving).rejects.toMatchObject({ outcomeUnknown: true });
    await gate.reached;
    await clock.advance(5001);
    await refused;
    expect(await visitors.find('v')).toMatchObject({ name: 'old' });
    gate.open();
    await clock.advance(0);
    expect(await visitors.find('v')).toMatchObject({ name: 'new' });
  });
});
