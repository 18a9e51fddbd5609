import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { type Fenced, fenced } from '../support/fenced.js';
import { until } from '../support/until.js';

// Histories that go wrong without one guard of the protocol, which other tests do not come by.

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

const cut = () => new StoreFault('cut', 'none');

const noRows = (tiers: Fenced) => until('the rows are gone', async () => (await tiers.outboxRows()) === 0);

/** A write of 2 by a process whose hot tier is away, so that its row alone tells of it. */
async function writtenAway(tiers: Fenced): Promise<void> {
  await tiers.save(1);
  tiers.hot.faults.down();
  await tiers.save(2);
}

describe('a write whose lock was not confirmed', () => {
  test('drops the entry though its process trusts the hot tier again before it lands', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.failNext('begin', cut());
    const gate = tiers.durable.faults.gate('write', 'before');
    const saving = tiers.save(2);
    await gate.reached;
    await tiers.clock.advance(1000);
    await until('it is trusted', () => tiers.store.status().hot.state === 'up');
    gate.open();
    await saving;
    expect(await tiers.read()).toBe(2);
  });

  test('is one durable write with its row', async () => {
    const tiers = await make();
    tiers.hot.faults.down();
    await tiers.save(1);
    expect(tiers.durable.faults.calls.write).toBe(1);
    expect(await tiers.outboxRows()).toBe(1);
  });

  test('and that cannot drop the entry either is not read from the hot tier by its process', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.failNext('begin', cut());
    const gate = tiers.durable.faults.gate('write', 'before');
    const saving = tiers.save(2);
    await gate.reached;
    await tiers.clock.advance(1000);
    await until('it is trusted', () => tiers.store.status().hot.state === 'up');
    tiers.hot.faults.failNext('abandon', cut());
    gate.open();
    await saving;
    expect(await tiers.read()).toBe(2);
  });

  test.each([
    ['without transactions', { transactions: false }],
    ['that does not take both at once', { keysAtOnce: 1 }],
  ])('in a store %s leaves another row where its first one was seen to before it landed', async (_, capabilities) => {
    const tiers = await make();
    Object.assign(tiers.durable.driver.capabilities, capabilities);
    const other = await tiers.another();
    await tiers.save(1);
    tiers.hot.faults.down();
    const row = tiers.durable.faults.gate('write', 'after');
    const saving = tiers.save(2);
    await row.reached;
    const change = tiers.durable.faults.gate('write', 'before');
    row.open();
    await change.reached;
    await tiers.clock.advance(1000);
    await noRows(tiers);
    expect(await other.read()).toBe(1);
    change.open();
    await saving;
    await tiers.clock.advance(1000);
    await noRows(tiers);
    expect(await other.read()).toBe(2);
  });

  test('and arrives when its row has been seen to is taken back by its process, long before its time is over', async () => {
    const tiers = await make();
    const { store } = tiers.hot;
    let arrive = async (): Promise<unknown> => undefined;
    const late: HotStore = {
      ...store,
      begin: async (schema, keys, ...rest) => {
        arrive = () => store.begin(schema, keys, ...rest);
        return keys.map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
    };
    const writer = await tiers.another(() => late);
    writer.hot.faults.failNext('abandon', cut());
    await writer.save(1);
    writer.hot.faults.down();
    await tiers.clock.advance(1000);
    await noRows(tiers);
    await arrive();
    expect(await tiers.hotState()).toBe('busy');
    writer.hot.faults.up();
    await tiers.clock.advance(1000);
    await until('it is taken back', async () => (await tiers.hotState()) === 'fill');
  });
});

test('a write of unknown outcome that lands after its lock, and cannot take it away, is seen to by others', async () => {
  const tiers = await make();
  const other = await tiers.another();
  await tiers.save(1);
  let land = () => {};
  const settled = new Promise<undefined>((resolve) => {
    land = () => resolve(undefined);
  });
  tiers.durable.faults.failNext('write', new StoreFault('lost', 'unknown', { unknownFor: 60_000, settled }));
  await expect(tiers.save(2)).rejects.toMatchObject({ outcomeUnknown: true });
  tiers.hot.faults.down();
  await tiers.clock.advance(10_001);
  expect(await other.read()).toBe(1);
  await until('it is hot', async () => (await tiers.hotState()) === 1);
  await tiers.durable.driver.write([
    { schema: tiers.schema, key: tiers.key, change: { type: 'put', row: [2] } as never },
  ]);
  land();
  await until('there is a row', async () => (await tiers.outboxRows()) === 1);
  await tiers.clock.advance(1000);
  await noRows(tiers);
  expect(await other.read()).toBe(2);
});

