import { describe, expect, test } from '@jest/globals';
import type { CacheSettings, MapLike } from '../../src/core/schema.js';
import { entityCache } from '../../src/policies/cache.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey } from '../../src/testing/sample-schema.js';

function made(settings: Partial<CacheSettings> = {}, absentTtl = 100, random?: () => number) {
  const clock = fakeClock(50_000);
  const cache = entityCache({ max: 3, ttl: 1000, jitter: 0, staleIfError: 0, ...settings }, absentTtl, clock, random);
  return { clock, cache };
}

describe('entityCache', () => {
  test('keeps values for the TTL', async () => {
    const { clock, cache } = made();
    expect(cache.get('a')).toBeUndefined();
    cache.set(sampleKey('a'), ['row']);
    expect(cache.get('a')).toMatchObject({ entry: ['row'], fresh: true });
    await clock.advance(999);
    expect(cache.get('a')).toMatchObject({ entry: ['row'], fresh: true });
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  test('keeps "known absent" apart from "not known", for the shorter of the two TTLs', async () => {
    const { clock, cache } = made();
    cache.set(sampleKey('a'), null);
    expect(cache.get('a')).toMatchObject({ entry: null, fresh: true });
    await clock.advance(100);
    expect(cache.get('a')).toBeUndefined();

    const longer = made({ ttl: 1000 }, 60_000);
    longer.cache.set(sampleKey('a'), null);
    await longer.clock.advance(1000);
    expect(longer.cache.get('a')).toBeUndefined();
  });

  test('with an absent TTL of 0 keeps no absences, and one takes a value out', () => {
    const { cache } = made({}, 0);
    cache.set(sampleKey('a'), ['row']);
    cache.set(sampleKey('a'), null);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('shortens the TTL at random by up to the jitter', async () => {
    for (const [random, lives] of [
      [0, 1000],
      [0.5, 900],
      [1, 800],
    ] as const) {
      const { clock, cache } = made({ jitter: 0.2 }, 100, () => random);
      cache.set(sampleKey('a'), 1);
      await clock.advance(lives - 1);
      expect(cache.get('a')).toMatchObject({ fresh: true });
      await clock.advance(1);
      expect(cache.get('a')).toBeUndefined();
    }
  });

  test('with its own randomness spreads the ends over the jitter and never beyond', async () => {
    const { clock, cache } = made({ max: 1000, jitter: 0.2 });
    const ids = Array.from({ length: 1000 }, (_, n) => String(n));
    for (const id of ids) cache.set(sampleKey(id), 1);
    const alive = () => ids.filter((id) => cache.get(id)).length;
    await clock.advance(799);
    expect(alive()).toBe(1000);
    await clock.advance(101);
    expect(alive()).toBeGreaterThan(0);
    expect(alive()).toBeLessThan(1000);
    await clock.advance(100);
    expect(alive()).toBe(0);
  });

  test('keeps nothing longer than the limit it is given, not even as stale', async () => {
    const { clock, cache } = made({ staleIfError: 5000 });
    cache.set(sampleKey('a'), 1, 300);
    await clock.advance(299);
    expect(cache.get('a')).toMatchObject({ fresh: true });
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
    cache.set(sampleKey('b'), 1, 0);
    cache.set(sampleKey('c'), 1, -5);
    expect([cache.get('b'), cache.get('c')]).toEqual([undefined, undefined]);
    cache.set(sampleKey('d'), 1, 3000);
    await clock.advance(1000);
    expect(cache.get('d')).toMatchObject({ fresh: false });
    await clock.advance(2000);
    expect(cache.get('d')).toBeUndefined();
  });

  test('says that an entry is stale only after its TTL, and for staleIfError more', async () => {
    const { clock, cache } = made({ staleIfError: 500 });
    cache.set(sampleKey('a'), ['row']);
    const held = cache.get('a')!;
    await clock.advance(999);
    expect(cache.get('a')).toMatchObject({ fresh: true });
    await clock.advance(1);
    expect(cache.get('a')).toMatchObject({ entry: ['row'], fresh: false });
    await clock.advance(499);
    expect(cache.get('a')).toMatchObject({ entry: ['row'], fresh: false });
    cache.set(sampleKey('a'), ['newer']);
    expect(cache.get('a')).toMatchObject({ entry: ['newer'], fresh: true });
    expect(held.entry).toEqual(['row']);
    await clock.advance(1500);
    expect(cache.get('a')).toBeUndefined();
  });

  test('never has a stale absence, for an outage is not "not found"', async () => {
    const { clock, cache } = made({ staleIfError: 60_000 });
    cache.set(sampleKey('a'), null);
    await clock.advance(100);
    expect(cache.get('a')).toBeUndefined();
  });

  test('forgets what is deleted or cleared, fresh or stale', async () => {
    const { clock, cache } = made({ staleIfError: 5000 });
    for (const id of ['a', 'b', 'c']) cache.set(sampleKey(id), id);
    await clock.advance(1000);
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toMatchObject({ fresh: false });
    cache.clear();
    expect([cache.get('b'), cache.get('c'), cache.size]).toEqual([undefined, undefined, 0]);
  });

  test('evicts the least recently used beyond max', () => {
    const { cache } = made();
    for (const id of ['a', 'b', 'c']) cache.set(sampleKey(id), id);
    cache.get('a');
    cache.set(sampleKey('d'), 'd');
    expect(cache.get('b')).toBeUndefined();
    expect(['a', 'c', 'd'].map((id) => cache.get(id)?.entry)).toEqual(['a', 'c', 'd']);
    expect(cache.size).toBe(3);
  });

  test('takes any text as an id', () => {
    const { cache } = made();
    for (const id of ['__proto__', '', 'a:b']) {
      expect(cache.get(id)).toBeUndefined();
      cache.set({ id, parts: [id] }, id);
      expect(cache.get(id)).toMatchObject({ entry: id });
    }
  });
});

describe('entityCache in a cache of the user', () => {
  test('works with a Map', async () => {
    const store = new Map<string, unknown>();
    const { clock, cache } = made({ store });
    cache.set(sampleKey('a'), 1);
    expect(cache.get('a')).toMatchObject({ entry: 1, fresh: true });
    expect(cache.size).toBe(1);
    cache.delete('a');
    expect(store.size).toBe(0);
    cache.set(sampleKey('a'), 1);
    await clock.advance(1000);
    expect(cache.get('a')).toBeUndefined();
    cache.clear();
    expect(store.size).toBe(0);
  });

  test('which evicts whenever it likes, and does not tell its size', () => {
    const store = new Map<string, unknown>();
    const forgetful: MapLike = {
      get: (key) => store.get(key),
      set: (key, value) => {
        store.clear();
        store.set(key, value);
      },
      delete: (key) => store.delete(key),
      clear: () => store.clear(),
    };
    const { cache } = made({ store: forgetful });
    cache.set(sampleKey('a'), 1);
    cache.set(sampleKey('b'), 2);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toMatchObject({ entry: 2 });
    expect(cache.size).toBeUndefined();
  });

  test('which throws at everything counts as a miss', () => {
    const fails = () => {
      throw new Error('broken');
    };
    const store = { get: fails, set: fails, delete: fails, clear: fails };
    Object.defineProperty(store, 'size', { get: fails });
    const { cache } = made({ store });
    cache.set(sampleKey('a'), 1);
    expect(cache.get('a')).toBeUndefined();
    cache.delete('a');
    cache.clear();
    expect(cache.size).toBeUndefined();
  });

  test('whose delete fails does not serve what was deleted', () => {
    const store = new Map<string, unknown>();
    let broken = false;
    const failing: MapLike = {
      get: (key) => store.get(key),
      set: (key, value) => store.set(key, value),
      delete: (key) => {
        if (broken) throw new Error('broken');
        return store.delete(key);
      },
      clear: () => {
        throw new Error('broken');
      },
    };
    const { cache } = made({ store: failing });
    cache.set(sampleKey('a'), 'old');
    broken = true;
    cache.delete('a');
    expect(store.has('a')).toBe(true);
    expect(cache.get('a')).toBeUndefined();
    cache.set(sampleKey('a'), 'new');
    expect(cache.get('a')).toMatchObject({ entry: 'new' });
    cache.clear();
    expect(cache.get('a')).toBeUndefined();
  });

  test('whose set fails does not serve the value before', () => {
    const store = new Map<string, unknown>();
    let full = false;
    const failing: MapLike = {
      get: (key) => store.get(key),
      set: (key, value) => {
        if (full) throw new Error('full');
        store.set(key, value);
      },
      delete: (key) => store.delete(key),
      clear: () => store.clear(),
    };
    const { cache } = made({ store: failing });
    cache.set(sampleKey('a'), 'old');
    cache.set(sampleKey('b'), 'kept');
    full = true;
    cache.set(sampleKey('a'), 'new');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toMatchObject({ entry: 'kept' });
  });

  test('which gives back anything else than what was put in counts as a miss', () => {
    for (const junk of [
      null,
      0,
      '',
      'text',
      42,
      true,
      {},
      [],
      Promise.resolve({ entry: 1, fresh: true }),
      { entry: 1, fresh: true },
    ]) {
      const store: MapLike = { get: () => junk, set: () => {}, delete: () => {}, clear: () => {} };
      expect(made({ store }).cache.get('a')).toBeUndefined();
    }
  });

  test("which is shared by two entities never gives one the other's value", () => {
    const store = new Map<string, unknown>();
    const people = made({ store }).cache;
    const cities = made({ store }).cache;
    people.set(sampleKey('x'), ['person']);
    expect(cities.get('x')).toBeUndefined();
    expect(people.get('x')).toMatchObject({ entry: ['person'] });
    cities.set(sampleKey('x'), ['city']);
    expect(people.get('x')).toBeUndefined();
  });
});
