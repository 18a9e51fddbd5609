import { expect, test } from '@jest/globals';
import type { Clock } from '../../src/core/clock.js';
import { StoreUnavailableError } from '../../src/core/errors.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import type { Schema } from '../../src/core/schema.js';
import { fenced } from '../support/fenced.js';
import { until } from '../support/until.js';

/** The races of the fenced protocol, each made to happen with gates; on every hot tier. */
export function fencedCases(makeHot: (clock: Clock, schema: Schema) => Promise<HotStore>): void {
  const make = () => fenced(makeHot);

  test('a cold read fills, and the next is served hot', async () => {
    const tiers = await make();
    await tiers.durable.driver.write([
      { schema: tiers.schema, key: tiers.key, change: { type: 'put', row: [1] } as never },
    ]);
    expect(await tiers.read()).toBe(1);
    await tiers.store.close();
    const reads = tiers.durable.faults.calls.read;
    expect(await tiers.read()).toBe(1);
    expect(tiers.durable.faults.calls.read).toBe(reads);
  });

  test('what does not exist is remembered, and a write ends that', async () => {
    const tiers = await make();
    expect(await tiers.read()).toBe(null);
    await tiers.store.close();
    expect(await tiers.hotState()).toBe('absent');
    await tiers.save(1);
    expect(await tiers.read()).toBe(1);
  });

  test('a save is served hot, and a delete is known hot', async () => {
    const tiers = await make();
    await tiers.save(1);
    expect(await tiers.hotState()).toBe(1);
    await tiers.remove();
    expect(await tiers.hotState()).toBe('absent');
    expect(await tiers.read()).toBe(null);
  });

  test('a fill that began before a write does not put the old value back', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    await tiers.store.drop(tiers.schema, [tiers.key]);
    const gate = tiers.durable.faults.gate('read', 'after');
    const reading = tiers.read();
    await gate.reached;
    await other.save(2);
    gate.open();
    await reading;
    await tiers.store.close();
    expect(await tiers.hotState()).toBe(2);
    expect(await tiers.read()).toBe(2);
  });

  test('a fill that began before a delete does not bring the entity back', async () => {
    const tiers = await make();
    await tiers.save(1);
    await tiers.store.drop(tiers.schema, [tiers.key]);
    const gate = tiers.durable.faults.gate('read', 'after');
    const reading = tiers.read();
    await gate.reached;
    await (await tiers.another()).remove();
    gate.open();
    await reading;
    await tiers.store.close();
    expect(await tiers.read()).toBe(null);
  });

  test('a fill that arrives during a write is not made', async () => {
    const tiers = await make();
    await tiers.save(1);
    await tiers.store.drop(tiers.schema, [tiers.key]);
    const read = tiers.durable.faults.gate('read', 'after');
    const reading = tiers.read();
    await read.reached;
    const other = await tiers.another();
    const write = other.durable.faults.gate('write', 'before');
    const saving = other.save(2);
    await write.reached;
    read.open();
    await reading;
    await tiers.store.close();
    expect(await tiers.hotState()).toBe('busy');
    write.open();
    await saving;
    expect(await tiers.hotState()).toBe(2);
  });

  test('of two fills the second does not wait, and neither fills over a write', async () => {
    const tiers = await make();
    const other = await tiers.another();
    const gate = tiers.durable.faults.gate('read', 'after');
    const first = tiers.read();
    await gate.reached;
    expect(await other.read()).toBe(null);
    await other.save(3);
    gate.open();
    expect(await first).toBe(null);
    await tiers.store.close();
    expect(await tiers.read()).toBe(3);
  });

  test('a hot entry stays served while it is written, until the write is acknowledged', async () => {
    const tiers = await make();
    await tiers.save(1);
    const gate = tiers.durable.faults.gate('write', 'after');
    const saving = tiers.save(2);
    await gate.reached;
    const reads = tiers.durable.faults.calls.read;
    expect(await (await tiers.another()).read()).toBe(1);
    expect(tiers.durable.faults.calls.read).toBe(reads);
    gate.open();
    await saving;
    expect(await (await tiers.another()).read()).toBe(2);
  });

  test('of two writes at once the entry is dropped, and both tiers agree afterwards', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(0);
    const gate = tiers.durable.faults.gate('write', 'after');
    const first = tiers.save(1);
    await gate.reached;
    await other.save(2);
    gate.open();
    await first;
    expect(await tiers.read()).toBe(2);
    await tiers.store.close();
    expect(await tiers.hotState()).toBe(2);
  });

  test('an entry written twice at once serves neither value before the durable store is asked', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(0);
    const gate = other.durable.faults.gate('write', 'before');
    const second = other.save(2);
    await gate.reached;
    await tiers.save(1);
    expect(await tiers.hotState()).toBe('busy');
    expect(await tiers.read()).toBe(1);
    gate.open();
    await second;
    expect(await tiers.read()).toBe(2);
  });

  test('a write that the durable store refuses leaves nothing hot', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.durable.faults.failNext('write', new StoreFault('refused', 'none'));
    await expect(tiers.save(2)).rejects.toThrow(StoreUnavailableError);
    expect(await tiers.hotState()).toBe('fill');
    expect(await tiers.read()).toBe(1);
  });

  test('a change that cannot be made leaves the entry as it is', async () => {
    const tiers = await make();
    await tiers.save(1);
    const result = await tiers.change({ type: 'put', row: [2], expect: 'absent' } as never);
    expect(result).toMatchObject({ done: false, outcome: { status: 'exists' } });
    expect(await tiers.read()).toBe(1);
  });

  test('a write of unknown outcome keeps its lock until it is known, and then nothing old is served', async () => {
    const tiers = await make();
    await tiers.save(1);
    let land = () => {};
    const settled = new Promise<undefined>((resolve) => {
      land = () => resolve(undefined);
    });
    tiers.durable.faults.failNext('write', new StoreFault('lost', 'unknown', { unknownFor: 60_000, settled }), 'after');
    await expect(tiers.save(2)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', outcomeUnknown: true });
    const renewals = tiers.hot.faults.calls.renew;
    await tiers.clock.advance(4100);
    expect(tiers.hot.faults.calls.renew).toBeGreaterThan(renewals);
    land();
    await tiers.store.close();
    expect(await tiers.hotState()).toBe('fill');
    expect(await tiers.read()).toBe(2);
  });

  test('a commit that cannot be delivered makes its process distrust the entry until it is dropped', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.failNext('commit', new StoreFault('cut', 'none'));
    await tiers.save(2);
    expect(await tiers.read()).toBe(2);
    await tiers.clock.advance(1000);
    await until('the entry is dropped', async () => (await tiers.hotState()) === 'fill');
    expect(await tiers.read()).toBe(2);
  });

  test('while the hot tier is away reads and writes go on, and nothing old is served when it is back', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.down();
    expect(await tiers.read()).toBe(1);
    await tiers.save(2);
    expect(await tiers.read()).toBe(2);
    tiers.hot.faults.up();
    expect(await tiers.read()).toBe(2);
    await tiers.clock.advance(1000);
    await until('the entry is dropped', async () => (await tiers.hotState()) === 'fill');
    expect(await tiers.read()).toBe(2);
    await tiers.store.close();
    expect(await tiers.hotState()).toBe(2);
  });

  test('when every tier fails, a read says which, and never that there is nothing', async () => {
    const tiers = await make();
    tiers.hot.faults.down();
    tiers.durable.faults.down();
    const error = await tiers.read().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect((error as StoreUnavailableError).failures.map(({ tier }) => tier)).toEqual([tiers.hot.store.name, 'memory']);
    tiers.durable.faults.up();
    expect(await tiers.read()).toBe(null);
  });

  test('a delta applied twice at once ends with both, and is never replayed into the hot entry', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(10);
    const add = { type: 'increment', field: 0, by: 1 } as never;
    const gate = tiers.durable.faults.gate('write', 'after');
    const first = tiers.change(add);
    await gate.reached;
    await other.change(add);
    gate.open();
    await first;
    expect(await tiers.read()).toBe(12);
    expect(await tiers.durableValue()).toBe(12);
  });

  test('what is written is told before and after, so that caches above can let go of it', async () => {
    const tiers = await make();
    const gate = tiers.durable.faults.gate('write', 'before');
    const saving = tiers.save(1);
    await gate.reached;
    expect(tiers.changed).toEqual(['k']);
    gate.open();
    await saving;
    expect(tiers.changed.length).toBeGreaterThan(1);
  });
}
