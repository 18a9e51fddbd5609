import { afterAll, beforeAll, describe } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { type Class, Holdfast, type HoldfastOptions, type ReadOptions } from '../../src/index.js';

/** Where the entities of a combination are kept, as `defineEntity` takes it. */
export interface Home {
  readonly fallback?: 'home';
  readonly cached?: { readonly ttl: '1h' };
}

/** Two holdfasts on the same stores: two processes to each other, but where the stores are private to one. */
export interface Stores {
  readonly holdfast: () => Holdfast;
  readonly other: () => Holdfast;
}

/** One combination of stores that collections are tried on. */
export interface Combination {
  readonly name: string;
  readonly home: Home;
  /** Whether others see what is written: without it both holdfasts are one. */
  readonly shared: boolean;
  readonly options: () => Promise<Omit<HoldfastOptions, 'entities'>>;
}

const homed = { fallback: 'home' } as const;

/** Those that need no server. */
export const inProcess: readonly Combination[] = [
  { name: 'in process alone', home: {}, shared: false, options: async () => ({ logger: false }) },
  {
    name: 'in process, in front of memory',
    home: homed,
    shared: true,
    options: once(() => ({ redis: memoryHotStore(), fallbacks: { home: memoryDriver() }, logger: false })),
  },
  {
    name: 'cached, in front of the two',
    home: { ...homed, cached: { ttl: '1h' } },
    shared: false,
    options: once(() => ({ redis: memoryHotStore(), fallbacks: { home: memoryDriver() }, logger: false })),
  },
  {
    name: 'without a hot tier',
    home: homed,
    shared: true,
    options: once(() => ({ redis: false, fallbacks: { home: memoryDriver() }, logger: false })),
  },
];

function once(make: () => Omit<HoldfastOptions, 'entities'>): Combination['options'] {
  let made: Omit<HoldfastOptions, 'entities'> | undefined;
  return async () => {
    made ??= make();
    return made;
  };
}

/** Tries the cases of one kind on each combination of stores. */
export function onStores<E extends Readonly<Record<string, Class<object>>>>(
  combinations: readonly Combination[],
  entitiesOf: (home: Home) => E,
  cases: (entities: E, stores: Stores) => void,
): void {
  describe.each(combinations)('$name', ({ home, shared, options }) => {
    const entities = entitiesOf(home);
    let holdfast: Holdfast;
    let other: Holdfast;
    beforeAll(async () => {
      const given = { ...(await options()), entities: Object.values(entities) };
      holdfast = await Holdfast.open(given);
      other = shared ? await Holdfast.open(given) : holdfast;
    }, 60_000);
    afterAll(async () => {
      if (other !== holdfast) await other.close();
      await holdfast.close();
    });
    cases(entities, { holdfast: () => holdfast, other: () => other });
  });
}

/** Makes the same check wherever an entity can be read: as it is, past the hot tier, when it is cold, and elsewhere. */
export async function everywhere<R extends { evict(key: never): Promise<void> }>(
  [mine, others]: readonly [R, R],
  key: Parameters<R['evict']>[0],
  check: (repository: R, options: ReadOptions) => Promise<void>,
): Promise<void> {
  await check(mine, {});
  await check(mine, { from: 'durable' });
  await check(others, {});
  await mine.evict(key as never);
  await check(mine, {});
  await check(others, { from: 'durable' });
}

/** All that an async iterable gives. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A call in plain JavaScript, whatever its types say. */
export const loosely = (repository: object) =>
  repository as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
