import { describe, expect, test } from '@jest/globals';
import { EntityExistsError, EntityNotFoundError, StoreUnavailableError, ValidationError } from '../../src/index.js';
import { Person, Visitor } from './entities.js';
import { openFaulty } from './open.js';

describe('cached reads', () => {
  test('a hit asks nobody', async () => {
    const { visitors, hot, durable } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' });
    await visitors.find('v');
    const before = [hot.calls.read, durable.calls.read];
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    expect([hot.calls.read, durable.calls.read]).toEqual(before);
  });

  test('a key that reads like the stored form of another is another', async () => {
    const { visitors } = await openFaulty();
    for (const id of ['a:b', '', 'c%']) {
      await visitors.save({ id, name: `of ${id}` });
      for (let twice = 0; twice < 2; twice++) expect(await visitors.find(id)).toMatchObject({ id, name: `of ${id}` });
    }
    for (const id of ['a%3Ab', '%', 'c%25']) expect(await visitors.find(id)).toBe(undefined);
    await expect(visitors.find(5 as never)).rejects.toThrow(/must be a string/);
  });

  test('a save or delete ends every cached answer about the key, "absent" too', async () => {
    const { visitors } = await openFaulty();
    expect(await visitors.find('v')).toBe(undefined);
    expect(await visitors.exists('v')).toBe(false);
    await visitors.save({ id: 'v', name: 'Vera' });
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    expect(await visitors.exists('v')).toBe(true);
    expect(await visitors.find('v', { fields: ['name'] })).toEqual({ id: 'v', name: 'Vera' });
    await visitors.delete('v');
    expect(await visitors.find('v')).toBe(undefined);
    expect(await visitors.exists('v')).toBe(false);
    expect(await visitors.find('v', { fields: ['name'] })).toBe(undefined);
  });

  test('a partial read never stands for the whole', async () => {
    const { visitors, people } = await openFaulty();
    for (const repository of [visitors, people] as Pick<typeof visitors, 'save' | 'evict' | 'find'>[]) {
      await repository.save({ id: 'v', name: 'Vera' });
      await repository.evict('v');
      expect(await repository.find('v', { fields: ['name'] })).toEqual({ id: 'v', name: 'Vera' });
      const whole = await repository.find('v');
      expect(whole).toBeInstanceOf((repository as object) === visitors ? Visitor : Person);
      expect(whole!.name).toBe('Vera');
    }
  });

  test('a partial read cannot be saved', async () => {
    const { visitors } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera', visits: 3 });
    const part = await visitors.find('v', { fields: ['name'] });
    await expect(visitors.save(part as never)).rejects.toThrow(ValidationError);
    expect((await visitors.find('v'))!.visits).toBe(3);
  });

  test('a load that began before a write is not kept', async () => {
    const { visitors, durable } = await openFaulty();
    await visitors.save({ id: 'v', name: 'old' });
    await visitors.evict('v');
    const gate = durable.gate('read', 'after');
    const early = visitors.find('v');
    await gate.reached;
    await visitors.save({ id: 'v', name: 'new' });
    expect(await visitors.find('v')).toMatchObject({ name: 'new' });
    gate.open();
    expect(await early).toMatchObject({ name: 'old' });
    expect(await visitors.find('v')).toMatchObject({ name: 'new' });
  });

  test('an entry is asked for again after its ttl', async () => {
    const { visitors, hot, clock } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' });
    await visitors.find('v');
    const before = hot.calls.read;
    await clock.advance(5001);
    await visitors.find('v');
    expect(hot.calls.read).toBe(before + 1);
  });

  test('an older answer does while every tier fails, no longer than staleIfError says', async () => {
    const { visitors, hot, durable, clock } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' });
    await visitors.find('v');
    await clock.advance(10_000);
    hot.down();
    durable.down();
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    await clock.advance(60_000);
    await expect(visitors.find('v')).rejects.toThrow(StoreUnavailableError);
  });
});

