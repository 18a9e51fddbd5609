import { describe, expect, test } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { hotStoreConformance } from '../../src/testing/hot-conformance.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';

const schema = sampleSchema({ fields: { name: 'string' } });

describe('the in-process hot store', () => {
  for (const { name, run } of hotStoreConformance())
    test(name, async () => {
      const clock = fakeClock();
      await run({ store: memoryHotStore({ clock }), pass: (ms) => clock.advance(ms + 1) });
    });

  const put = async (store: ReturnType<typeof memoryHotStore>, id: string) => {
    const key = sampleKey(id);
    await store.begin(schema, [key], 'w', 60_000);
    await store.commit(schema, [{ key, value: sampleRow(schema, { name: id }), ttl: undefined }], 'w', 'set');
  };
  const states = async (store: ReturnType<typeof memoryHotStore>, ids: string[]) =>
    (
      await store.read(
        schema,
        ids.map((id) => sampleKey(id)),
        undefined,
        'r',
      )
    ).map(({ state }) => state);

  test('keeps no more entries than it may, and lets the oldest go first', async () => {
    const store = memoryHotStore({ clock: fakeClock(), max: 2 });
    for (const id of ['a', 'b', 'c']) await put(store, id);
    expect(await states(store, ['a', 'b', 'c'])).toEqual(['fill', 'value', 'value']);
  });

  test('never lets a lock go for want of room', async () => {
    const store = memoryHotStore({ clock: fakeClock(), max: 1 });
    await store.begin(schema, [sampleKey('locked')], 'w1', 60_000);
    for (const id of ['a', 'b', 'c']) await put(store, id);
    expect(await states(store, ['locked'])).toEqual(['busy']);
  });

  test('serves nothing over a lock whose value had to go for want of room', async () => {
    const store = memoryHotStore({ clock: fakeClock(), max: 1 });
    await put(store, 'a');
    await store.begin(schema, [sampleKey('a')], 'w1', 60_000);
    await put(store, 'b');
    expect(await states(store, ['a', 'b'])).toEqual(['busy', 'value']);
  });

  test('everything of another epoch is cold, locks and fills too', async () => {
    let tag = '1';
    const store = memoryHotStore({ clock: fakeClock(), tag: () => tag });
    await put(store, 'a');
    await store.begin(schema, [sampleKey('b')], 'w', 60_000);
    await store.read(schema, [sampleKey('c')], undefined, 'r1');
    tag = '2';
    expect(await states(store, ['a', 'b', 'c'])).toEqual(['fill', 'fill', 'fill']);
    await store.fill(schema, [{ key: sampleKey('c'), value: null, ttl: undefined }], 'r1');
    await store.commit(schema, [{ key: sampleKey('b'), value: null, ttl: undefined }], 'w', 'set');
    expect(await states(store, ['b', 'c'])).toEqual(['fill', 'fill']);
  });

  test('has a scope of its own', () => {
    const scopes = Array.from({ length: 10 }, () => memoryHotStore().scope);
    expect(new Set(scopes).size).toBe(10);
  });

  test('starts no timers', async () => {
    const clock = fakeClock();
    const store = memoryHotStore({ clock });
    await put(store, 'a');
    await states(store, ['b']);
    await store.begin(schema, [sampleKey('c')], 'w', 60_000);
    expect(clock.pending).toBe(0);
  });

  test('answers a read before anything else can happen', async () => {
    const store = memoryHotStore({ clock: fakeClock() });
    const keys = Array.from({ length: 10_000 }, (_, index) => sampleKey(String(index)));
    const reading = store.read(schema, keys, undefined, 'r');
    await store.drop(schema, keys);
    expect(new Set((await reading).map(({ state }) => state))).toEqual(new Set(['fill']));
    await store.close();
  });
});
