import { describe, expect, test } from '@jest/globals';
import { Holdfast, StoreUnavailableError, ValidationError } from '../../src/index.js';
import { Account, Person } from './entities.js';
import { openFaulty } from './open.js';

const letters = [...'abcdefghij'];

async function opened() {
  const all = await openFaulty();
  await all.people.save(letters.map((id) => ({ id, name: id })));
  return all;
}

/** What somebody wrote to the database past Holdfast. */
async function pastHoldfast({ people, hot }: Awaited<ReturnType<typeof opened>>, id: string, name: string | null) {
  const error = new Error('the hot tier is not to know of it');
  hot.failNext('begin', error);
  hot.failNext('abandon', error);
  return name === null ? people.delete(id) : people.save({ id, name });
}

describe('verify', () => {
  test('finds both tiers alike where they are', async () => {
    const { holdfast } = await opened();
    expect(await holdfast.verify(Person)).toEqual({
      entity: 'Person',
      agreeing: 10,
      differing: 0,
      skipped: 0,
      agreement: 1,
      keys: [],
    });
  });

  test('of what is not hot says that there was nothing to compare', async () => {
    const { holdfast } = await openFaulty();
    expect(await holdfast.verify(Person)).toMatchObject({ agreeing: 0, differing: 0, agreement: 1 });
  });

  test('finds entries that differ, are gone, or came, and repair drops these alone', async () => {
    const all = await opened();
    const { holdfast, people } = all;
    expect(await people.find('new')).toBe(undefined);
    await pastHoldfast(all, 'b', 'changed');
    await pastHoldfast(all, 'd', null);
    await pastHoldfast(all, 'new', 'came');
    const { keys, ...found } = await holdfast.verify(Person);
    expect(found).toMatchObject({ agreeing: 8, differing: 3, skipped: 0, agreement: 8 / 11 });
    expect([...keys].sort()).toEqual(['b', 'd', 'new']);
    expect(await holdfast.repair(Person)).toMatchObject({ differing: 3 });
    expect(await holdfast.verify(Person)).toMatchObject({ agreeing: 8, differing: 0, agreement: 1 });
    expect(await people.findMany(['b', 'd', 'new'])).toMatchObject([{ name: 'changed' }, undefined, { name: 'came' }]);
  });

  test('does not take an entry for different that is written meanwhile', async () => {
    const { holdfast, people, hot, durable } = await opened();
    const gate = durable.gate('read', 'before');
    const verifying = holdfast.verify(Person);
    await gate.reached;
    await people.save({ id: 'a', name: 'new' });
    const write = durable.gate('write', 'after');
    const saving = people.save({ id: 'b', name: 'new' });
    await write.reached;
    const again = hot.gate('peek', 'after');
    gate.open();
    await again.reached;
    again.open();
    write.open();
    await saving;
    expect(await verifying).toMatchObject({ agreeing: 9, differing: 0, skipped: 1 });
  });

  test('compares a sample, and tells how far it is', async () => {
    const { holdfast } = await opened();
    const told: number[] = [];
    const found = await holdfast.verify(Person, { sample: 4, onProgress: ({ agreeing }) => told.push(agreeing) });
    expect(found.agreeing).toBe(4);
    expect(told).toEqual([4]);
  });

  test('says which tier did not answer', async () => {
    const { holdfast, hot, durable } = await opened();
    hot.down();
    await expect(holdfast.verify(Person)).rejects.toThrow(StoreUnavailableError);
    await expect(holdfast.verify(Person)).rejects.toThrow(/^Verifying person: memory has been unavailable/);
    hot.up();
    durable.down();
    await expect(holdfast.verify(Person)).rejects.toThrow(StoreUnavailableError);
  });

  test('gives up a tier that hangs, and does not say that something was written', async () => {
    const { holdfast, hot, clock } = await opened();
    hot.hang();
    const verifying = holdfast.verify(Person).catch((error: unknown) => error);
    for (let turns = 0; turns < 3; turns++) await clock.advance(500);
    expect(await verifying).toMatchObject({ code: 'STORE_UNAVAILABLE', outcomeUnknown: false });
    hot.up();
  });

  test('refuses options that it does not have, and entities with one tier', async () => {
    const { holdfast } = await opened();
    for (const sample of [0, -1, 1.5, '10'])
      await expect(holdfast.verify(Person, { sample } as never)).rejects.toThrow(/sample of verify\(\)/);
    await expect(holdfast.repair(Person, { smaple: 1 } as never)).rejects.toThrow(ValidationError);
    const alone = await Holdfast.open({ entities: [Account], redis: false, fallbacks: { home: 'memory:' } });
    await expect(alone.verify(Account)).rejects.toThrow(/Account has nothing to compare: the entity has one tier/);
    await alone.close();
    await expect(alone.verify(Account)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
