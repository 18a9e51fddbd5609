import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { faultyHotStore } from '../../src/testing/faulty.js';
import { type Fenced, fenced } from '../support/fenced.js';
import { until } from '../support/until.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));

describe('a process whose connection to the hot tier breaks', () => {
  /** A process on the same tiers, which lie in two places as far as it knows; `tell` tells it of its connection to one. */
  async function watching(tiers: Fenced) {
    const watchers = new Set<(place: string, there: boolean) => void>();
    const reader = await tiers.another((hot) => ({
      ...faultyHotStore(hot).store,
      place: (_, { id }) => (id === tiers.key.id ? 'one' : 'two'),
      places: async () => new Map(['one', 'two'].map((place) => [place, undefined])),
      watch: (heard) => {
        watchers.add(heard);
        return () => void watchers.delete(heard);
      },
    }));
    const tell = (place: string, there: boolean) => {
      for (const heard of watchers) heard(place, there);
    };
    return { reader, tell };
  }

  test('serves nothing from it, though nobody asked for anything meanwhile', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    await tiers.save(1);
    tiers.hot.faults.down();
    await tiers.save(2);
    expect(await tiers.hotState()).toBe(1);
    tell('one', false);
    expect(await reader.read()).toBe(2);
  });

  test('while another place is lost already does not count what it is answered from then on', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    await tiers.save(1);
    tell('two', false);
    const answer = reader.hot.faults.gate('read', 'after');
    const reading = reader.read();
    await answer.reached;
    tiers.hot.faults.down();
    await tiers.save(2);
    tell('one', false);
    answer.open();
    expect(await reading).toBe(2);
  });

  test('reads nothing from a place that came while it looked, and has a key of which that was not told', async () => {
    const tiers = await make();
    let place = 'old';
    let places = [place];
    const reader = await tiers.another((hot) => ({
      ...faultyHotStore(hot).store,
      place: () => place,
      places: async () => new Map(places.map((one) => [one, undefined])),
    }));
    await tiers.save(1);
    tiers.hot.faults.down();
    await tiers.save(2);
    const looking = reader.durable.faults.gate('scan', 'before');
    await reader.clock.advance(1000);
    await looking.reached;
    place = 'new';
    looking.open();
    await until('it has looked', () => reader.store.status().hot.state !== 'up', 2000);
    expect(await reader.read()).toBe(2);
    places = ['new'];
    await reader.clock.advance(2000);
    expect(await tiers.outboxRows()).toBe(0);
    expect(reader.store.status().hot.state).toBe('up');
    expect(await reader.read()).toBe(2);
  });

  test('drains as soon as it is there again', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    await tiers.save(1);
    await tiers.clock.advance(500);
    reader.hot.faults.failNext('places', new StoreFault('cut', 'none'));
    tell('one', false);
    // No longer than to the next interval, when it would drain anyhow.
    await tiers.clock.advance(400);
    expect(reader.store.status().hot.state).not.toBe('up');
    tell('one', true);
    await until('it is trusted', () => reader.store.status().hot.state === 'up');
    expect(await reader.read()).toBe(1);
  });

  test('over and over does not drain each time', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    const asked = reader.hot.faults.calls.places;
    for (let times = 0; times < 10; times++) {
      tell('one', false);
      tell('one', true);
      await tiers.clock.advance(0);
    }
    expect(reader.hot.faults.calls.places).toBe(asked);
  });

  test('to a place that there is no more when it drains trusts the others', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    tell('three', false);
    await tiers.clock.advance(1000);
    await until('it is trusted', () => reader.store.status().hot.state === 'up');
    await tiers.save(1);
    const asked = reader.durable.faults.calls.read;
    expect(await reader.read()).toBe(1);
    expect(reader.durable.faults.calls.read).toBe(asked);
  });

  test('hears of it no more when it is closed', async () => {
    const tiers = await make();
    const { reader, tell } = await watching(tiers);
    await reader.store.close();
    const asked = reader.hot.faults.calls.places;
    tell('one', false);
    expect(reader.hot.faults.calls.places).toBe(asked);
    expect(reader.store.status().hot.state).toBe('up');
  });
});
