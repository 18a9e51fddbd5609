import { expect, test } from '@jest/globals';
import {
  type Class,
  EntityExistsError,
  EntityNotFoundError,
  type FlagRepository,
  type Holdfast,
  ValidationError,
} from '../../src/index.js';
import type { Visited } from './every-type.js';

/** The flags of two holdfasts on the same stores. */
export interface FlagParts {
  readonly entity: Class<Visited>;
  readonly holdfast: () => Holdfast;
  readonly other: () => Holdfast;
  readonly sharedHot: boolean;
  readonly transactions: boolean;
}

const at = (city: number, user = 'a:{b}') => ({ user, city });

/** What every combination of stores does alike with flags, as an application meets it. */
export function flagCases({ entity, holdfast, other, sharedHot, transactions }: FlagParts): void {
  const flags = (of = holdfast) => of().repository(entity) as unknown as FlagRepository<Visited>;

  test('a flag is true, false, or was never set, from the hot tier, from the durable one, and elsewhere', async () => {
    const isAll = async (value: boolean | undefined) => {
      const entities = value === undefined ? undefined : flags().create({ ...at(1), seen: value });
      for (const [repository, options] of [
        [flags(), {}],
        [flags(), { from: 'durable' }],
        [flags(other), { from: 'durable' }],
        ...(sharedHot ? [[flags(other), {}] as const] : []),
      ] as const) {
        expect(await repository.get(at(1), options)).toBe(value);
        expect(await repository.isSet(at(1), options)).toBe(value === true);
        expect(await repository.find(at(1), options)).toEqual(entities);
        expect(await repository.exists(at(1), options)).toBe(value !== undefined);
      }
      await flags().evict(at(1));
      expect(await flags().get(at(1))).toBe(value);
      expect(await flags().refresh(at(1))).toEqual(entities);
    };
    await isAll(undefined);
    expect(await flags().unset(at(1))).toBe(undefined);
    await isAll(false);
    expect(await flags().set(at(1))).toBe(undefined);
    await isAll(true);
    await flags().unset(at(1));
    await isAll(false);
    expect(await flags().delete(at(1))).toBe(true);
    await isAll(undefined);
    expect(await flags().delete(at(1))).toBe(false);
  });

  test('many flags are asked for at once, in order, and streamed, and counted', async () => {
    for (const city of [1, 2, 3, 4]) await (city % 2 ? flags().set(at(city)) : flags().unset(at(city)));
    const keys = [4, 9, 3, 1, 3].map((city) => at(city));
    for (const from of [undefined, 'durable'] as const) {
      const options = from ? { from } : {};
      expect(await flags().isSetMany(keys, options)).toEqual([false, false, true, true, true]);
      const found = await flags(other).findMany(keys, sharedHot ? options : { from: 'durable' });
      expect(found.map((one) => one?.seen)).toEqual([false, undefined, true, true, true]);
    }
    expect(await flags().isSetMany([])).toEqual([]);
    const streamed: [number, boolean][] = [];
    for await (const { city, seen } of flags().stream()) streamed.push([city, seen]);
    expect(streamed.sort()).toEqual([
      [1, true],
      [2, false],
      [3, true],
      [4, false],
    ]);
    expect(await flags().count()).toBe(4);
    expect(await flags().delete([1, 2, 3, 4, 5].map((city) => at(city)))).toBe(4);
    expect(await flags().count()).toBe(0);
  });

  test('a flag is saved, inserted and updated like any entity', async () => {
    const saved = await flags().save({ ...at(1), seen: false });
    expect(saved).toEqual({ ...at(1), seen: false });
    await expect(flags(other).insert({ ...at(1), seen: true })).rejects.toThrow(EntityExistsError);
    expect(await flags().update(at(1), { seen: true })).toEqual(flags().create({ ...at(1), seen: true }));
    expect(await flags().get(at(1))).toBe(true);
    const updated = await flags().update(at(1), (one) => {
      one.seen = !one.seen;
    });
    expect(updated.seen).toBe(false);
    expect(await flags(other).get(at(1), { from: 'durable' })).toBe(false);
    await expect(flags().update(at(2), { seen: true })).rejects.toThrow(EntityNotFoundError);
    expect(await flags().get(at(2))).toBe(undefined);
    await flags().insert({ ...at(2), seen: true }, { hot: 'never' });
    await flags().unset(at(2), { hot: 'ifPresent' });
    expect(await flags().get(at(2))).toBe(false);
    await flags().delete([at(1), at(2)]);
  });

  test('changes of one flag by two processes at once are each made once', async () => {
    await flags().unset(at(1));
    await Promise.all(
      Array.from({ length: 21 }, (_, i) =>
        flags(i % 2 ? other : holdfast).update(at(1), (one) => {
          one.seen = !one.seen;
        }),
      ),
    );
    expect(await flags().get(at(1), { from: 'durable' })).toBe(true);
    if (sharedHot) expect(await flags(other).get(at(1))).toBe(true);
    await flags().delete(at(1));
  });

  test('a flag that is to end some day is there until then', async () => {
    await flags().set(at(1), { fallbackTtl: '7d' });
    expect(await flags().isSet(at(1))).toBe(true);
    expect(await flags(other).isSet(at(1), { from: 'durable' })).toBe(true);
    await flags().delete([at(1), at(2)]);
  });

  test('flags are written in a batch, all or none', async () => {
    if (!transactions) {
      const batch = holdfast().batch((b) => {
        for (const city of [1, 2]) b.repository(entity as never as Class<Visited>).set(at(city));
      });
      await expect(batch).rejects.toThrow(ValidationError);
    } else {
      await holdfast().batch((b) => {
        const batched = b.repository(entity as Class<Visited>);
        batched.set(at(1));
        batched.unset(at(2), { fallbackTtl: '1d' });
        batched.set(at(3));
        batched.delete(at(3));
      });
      expect(await flags().findMany([at(1), at(2), at(3)])).toMatchObject([{ seen: true }, { seen: false }, undefined]);
      await flags().insert({ ...at(4), seen: true });
      const refused = holdfast().batch((b) => {
        const batched = b.repository(entity as Class<Visited>);
        batched.unset(at(1));
        batched.insert({ ...at(4), seen: false });
      });
      await expect(refused).rejects.toThrow(EntityExistsError);
      expect(await flags(other).isSetMany([at(1), at(4)], { from: 'durable' })).toEqual([true, true]);
    }
    await flags().delete([1, 2, 3, 4].map((city) => at(city)));
  });

  test('bad calls of a flag are refused, and nothing is written', async () => {
    const bad = flags() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const calls: [string, ...unknown[]][] = [
      ['set', 'x'],
      ['set', { user: 'x' }],
      ['set', at(1), { hot: 'sometimes' }],
      ['set', at(1), { ttl: 5 }],
      ['set', at(1), 5],
      ['set', at(1), { fallbackTtl: -1 }],
      ['unset', at(1), { fallbackTtl: 'soon' }],
      ['get', at(1), { from: 'hot' }],
      ['isSet', at(1), { fields: ['seen'] }],
      ['find', at(1), { fields: ['seen'] }],
      ['isSetMany', at(1)],
      ['isSetMany', [at(1), 'x']],
      ['save', at(1)],
      ['save', { ...at(1), seen: null }],
      ['save', { ...at(1), seen: 1 }],
      ['save', { ...at(1), seen: true, more: 1 }],
      ['update', at(1), { seen: 'yes' }],
    ];
    for (const [name, ...args] of calls) await expect(bad[name]!(...args)).rejects.toThrow(ValidationError);
    await flags().set(at(1));
    const clear = flags().update(at(1), (one) => {
      one.seen = undefined as never;
    });
    await expect(clear).rejects.toThrow(/seen is missing/);
    expect(await flags().get(at(1), { from: 'durable' })).toBe(true);
    await flags().delete(at(1));
    expect(await flags().count()).toBe(0);
  });
}