describe('loads', () => {
  test('100 at once of one missing key make one durable read', async () => {
    const { people, durable } = await openFaulty();
    const found = await Promise.all(Array.from({ length: 100 }, () => people.find('nobody')));
    expect(found.every((one) => one === undefined)).toBe(true);
    expect(durable.calls.read).toBe(1);
  });

  test('of one tick go out together', async () => {
    const { people, hot, durable } = await openFaulty();
    await Promise.all(Array.from({ length: 100 }, (_, i) => people.find(`nobody${i}`)));
    expect([hot.calls.read, durable.calls.read]).toEqual([1, 1]);
  });

  test('a hot one does not wait for a cold one of its tick', async () => {
    const { people, durable } = await openFaulty();
    await people.save([
      { id: 'hot', name: 'H' },
      { id: 'cold', name: 'C' },
    ]);
    await people.evict('cold');
    const gate = durable.gate('read', 'before');
    const cold = people.find('cold');
    expect(await people.find('hot')).toMatchObject({ name: 'H' });
    gate.open();
    expect(await cold).toMatchObject({ name: 'C' });
  });

  test('"does not exist" is remembered for its own ttl', async () => {
    const { people, durable, clock } = await openFaulty();
    await people.find('nobody');
    await people.find('nobody');
    expect(durable.calls.read).toBe(1);
    await clock.advance(30_001);
    await people.find('nobody');
    expect(durable.calls.read).toBe(2);
  });

  test('an entry that is no longer hot is read from the durable store, and is hot again', async () => {
    const { people, durable, clock } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    await people.find('a');
    expect(durable.calls.read).toBe(0);
    await clock.advance(3_600_001);
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
    await people.find('a');
    expect(durable.calls.read).toBe(1);
  });
});

describe('outages', () => {
  test('are never "not found"', async () => {
    const { people, hot, durable } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    hot.down();
    durable.down();
    for (const call of [
      people.find('a'),
      people.find('nobody'),
      people.findOrFail('a'),
      people.exists('a'),
      people.findMany(['a']),
      people.count(),
    ])
      await expect(call).rejects.toThrow(StoreUnavailableError);
    hot.up();
    durable.up();
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
  });

  test('five lookups of missing ids open no breaker', async () => {
    const { people, durable } = await openFaulty();
    for (let i = 0; i < 20; i++) expect(await people.find(`nobody${i}`)).toBe(undefined);
    for (let i = 0; i < 20; i++) await expect(people.findOrFail(`nobody${i}`)).rejects.toThrow(EntityNotFoundError);
    await people.save({ id: 'a', name: 'Ann' });
    for (let i = 0; i < 20; i++) await expect(people.insert({ id: 'a', name: 'x' })).rejects.toThrow(EntityExistsError);
    const before = durable.calls.read;
    await people.find('a', { from: 'durable' });
    expect(durable.calls.read).toBe(before + 1);
  });

  test('the breaker keeps calls from a hot tier that fails, and lets them through again', async () => {
    const { people, hot, clock } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    hot.down();
    for (let i = 0; i < 10; i++) expect(await people.find('a')).toMatchObject({ name: 'Ann' });
    const before = hot.calls.read;
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
    expect(hot.calls.read).toBe(before);
    hot.up();
    await clock.advance(10_001);
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
    expect(hot.calls.read).toBe(before + 1);
  });

  test('a durable write that fails throws, and is not shown', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    durable.down();
    await expect(people.save({ id: 'a', name: 'Other' })).rejects.toThrow(StoreUnavailableError);
    durable.up();
    expect(await people.find('a')).toMatchObject({ name: 'Ann' });
  });

  test('a durable store that hangs is given up after its timeout', async () => {
    const { people, durable, clock } = await openFaulty();
    durable.hang();
    const read = people.find('a');
    const refused = expect(read).rejects.toThrow(StoreUnavailableError);
    await clock.advance(5001);
    await clock.advance(1);
    await refused;
    durable.up();
  });
});
