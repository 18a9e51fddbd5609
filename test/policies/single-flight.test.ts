import { describe, expect, test } from '@jest/globals';
import { entityCache } from '../../src/policies/cache.js';
import { singleFlight } from '../../src/policies/single-flight.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { type Gate, gate, settled } from './gate.js';

/** A reader as the tiers use it: cache, flight, load. */
function reader() {
  const cache = entityCache({ max: 10, ttl: 1000, jitter: 0, staleIfError: 0 }, 1000, fakeClock());
  const flights = singleFlight<string>();
  const loads: Gate<string>[] = [];
  const read = (id: string): Promise<string> => {
    const joined = flights.join(id);
    if (joined) return joined.promise;
    const flight = flights.start(id);
    const load = gate<string>();
    loads.push(load);
    load.promise.then(
      (value) => {
        if (flight.attached) cache.set(sampleKey(id), value);
        flight.resolve(value);
      },
      (error) => flight.reject(error),
    );
    return flight.promise;
  };
  return { cache, flights, loads, read };
}

describe('singleFlight', () => {
  test('makes one load and one promise of a hundred concurrent misses', async () => {
    const { flights, loads, read } = reader();
    const reads = Array.from({ length: 100 }, () => read('a'));
    expect(new Set(reads).size).toBe(1);
    expect(loads).toHaveLength(1);
    loads[0]!.open('value');
    await expect(Promise.all(reads)).resolves.toEqual(Array(100).fill('value'));
    expect(flights.size).toBe(0);
  });

  test('keeps keys apart', async () => {
    const { loads, read } = reader();
    const reads = [read('a'), read('b')];
    loads[1]!.open('b');
    loads[0]!.open('a');
    await expect(Promise.all(reads)).resolves.toEqual(['a', 'b']);
  });

  test('starts a new load for those who ask after a write, and never caches the one before', async () => {
    const { cache, flights, loads, read } = reader();
    const before = read('a');
    flights.detach('a');
    const after = read('a');
    expect(loads).toHaveLength(2);
    loads[1]!.open('new');
    await expect(after).resolves.toBe('new');
    loads[0]!.open('old');
    await expect(before).resolves.toBe('old');
    expect(cache.get('a')).toEqual(expect.objectContaining({ entry: 'new', fresh: true }));
  });

  test('does not cache a detached flight when nobody asked after it', async () => {
    const { cache, flights, loads, read } = reader();
    const before = read('a');
    flights.detach('a');
    loads[0]!.open('old');
    await expect(before).resolves.toBe('old');
    expect(cache.get('a')).toBeUndefined();
    expect(flights.size).toBe(0);
  });

  test('does not let a detached flight that ends take the newer one out', async () => {
    const { flights, loads, read } = reader();
    const first = read('a');
    flights.detach('a');
    const second = read('a');
    loads[0]!.open('old');
    await first;
    expect(read('a')).toBe(second);
    expect(loads).toHaveLength(2);
    loads[1]!.open('new');
    await second;
  });

  test('gives one failure to all who wait, and the next reader a new load', async () => {
    const { loads, read } = reader();
    const reads = [read('a'), read('a')];
    const error = new Error('down');
    loads[0]!.fail(error);
    for (const result of await Promise.allSettled(reads)) expect(result).toEqual({ status: 'rejected', reason: error });
    const again = read('a');
    loads[1]!.open('value');
    await expect(again).resolves.toBe('value');
  });

  test('of which nobody waits for the promise may fail without an unhandled rejection', async () => {
    const flights = singleFlight<string>();
    flights.start('a').reject(new Error('down'));
    await settled();
    expect(flights.join('a')).toBeUndefined();
  });

  test('detaches the flight before it where a second is started', () => {
    const flights = singleFlight<string>();
    const first = flights.start('a');
    const second = flights.start('a');
    expect([first.attached, second.attached]).toEqual([false, true]);
    expect(flights.join('a')).toBe(second);
  });

  test('is attached until it is settled, so that a late look caches nothing', () => {
    const flights = singleFlight<string>();
    const flight = flights.start('a');
    expect(flight.attached).toBe(true);
    flight.resolve('value');
    expect(flight.attached).toBe(false);
  });

  test('takes any text as a key', () => {
    const flights = singleFlight<string>();
    for (const id of ['__proto__', 'constructor', '', 'a:b']) {
      expect(flights.join(id)).toBeUndefined();
      expect(flights.join(id)).toBe(undefined);
      flights.start(id);
      flights.detach(id);
    }
    flights.detach('never started');
    expect(flights.size).toBe(0);
  });
});
