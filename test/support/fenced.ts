import type { Clock } from '../../src/core/clock.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import type { Change, RowChange } from '../../src/core/kind.js';
import type { Plain } from '../../src/core/plain.js';
import type { Key, Schema } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { outboxSchema } from '../../src/outbox-schema.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyDriver, faultyHotStore } from '../../src/testing/faulty.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { FencedStore } from '../../src/tiers/fenced-store.js';

/** Two tiers of one field, `n`, with faults in both: what a race needs. */
export interface Fenced {
  readonly schema: Schema;
  readonly key: Key;
  readonly store: FencedStore;
  readonly hot: ReturnType<typeof faultyHotStore>;
  readonly durable: ReturnType<typeof faultyDriver>;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly changed: readonly string[];
  /** How many rows of the outbox this process has read. */
  readonly rowsRead: number;
  /** Another process on the same two tiers; `link` is its own way to the hot one. */
  another(link?: (hot: HotStore) => HotStore): Promise<Fenced>;
  /** What a read gives; `null` where there is none. */
  read(): Promise<Plain | undefined | null>;
  save(n: number): Promise<unknown>;
  remove(): Promise<unknown>;
  change(change: Change): Promise<unknown>;
  /** What the hot tier would serve by itself, or its state. */
  hotState(): Promise<string | Plain | undefined>;
  durableValue(): Promise<Plain | undefined | null>;
  /** How many rows the outbox holds. */
  outboxRows(): Promise<number>;
}

const LOCK = 10_000;

/** A name that no other test's entity has. */
export const freshName = (): string => `fenced_${process.pid}_${Math.random().toString(36).slice(2)}`;

/**
 * @param makeHot the hot tier under test
 * @param schema of another kind than a hash with one field
 */
export async function fenced(
  makeHot: (clock: Clock, schema: Schema) => Promise<HotStore>,
  schema: Schema = sampleSchema({ name: freshName(), fields: { n: 'integer' } }),
): Promise<Fenced> {
  const clock = fakeClock(Date.now());
  const hot = await makeHot(clock, schema);
  await hot.open([schema]);
  const driver = memoryDriver();
  await driver.open([schema, outboxSchema], { synchronize: undefined, clock, logger: console, statementTimeout: 3000 });
  return process1({ schema, clock, hot, driver });
}

async function process1(
  shared: {
    schema: Schema;
    clock: ReturnType<typeof fakeClock>;
    hot: HotStore;
    driver: ReturnType<typeof memoryDriver>;
  },
  link: (hot: HotStore) => HotStore = (hot) => hot,
): Promise<Fenced> {
  const { schema, clock } = shared;
  const hot = faultyHotStore(link(shared.hot), { clock });
  let rowsRead = 0;
  const counting = (driver: FallbackDriver): FallbackDriver => ({
    name: driver.name,
    capabilities: driver.capabilities,
    open: (...args) => driver.open(...args),
    read: (...args) => driver.read(...args),
    write: (...args) => driver.write(...args),
    async *scan(scanned) {
      for await (const row of driver.scan(scanned)) {
        rowsRead++;
        yield row;
      }
    },
    count: (...args) => driver.count(...args),
    close: () => driver.close(),
  });
  const durable = faultyDriver(counting(shared.driver), { clock });
  const changed: string[] = [];
  const store = new FencedStore({
    hot: hot.store,
    unguarded: hot.store,
    answers: () => {},
    durableAnswers: () => {},
    driver: durable.driver,
    schemas: [schema],
    outbox: outboxSchema,
    changed: (_, keys) => changed.push(...keys.map(({ id }) => id)),
    clock,
    logger: { info() {}, warn() {}, error() {} },
    lockTime: LOCK,
    servedFor: 1000,
    repairInterval: 1000,
  });
  await store.start();
  const key = sampleKey('k');
  const change = (one: Change) => store.write([{ schema, key, change: one }], 'set');
  return {
    schema,
    key,
    store,
    hot,
    durable,
    clock,
    changed,
    get rowsRead() {
      return rowsRead;
    },
    another: (ownLink) => process1(shared, ownLink),
    read: () =>
      new Promise((resolve, reject) =>
        store.load(schema, [key], undefined, (_, error, entry) =>
          error === undefined ? resolve(entry === null ? null : (entry.value as Plain[])[0]) : reject(error),
        ),
      ),
    save: (n) => change({ type: 'put', row: sampleRow(schema, { n }) } as RowChange),
    remove: () => change({ type: 'delete' }),
    change,
    async hotState() {
      const [reply] = await shared.hot.read(schema, [key], undefined, `probe${Math.random()}`);
      if (reply!.state === 'fill') await shared.hot.drop(schema, [key]);
      return reply!.state === 'value' ? (reply!.value as Plain[])[0] : reply!.state;
    },
    async durableValue() {
      const [entry] = await shared.driver.read(schema, [key], undefined);
      return entry ? (entry.value as Plain[])[0] : null;
    },
    outboxRows: () => shared.driver.count(outboxSchema),
  };
}
