import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import type { Row } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.js';
import {
  type DriverMethod,
  type Faults,
  faultyDriver,
  faultyHotStore,
  type HotMethod,
} from '../../src/testing/faulty.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';

const item = sampleSchema({ name: 'item', fields: { name: 'string' } });
const key = sampleKey('a');
const silent = { info() {}, warn() {}, error() {} };

/** What a promise has come to so far. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'done' | 'failed'> {
  const turn = new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'));
  return Promise.race([
    promise.then(
      () => 'done' as const,
      () => 'failed' as const,
    ),
    turn,
  ]);
}

describe('a faulty driver', () => {
  let clock: FakeClock;
  let inner: FallbackDriver;
  let driver: FallbackDriver;
  let faults: Faults<DriverMethod>;

  beforeEach(async () => {
    clock = fakeClock();
    inner = memoryDriver();
    ({ driver, faults } = faultyDriver(inner, { clock }));
    await driver.open([item], { synchronize: true, clock: systemClock, logger: silent, statementTimeout: 1000 });
  });

  const put = (name: string) => driver.write([{ schema: item, key, change: { type: 'put', row: [name] } as never }]);
  const stored = async (from: FallbackDriver = inner) => {
    const [entry] = await from.read(item, [key], undefined);
    return (entry?.value as Row | undefined)?.[0];
  };

  test('is the driver itself while nothing is wrong, and counts its calls', async () => {
    await put('A');
    expect(await stored(driver)).toBe('A');
    expect(await driver.count(item)).toBe(1);
    const seen: string[] = [];
    for await (const one of driver.scan(item)) seen.push(one.key.id);
    expect(seen).toEqual(['a']);
    expect(driver.capabilities).toEqual({ ...inner.capabilities, synchronous: false });
    expect(faults.calls).toEqual({ open: 1, read: 1, write: 1, scan: 1, count: 1, close: 0 });
  });

  test('reaches nothing while it is down, and answers again when it is up', async () => {
    faults.down();
    await expect(put('A')).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
    await expect(stored(driver)).rejects.toThrow('memory is down');
    await expect(driver.scan(item)[Symbol.asyncIterator]().next()).rejects.toThrow(StoreFault);
    expect(await stored()).toBeUndefined();
    const mine = new Error('cut');
    faults.down(mine);
    await expect(driver.count(item)).rejects.toBe(mine);
    faults.up();
    await put('A');
    expect(await stored()).toBe('A');
    expect(faults.calls.write).toBe(2);
  });

  test('answers nothing while it hangs; then what hangs goes through, late, or fails', async () => {
    faults.hang();
    const late = put('late');
    expect(await stateOf(late)).toBe('pending');
    expect(await stored()).toBeUndefined();
    faults.up();
    await late;
    expect(await stored()).toBe('late');
    faults.hang();
    const lost = put('lost');
    expect(await stateOf(lost)).toBe('pending');
    faults.down();
    await expect(lost).rejects.toThrow(StoreFault);
    expect(await stored()).toBe('late');
    await driver.close();
    expect(faults.calls.close).toBe(1);
  });

  test('that hangs after a call has made it, and answers late or not at all', async () => {
    faults.hang('after');
    const late = put('late');
    expect(await stateOf(late)).toBe('pending');
    expect(await stored()).toBe('late');
    faults.up();
    await late;
    faults.hang('after');
    const lost = put('lost');
    expect(await stateOf(lost)).toBe('pending');
    faults.down();
    await expect(lost).rejects.toThrow(StoreFault);
    expect(await stored()).toBe('lost');
  });

  test('refuses the methods that it is told to, and no other', async () => {
    const full = new StoreFault('full', 'none');
    faults.down(full, ['write']);
    await expect(put('A')).rejects.toBe(full);
    expect(await stored(driver)).toBeUndefined();
    faults.up();
    await put('A');
  });

  test('whose connection is cut fails what is under way, which goes on in the store', async () => {
    await put('old');
    const before = faults.gate('write');
    const after = faults.gate('write', 'after');
    const first = put('first');
    await before.reached;
    faults.cut();
    await expect(first).rejects.toMatchObject({ name: 'StoreFault', outcome: 'unknown' });
    expect(await stored()).toBe('old');
    faults.down();
    before.open();
    await after.reached;
    expect(await stored()).toBe('first');
    after.open();
    faults.up();
    faults.hang();
    const second = put('second');
    const cut = new Error('cut');
    faults.cut(cut);
    await expect(second).rejects.toBe(cut);
    faults.up();
    expect(await stored(driver)).toBe('first');
    faults.cut();
    await put('third');
  });

  test('waits as long as it is told', async () => {
    faults.delay(100);
    const slow = put('slow');
    await clock.advance(99);
    expect(await stateOf(slow)).toBe('pending');
    await clock.advance(1);
    expect(await stateOf(slow)).toBe('done');
    faults.delay(0);
    await put('fast');
    expect(clock.pending).toBe(0);
  });

  test('fails the next call before it is made, or after, when only the answer is lost', async () => {
    const [before, after] = [new Error('before'), new Error('after')];
    faults.failNext('write', before);
    await expect(put('A')).rejects.toBe(before);
    expect(await stored()).toBeUndefined();
    faults.failNext('write', after, 'after');
    await expect(put('B')).rejects.toBe(after);
    expect(await stored()).toBe('B');
    faults.failNext('write', before);
    faults.failNext('write', before);
    expect(await stored(driver)).toBe('B');
    await expect(put('C')).rejects.toBe(before);
    await expect(put('C')).rejects.toBe(before);
    await put('C');
    expect(await stored()).toBe('C');
  });

  test('stops one call at a gate, before or after it is made, and no other', async () => {
    const before = faults.gate('write');
    const first = put('first');
    await before.reached;
    await put('second');
    expect(await stored()).toBe('second');
    expect(await stateOf(first)).toBe('pending');
    before.open();
    await first;
    expect(await stored()).toBe('first');
    const after = faults.gate('write', 'after');
    const third = put('third');
    await after.reached;
    expect(await stored()).toBe('third');
    expect(await stateOf(third)).toBe('pending');
    after.open();
    await third;
    const open = faults.gate('read');
    open.open();
    expect(await stored(driver)).toBe('third');
    await open.reached;
  });
});

describe('a faulty hot store', () => {
  let inner: HotStore;
  let store: HotStore;
  let faults: Faults<HotMethod>;

  beforeEach(async () => {
    inner = memoryHotStore({ clock: systemClock });
    ({ store, faults } = faultyHotStore(inner));
    await store.open([item]);
  });

  const ids = async () => {
    const all: string[] = [];
    for await (const some of store.ids(item)) all.push(...some);
    return all;
  };

  const entries = [{ key, value: ['A'], ttl: undefined }];

  test('is the store itself while nothing is wrong, and counts its calls', async () => {
    expect(await store.begin(item, [key], 't', 1000)).toEqual([undefined]);
    expect(await store.renew(item, [key], 't', 1000)).toEqual([undefined]);
    expect(await store.commit(item, entries, 't', 'set')).toEqual([undefined]);
    expect(await store.read(item, [key], undefined, 'r')).toEqual([{ state: 'value', value: ['A'] }]);
    expect(await store.drop(item, [key])).toEqual([undefined]);
    expect(await store.read(item, [key], undefined, 'r')).toMatchObject([{ state: 'fill' }]);
    expect(await store.fill(item, entries, 'r')).toEqual([undefined]);
    expect(await store.abandon(item, [key], 't')).toEqual([undefined]);
    expect(await store.peek(item, [key])).toEqual([{ state: 'cold' }]);
    expect(await ids()).toEqual([]);
    expect(await store.places()).toEqual(new Map([['', undefined]]));
    expect(store.scope).toBe(inner.scope);
    expect(faults.calls).toMatchObject({
      open: 1,
      peek: 1,
      ids: 1,
      places: 1,
      read: 2,
      begin: 1,
      renew: 1,
      commit: 1,
      abandon: 1,
      fill: 1,
      drop: 1,
    });
  });

  test('answers for each key that it is unreachable while it is down', async () => {
    const error = new Error('cut');
    faults.down(error);
    const keys = [key, sampleKey('b')];
    expect(await store.read(item, keys, undefined, 'r')).toEqual(keys.map(() => ({ state: 'unreachable', error })));
    expect(await store.begin(item, keys, 't', 1000)).toEqual(keys.map(() => ({ error })));
    expect(await store.commit(item, entries, 't', 'set')).toEqual([{ error }]);
    expect(await store.abandon(item, keys, ['t', 'u'])).toEqual(keys.map(() => ({ error })));
    expect(await store.peek(item, keys)).toEqual(keys.map(() => ({ state: 'unreachable', error })));
    await expect(ids()).rejects.toBe(error);
    expect(store.place(item, key)).toBe('');
    expect(await store.places()).toEqual(new Map([['', { error }]]));
    await expect(store.open([item])).rejects.toBe(error);
    faults.up();
    expect(await store.places()).toEqual(new Map([['', undefined]]));
    expect(await store.read(item, [key], undefined, 'r')).toMatchObject([{ state: 'fill' }]);
    await store.close();
  });

  test('that is down tells the fault of every place that it was seen to have', async () => {
    const nodes = new Map([
      ['a:1', undefined],
      ['b:2', undefined],
    ]);
    inner = Object.assign(memoryHotStore(), { place: () => 'c:3', places: async () => nodes });
    ({ store, faults } = faultyHotStore(inner));
    expect(await store.places()).toBe(nodes);
    expect(store.place(item, key)).toBe('c:3');
    const error = new Error('cut');
    faults.down(error);
    expect(await store.places()).toEqual(new Map(['a:1', 'b:2', 'c:3'].map((place) => [place, { error }])));
  });

  test('can make a commit and lose its answer', async () => {
    await store.begin(item, [key], 't', 1000);
    const error = new Error('lost');
    faults.failNext('commit', error, 'after');
    expect(await store.commit(item, entries, 't', 'set')).toEqual([{ error }]);
    expect(await store.read(item, [key], undefined, 'r')).toEqual([{ state: 'value', value: ['A'] }]);
  });

  test('can be stopped between two steps of others', async () => {
    const gate = faults.gate('commit');
    await store.begin(item, [key], 't', 1000);
    const committing = store.commit(item, entries, 't', 'set');
    await gate.reached;
    expect(await store.read(item, [key], undefined, 'r')).toEqual([{ state: 'busy' }]);
    gate.open();
    expect(await committing).toEqual([undefined]);
    expect(await store.read(item, [key], undefined, 'r')).toEqual([{ state: 'value', value: ['A'] }]);
  });
});