test('a read that a breaker refused is no loss: what comes after it is asked of the hot tier', async () => {
  const tiers = await make();
  await tiers.save(1);
  tiers.hot.faults.failNext('read', new StoreFault('refused', 'none', { open: true }));
  expect(await tiers.read()).toBe(1);
  const asked = tiers.durable.faults.calls.read;
  expect(await tiers.read()).toBe(1);
  expect(tiers.durable.faults.calls.read).toBe(asked);
});

describe('a drain', () => {
  test('whose probe is not answered makes its process serve nothing hot before the next', async () => {
    const tiers = await make();
    const reader = await tiers.another();
    await writtenAway(tiers);
    reader.hot.faults.down();
    await tiers.clock.advance(1000);
    reader.hot.faults.up();
    expect(await reader.read()).toBe(2);
  });

  test('that cannot drop a key keeps its row, and serves it no more', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await writtenAway(tiers);
    other.hot.faults.failNext('abandon', cut());
    await tiers.clock.advance(1000);
    expect(await tiers.outboxRows()).toBe(1);
    expect(await tiers.hotState()).toBe(1);
    expect(await other.read()).toBe(2);
    await tiers.clock.advance(1000);
    await noRows(tiers);
  });

  test('leaves the rows that came since it read them', async () => {
    const tiers = await make();
    const [other, late] = [await tiers.another(), await tiers.another()];
    await writtenAway(tiers);
    const gate = other.hot.faults.gate('abandon', 'after');
    late.hot.faults.down();
    const advanced = tiers.clock.advance(1000);
    await gate.reached;
    await late.save(3);
    expect(await tiers.outboxRows()).toBe(2);
    gate.open();
    await advanced;
    expect(await tiers.outboxRows()).toBe(1);
    await tiers.clock.advance(1000);
    await noRows(tiers);
    expect(await other.read()).toBe(3);
  });
});

test('a change that the durable store does not make leaves no lock', async () => {
  const tiers = await make();
  await tiers.save(1);
  await tiers.change({ type: 'put', row: [2], expect: 'absent' } as never);
  expect(await tiers.hotState()).toBe('fill');
  await tiers.clock.advance(20_000);
  expect(tiers.hot.faults.calls.renew).toBe(0);
});

test('a process that closes delivers what it could neither deliver nor put into the outbox before', async () => {
  const tiers = await make();
  const other = await tiers.another();
  await tiers.save(1);
  tiers.hot.faults.failNext('commit', cut());
  const gate = tiers.durable.faults.gate('write', 'after');
  const saving = tiers.save(2);
  await gate.reached;
  tiers.durable.faults.failNext('write', cut());
  gate.open();
  await expect(saving).rejects.toMatchObject({ outcomeUnknown: true });
  expect(await other.read()).toBe(1);
  await tiers.store.close();
  expect(await other.read()).toBe(2);
});

test('a lock in process whose time is over takes with it what lay under it, whichever key is met first', async () => {
  const clock = fakeClock();
  const store = memoryHotStore({ clock });
  const schema = sampleSchema({ fields: { n: 'integer' } });
  const [key, other] = [sampleKey('a'), sampleKey('b')];
  await store.begin(schema, [key], 'w1', 60_000);
  await store.commit(schema, [{ key, value: sampleRow(schema, { n: 1 }), ttl: undefined }], 'w1', 'set');
  await store.begin(schema, [key], 'w2', 1000);
  await clock.advance(1001);
  await store.begin(schema, [other], 'w3', 1000);
  expect(await store.read(schema, [key], undefined, 'r')).toEqual([{ state: 'fill', token: 'r' }]);
});

test('who waited for a fill of his process that a write has overtaken asks the hot tier again', async () => {
  const tiers = await make();
  const other = await tiers.another();
  await tiers.save(1);
  await tiers.store.drop(tiers.schema, [tiers.key]);
  const fill = tiers.durable.faults.gate('read', 'after');
  const early = tiers.read();
  await fill.reached;
  await other.save(2);
  await other.store.drop(tiers.schema, [tiers.key]);
  const write = other.durable.faults.gate('write', 'before');
  const saving = other.save(3);
  await write.reached;
  const answer = tiers.hot.faults.gate('read', 'after');
  const late = tiers.read();
  await answer.reached;
  answer.open();
  await tiers.clock.advance(0);
  fill.open();
  expect(await early).toBe(1);
  expect(await late).toBe(2);
  write.open();
  await saving;
});
