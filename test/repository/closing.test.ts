import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { ClosedError } from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyHotStore } from '../../src/testing/faulty.js';
import { runTsChild } from '../support/ts-child.js';
import { Person } from './entities.js';
import { openFaulty } from './open.js';

describe('close', () => {
  test.each(['in process', 'remote'])('waits for a find of the same tick, with a hot tier %s', async (where) => {
    const clock = fakeClock(1_700_000_000_000);
    const hot = { ...faultyHotStore(memoryHotStore({ clock })).store, inProcess: where === 'in process' };
    const { holdfast, people } = await openFaulty({ clock, redis: hot });
    await people.save({ id: 'a', name: 'Ann' });
    const finds = [people.find('a'), people.findOrFail('a'), people.find('a', { fields: ['name'] })];
    await holdfast.close();
    for (const found of await Promise.all(finds)) expect(found).toMatchObject({ name: 'Ann' });
  });

  test('waits for a find of the same tick where there is no hot tier', async () => {
    const { holdfast, people } = await openFaulty({ redis: false });
    await people.save({ id: 'a', name: 'Ann' });
    const found = people.find('a');
    await holdfast.close();
    expect(await found).toMatchObject({ name: 'Ann' });
  });

  test('waits for a count and an eviction that are under way', async () => {
    const { holdfast, people, durable, hot } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    const count = durable.gate('count', 'before');
    const drop = hot.gate('drop', 'before');
    const calls = [people.count(), people.evict('a')];
    await Promise.all([count.reached, drop.reached]);
    let closed = false;
    const closing = holdfast.close().then(() => {
      closed = true;
    });
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    count.open();
    drop.open();
    expect((await Promise.all(calls))[0]).toBe(1);
    await closing;
  });

  test('waits for a refresh that is under way, to its end', async () => {
    const { holdfast, people, hot } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    const drop = hot.gate('drop', 'before');
    const refreshed = people.refresh('a');
    await drop.reached;
    const closed = holdfast.close();
    await nextTurn();
    drop.open();
    expect(await refreshed).toMatchObject({ name: 'Ann' });
    await closed;
    await expect(people.refresh('a')).rejects.toBeInstanceOf(ClosedError);
  });

  test('refuses a batch that is still recording, which writes nothing', async () => {
    const durable = memoryDriver();
    const { holdfast } = await openFaulty({ fallbacks: { home: durable } });
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const batch = holdfast.batch(async (b) => {
      b.repository(Person).save({ id: 'a', name: 'Ann' });
      await held;
    });
    const refused = expect(batch).rejects.toThrow(ClosedError);
    await holdfast.close();
    go();
    await refused;
    const again = await openFaulty({ fallbacks: { home: durable } });
    expect(await again.people.find('a')).toBe(undefined);
  });

  test('ends a stream that is under way with ClosedError', async () => {
    const { holdfast, people } = await openFaulty();
    await people.save([
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Bob' },
    ]);
    const reading = (async () => {
      for await (const one of people.stream()) if (one.id === 'a') await holdfast.close();
    })();
    await expect(reading).rejects.toThrow(ClosedError);
  });
});

describe('a process that has nothing else to do', () => {
  const child = fileURLToPath(new URL('./waits-child.ts', import.meta.url));

  test.each([
    ['a read that is tried again', 'retry', 'found undefined'],
    ['close, which waits for a write of unknown outcome', 'close', 'closed'],
  ])(
    'does not end before %s',
    async (_, what, line) => {
      const { ended, lines } = runTsChild(child, [what]);
      expect(await ended).toMatchObject({ code: 0, errors: '' });
      expect(lines).toEqual([line]);
    },
    30_000,
  );
});
