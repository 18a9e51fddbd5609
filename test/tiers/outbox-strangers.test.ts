import { expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { outboxSchema } from '../../src/outbox-schema.js';
import { faultyHotStore } from '../../src/testing/faulty.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { Outbox } from '../../src/tiers/outbox.js';
import { type Fenced, fenced } from '../support/fenced.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

const MINUTE = 60_000;
const MANY = 600;

/** Stores rows that a process of another clock has written, of this hot tier or of one that nobody has. */
async function rowsOf(tiers: Fenced, { scope = tiers.hot.store.scope, count = 1, late = 0 }): Promise<void> {
  const { durable, schema, clock, key } = tiers;
  const now = () => clock.now() - late;
  const box = new Outbox({
    driver: durable.driver,
    schema: outboxSchema,
    scope,
    schemas: [schema],
    clock: { ...clock, now },
    recent: 0,
  });
  const keys = scope === tiers.hot.store.scope ? [key] : Array.from({ length: count }, (_, at) => sampleKey(`k${at}`));
  await box.store(box.keep(schema, keys, 'token'));
}

/** How many rows are read while so much time goes by. */
async function readIn(tiers: Fenced, ms: number): Promise<number> {
  const before = tiers.rowsRead;
  await tiers.clock.advance(ms);
  return tiers.rowsRead - before;
}

test('many rows of a hot tier that nobody has any more are soon not read each time', async () => {
  const tiers = await make();
  await rowsOf(tiers, { scope: 'gone', count: MANY, late: 60 * MINUTE });
  await tiers.clock.advance(1000);
  // One row tells that those behind it are old; all of them are looked at now and then.
  expect(await readIn(tiers, 10 * MINUTE)).toBeLessThanOrEqual(600 + MANY);
  expect(await tiers.outboxRows()).toBe(MANY);
});

test('a new row is seen within the interval, however many old ones of others there are', async () => {
  const tiers = await make();
  await rowsOf(tiers, { scope: 'gone', count: MANY, late: 60 * MINUTE });
  await tiers.clock.advance(1000);
  await tiers.save(1);
  const writer = await tiers.another();
  writer.hot.faults.down();
  await writer.save(2);
  await writer.store.close();
  expect(await tiers.read()).toBe(1);
  await tiers.clock.advance(1000);
  expect(await tiers.read()).toBe(2);
  expect(await tiers.outboxRows()).toBe(MANY);
});

test('a row however old is seen before the place of its key is trusted again', async () => {
  const tiers = await make();
  await rowsOf(tiers, { scope: 'gone', count: MANY, late: 60 * MINUTE });
  await tiers.save(1);
  const fault = { error: new StoreFault('away', 'none') };
  let away: readonly string[] = [];
  const reader = await tiers.another((hot) => ({
    ...faultyHotStore(hot).store,
    place: () => 'one',
    places: async () => new Map(['one', 'two'].map((place) => [place, away.includes(place) ? fault : undefined])),
  }));
  away = ['one', 'two'];
  await tiers.clock.advance(1000);
  tiers.hot.faults.down();
  await tiers.save(2);
  await tiers.store.close();
  await tiers.clock.advance(12 * MINUTE);
  // All rows are read, for the sake of the other place.
  away = ['one'];
  await tiers.clock.advance(1000);
  expect(await tiers.outboxRows()).toBe(MANY + 1);
  away = [];
  await tiers.clock.advance(1000);
  expect(reader.store.status().hot.state).toBe('up');
  expect(await reader.read()).toBe(2);
  expect(await tiers.outboxRows()).toBe(MANY);
});

test('a row however old is seen by a process that starts', async () => {
  const tiers = await make();
  await rowsOf(tiers, { scope: 'gone', count: MANY, late: 60 * MINUTE });
  await tiers.save(1);
  tiers.hot.faults.down();
  await tiers.save(2);
  await tiers.clock.advance(61 * MINUTE);
  expect(await tiers.hotState()).toBe(1);
  const started = await tiers.another();
  expect(await started.read()).toBe(2);
});

test('a row of a process whose clock is an hour late is seen within the interval, or before long where there are many of others', async () => {
  for (const count of [10, MANY]) {
    const tiers = await make();
    await rowsOf(tiers, { scope: 'gone', count, late: 60 * MINUTE });
    await tiers.clock.advance(1000);
    await tiers.save(1);
    await rowsOf(tiers, { late: 60 * MINUTE });
    await tiers.clock.advance(count < MANY ? 1000 : 15 * MINUTE);
    expect(await tiers.outboxRows()).toBe(count);
    expect(await tiers.hotState()).toBe('fill');
  }
});
