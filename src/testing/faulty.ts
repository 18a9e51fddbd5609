import type { Clock } from '../core/clock.js';
import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotFault, HotStore } from '../core/hot-store.js';
import type { Key, Schema } from '../core/schema.js';
import { FaultLine, type Faults } from './faults.js';

export type { Faults, Gate, Moment } from './faults.js';

/** Options of {@link faultyDriver} and {@link faultyHotStore}. */
export interface FaultyOptions {
  /** What `delay` waits by. Default: the machine's. */
  readonly clock?: Clock;
}

/** The methods of a durable store that can be made to fail. */
export type DriverMethod = 'open' | 'read' | 'write' | 'scan' | 'count' | 'close';

/** The methods of a hot store that can be made to fail. */
export type HotMethod = (typeof HOT_METHODS)[number];

const HOT_METHODS = [
  'open',
  'read',
  'begin',
  'renew',
  'commit',
  'abandon',
  'stage',
  'fill',
  'drop',
  'peek',
  'ids',
  'places',
  'close',
] as const;

/**
 * A durable store that fails, hangs or waits when the test says so. `close` always reaches the store.
 *
 * @example
 * const { driver, faults } = faultyDriver(memoryDriver());
 * const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { postgres: driver } });
 * faults.down();                              // every call fails
 * faults.up();
 * const gate = faults.gate('write', 'after'); // the next write is made, but not answered yet
 * const saved = people.save(person);
 * await gate.reached;
 * // whatever is to happen in between
 * gate.open();
 * await saved;
 */
export function faultyDriver(
  driver: FallbackDriver,
  { clock }: FaultyOptions = {},
): { readonly driver: FallbackDriver; readonly faults: Faults<DriverMethod> } {
  const methods: readonly DriverMethod[] = ['open', 'read', 'write', 'scan', 'count', 'close'];
  const line = new FaultLine(driver.name, methods, clock);
  return {
    faults: line,
    driver: {
      name: driver.name,
      // One that is made to hang can be given up.
      capabilities: { ...driver.capabilities, synchronous: false },
      open: (schemas, options) => line.pass('open', () => driver.open(schemas, options)),
      read: (schema, keys, query) => line.pass('read', () => driver.read(schema, keys, query)),
      write: (changes) => line.pass('write', () => driver.write(changes)),
      async *scan(schema) {
        await line.enter('scan');
        yield* driver.scan(schema);
        await line.leave('scan');
      },
      count: (schema) => line.pass('count', () => driver.count(schema)),
      close() {
        line.calls.close++;
        return driver.close();
      },
    },
  };
}

/**
 * A hot store that fails, hangs or waits when the test says so. A call that fails is answered as the protocol has it: each of
 * its keys is unreachable. `close` always reaches the store.
 *
 * @example
 * const { store, faults } = faultyHotStore(memoryHotStore({ clock }));
 * faults.failNext('commit', new Error('cut'), 'after');   // the commit is made, its answer lost
 */
export function faultyHotStore(
  store: HotStore,
  { clock }: FaultyOptions = {},
): { readonly store: HotStore; readonly faults: Faults<HotMethod> } {
  const line = new FaultLine<HotMethod>(store.name, HOT_METHODS, clock);
  // A store that cannot be asked does not tell its places.
  const known = new Set<string>();
  const unreachable = (keys: readonly Key[]) => (error: unknown) =>
    keys.map(() => ({ state: 'unreachable', error }) as const);
  const step =
    <Item, Rest extends readonly unknown[]>(
      method: HotMethod,
      call: (schema: Schema, items: readonly Item[], ...rest: Rest) => Promise<readonly HotFault[]>,
    ) =>
    (schema: Schema, items: readonly Item[], ...rest: Rest): Promise<readonly HotFault[]> =>
      line.pass(method, () => call(schema, items, ...rest)).catch((error) => items.map(() => ({ error })));
  return {
    faults: line,
    store: {
      name: store.name,
      scope: store.scope,
      ...(store.inProcess !== undefined && { inProcess: store.inProcess }),
      // That it is away is no fault of opening one that may be.
      open: (schemas, options) => {
        const open = () => store.open(schemas, options);
        return options?.mayBeAway ? open() : line.pass('open', open);
      },
      read: (schema, keys, queries, token) =>
        line.pass('read', () => store.read(schema, keys, queries, token)).catch(unreachable(keys)),
      begin: step<Key, [string, number, number?, (readonly (readonly string[] | undefined)[])?]>(
        'begin',
        store.begin.bind(store),
      ),
      renew: step<Key, [string | readonly string[], number]>('renew', store.renew.bind(store)),
      commit: step('commit', store.commit.bind(store)),
      abandon: step<Key, [string | readonly string[]]>('abandon', store.abandon.bind(store)),
      stage: (schema, key, members, token) =>
        line.pass('stage', () => store.stage(schema, key, members, token)).catch((error) => ({ error })),
      fill: step('fill', store.fill.bind(store)),
      drop: step<Key, []>('drop', store.drop.bind(store)),
      peek: (schema, keys) => line.pass('peek', () => store.peek(schema, keys)).catch(unreachable(keys)),
      async *ids(schema) {
        await line.enter('ids');
        yield* store.ids(schema);
        await line.leave('ids');
      },
      place(schema, key) {
        const place = store.place(schema, key);
        known.add(place);
        return place;
      },
      ...(store.watch && { watch: (heard) => store.watch!(heard) }),
      async places() {
        try {
          const places = await line.pass('places', () => store.places());
          for (const place of places.keys()) known.add(place);
          return places;
        } catch (error) {
          return new Map(Array.from(known.size > 0 ? known : [''], (place) => [place, { error }]));
        }
      },
      close() {
        line.calls.close++;
        return store.close();
      },
    },
  };
}
