import { expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyDriver, faultyHotStore } from '../../src/testing/faulty.js';
import { openFaulty } from '../repository/open.js';

test('a process that starts while the outbox cannot be read serves nothing hot', async () => {
  const clock = fakeClock(1_700_000_000_000);
  const hot = memoryHotStore({ clock });
  const home = memoryDriver();
  const open = (link = faultyHotStore(hot, { clock }), durable = faultyDriver(home, { clock })) =>
    openFaulty({ redis: link.store, fallbacks: { home: durable.driver }, clock });
  const link = faultyHotStore(hot, { clock });
  const { people } = await open(link);
  await people.save({ id: 'a', name: 'old' });
  link.faults.down();
  await people.save({ id: 'a', name: 'new' });
  const durable = faultyDriver(home, { clock });
  durable.faults.failNext('scan', new StoreFault('cut', 'none'));
  const started = await open(undefined, durable);
  expect(await started.people.find('a')).toMatchObject({ name: 'new' });
});

test('what its process has cached of the value under its own lock is gone when a write is acknowledged', async () => {
  const { visitors, hot } = await openFaulty();
  await visitors.save({ id: 'v', name: 'old' });
  const gate = hot.gate('commit', 'before');
  const saving = visitors.save({ id: 'v', name: 'new' });
  await gate.reached;
  expect(await visitors.find('v')).toMatchObject({ name: 'old' });
  gate.open();
  await saving;
  expect(await visitors.find('v')).toMatchObject({ name: 'new' });
});

test('a hot tier that hangs is down though nobody asks it for anything', async () => {
  const { holdfast, hot, clock } = await openFaulty();
  hot.hang();
  await clock.advance(10_000);
  expect(holdfast.health().tiers[0]).toMatchObject({ role: 'hot', state: 'down' });
  hot.up();
  await clock.advance(2000);
  expect(holdfast.health().tiers[0]).toMatchObject({ role: 'hot', state: 'up' });
});
