import { describe, expect, test } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { StoreUnavailableError } from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyDriver, faultyHotStore } from '../../src/testing/faulty.js';
import { openFaulty } from './open.js';

/** Two processes on the same two tiers, each with faults of its own. */
async function openTwo() {
  const clock = fakeClock(1_700_000_000_000);
  const hot = memoryHotStore({ clock });
  const home = memoryDriver();
  const open = () => {
    const { driver, faults } = faultyDriver(home, { clock });
    const opened = openFaulty({ redis: faultyHotStore(hot, { clock }).store, fallbacks: { home: driver }, clock });
    return opened.then(({ people }) => ({ people, durable: faults }));
  };
  const [{ people, durable }, other] = await Promise.all([open(), open()]);
  return { people, durable, others: other.people };
}

describe('a read begun after a write of another process was acknowledged', () => {
  test('does not wait for, or join, a load that was under way before', async () => {
    const { people, others, durable } = await openTwo();
    await others.save({ id: 'a', name: 'old' });
    await others.evict('a');
    const gate = durable.gate('read', 'after');
    const early = people.find('a');
    await gate.reached;
    await others.save({ id: 'a', name: 'new' });
    const late = people.find('a');
    const part = people.find('a', { fields: ['name'] });
    expect((await late)!.name).toBe('new');
    expect((await part)!.name).toBe('new');
    gate.open();
    expect((await early)!.name).toBe('old');
    expect((await people.find('a'))!.name).toBe('new');
  });

  test('finds what was deleted gone', async () => {
    const { people, others, durable } = await openTwo();
    await others.save({ id: 'a', name: 'old' });
    await others.evict('a');
    const gate = durable.gate('read', 'after');
    const early = people.find('a');
    await gate.reached;
    await others.delete('a');
    const late = people.exists('a');
    const found = people.find('a');
    expect(await late).toBe(false);
    expect(await found).toBe(undefined);
    gate.open();
    await early;
  });
});

describe('loads of one missing key', () => {
  test('that come one after the other while it is being filled make one durable read', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    await people.evict('a');
    const before = durable.calls.read;
    const gate = durable.gate('read', 'before');
    const finds = [people.find('a')];
    await gate.reached;
    for (let i = 0; i < 20; i++) {
      finds.push(people.find('a'));
      await new Promise(setImmediate);
    }
    gate.open();
    for (const found of await Promise.all(finds)) expect(found).toMatchObject({ name: 'Ann' });
    expect(durable.calls.read).toBe(before + 1);
  });

  test('that ask different things of it at once make one durable read', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' }, { hot: 'never' });
    const [found, exists, part] = await Promise.all([
      people.find('a'),
      people.exists('a'),
      people.find('a', { fields: ['name'] }),
    ]);
    expect([found!.name, exists, part!.name]).toEqual(['Ann', true, 'Ann']);
    expect(durable.calls.read).toBe(1);
  });

  test('do not wait for a fill that was stopped by a write', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'a', name: 'old' }, { hot: 'never' });
    const read = durable.gate('read', 'after');
    const early = people.find('a');
    await read.reached;
    const write = durable.gate('write', 'after');
    const saving = people.save({ id: 'a', name: 'new' });
    await write.reached;
    expect(await people.find('a')).toMatchObject({ name: 'new' });
    write.open();
    await saving;
    read.open();
    expect(await early).toMatchObject({ name: 'old' });
    expect(await people.find('a')).toMatchObject({ name: 'new' });
  });

  test('that wait for one that fails fail with it', async () => {
    const { people, durable } = await openFaulty();
    const gate = durable.gate('read', 'before');
    const first = people.find('a').catch((error: unknown) => error);
    await gate.reached;
    const second = people.find('a').catch((error: unknown) => error);
    await new Promise(setImmediate);
    durable.down();
    gate.open();
    expect(await first).toBeInstanceOf(StoreUnavailableError);
    expect(await second).toBeInstanceOf(StoreUnavailableError);
    expect(durable.calls.read).toBe(1);
  });
});

describe('a durable store that answers wrongly', () => {
  test.each([
    ['behind a hot tier', {}],
    ['alone', { redis: false }],
  ] as const)('%s makes reads fail, and neither hang nor end the process', async (_, options) => {
    const driver = memoryDriver();
    const short = {
      ...faultyDriver(driver).driver,
      read: async () => [],
    };
    const { people } = await openFaulty({ ...options, fallbacks: { home: short } });
    await expect(people.find('a')).rejects.toThrow();
    await expect(people.findMany(['b', 'c'])).rejects.toThrow();
  });
});
