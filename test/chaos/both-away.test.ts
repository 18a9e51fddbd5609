import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.js';
import { faultyDriver, faultyHotStore } from '../../src/testing/faulty.js';
import { History } from './history.js';
import { Process } from './process.js';
import { atRest, patient } from './subject.js';

const REPAIR = 1000;
const place = { entity: 'note', id: 'k' } as const;

let clock: FakeClock;
let history: History;
let durable: ReturnType<typeof faultyDriver>;
let hot: ReturnType<typeof faultyHotStore>;
let a: Process;
let b: Process;

beforeEach(async () => {
  clock = fakeClock(1_700_000_000_000);
  history = new History();
  const store = memoryHotStore({ clock });
  const driver = memoryDriver();
  hot = faultyHotStore(store, { clock });
  durable = faultyDriver(driver, { clock });
  const options = { ...patient, clock, repairInterval: REPAIR };
  a = await Process.open('A', history, { hot: hot.store, driver: durable.driver }, options);
  b = await Process.open('B', history, { hot: store, driver }, options);
  await b.save('k', 1);
});
afterEach(async () => {
  await a.close();
  await b.close();
});

const rest = () =>
  atRest(
    {
      history,
      outlast: () => clock.advance(125_000),
      async settle(check) {
        await clock.advance(REPAIR + 1);
        await check();
      },
    },
    [b, a],
    [place],
  );

test('a write whose commit reaches neither the hot tier nor the outbox is not acknowledged, and nothing old is left of it', async () => {
  const stop = a.steps.stop('k', 'before commit');
  const over = a.save('k', 2);
  await stop.reached;
  hot.faults.down();
  durable.faults.failNext('write', new StoreFault('refused', 'none'));
  stop.go();
  expect(await over).toBe(false);
  expect(await a.find('k')).toBe(2);
  hot.faults.up();
  expect(await a.find('k')).toBe(2);
  await rest();
});

test('a write that reaches neither tier is not made, and what was before it is served on', async () => {
  hot.faults.down();
  durable.faults.failNext('write', new StoreFault('refused', 'none'));
  expect(await a.save('k', 2)).toBe(false);
  expect(await a.find('k')).toBe(1);
  hot.faults.up();
  expect(await a.find('k')).toBe(1);
  await rest();
});

test('a write of unknown outcome that nobody could be told of leaves nothing old when it lands after all', async () => {
  hot.faults.down();
  const settled: { over: () => void } = { over: () => {} };
  const known = new Promise<undefined>((resolve) => {
    settled.over = () => resolve(undefined);
  });
  durable.faults.failNext(
    'write',
    new StoreFault('no answer', 'unknown', { unknownFor: 5000, settled: known }),
    'after',
  );
  expect(await a.save('k', 2)).toBe(false);
  // It has landed, though nobody knows.
  history.landed('A', place, 2);
  hot.faults.up();
  settled.over();
  await clock.advance(0);
  await rest();
});

test('a hot tier that comes back while the outbox cannot be read is not trusted before it can', async () => {
  hot.faults.down();
  expect(await a.save('k', 2)).toBe(true);
  durable.faults.down();
  hot.faults.up();
  await clock.advance(3 * REPAIR);
  expect(a.trusting).toBe(false);
  await expect(a.find('k')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  durable.faults.up();
  await rest();
});
