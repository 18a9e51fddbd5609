import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { HotEntry, HotStore } from '../../src/core/hot-store.js';
import type { Schema } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import type { HoldfastOptions } from '../../src/index.js';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.js';
import { faultyHotStore } from '../../src/testing/faulty.js';
import { History, type Place } from './history.js';
import { Process } from './process.js';

/** What a hot tier that was killed comes back with: nothing, what it had when `keep` was called, or all that it had. */
export type Comeback = 'nothing' | 'what it had kept before' | 'all that it had';

export const COMEBACKS: readonly Comeback[] = ['nothing', 'what it had kept before', 'all that it had'];

/** Two tiers under test, and what can befall the hot one. */
export interface Subject {
  readonly history: History;
  /** Another process on the same tiers. */
  open(name: string): Promise<Process>;
  /** A fresh id. */
  id(): string;
  /** All that is hot is gone; it goes on. */
  flush(): Promise<void>;
  /** Keeps what is hot now, for a comeback. */
  keep(): Promise<void>;
  kill(): Promise<void>;
  comeBack(withWhat: Comeback): Promise<void>;
  /** These processes no longer reach the hot tier, which goes on for the others. */
  cut(processes: readonly Process[]): Promise<void>;
  mend(processes: readonly Process[]): Promise<void>;
  /** Lets more time go by than any lock or right to fill lasts that nobody renews. */
  outlast(): Promise<void>;
  /** Waits until `check` does not throw, for no longer than the hot tier may take to be repaired. */
  settle(check: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const REPAIR = 1000;
/** Beyond the lock time of those who are patient. */
const OUTLASTING = 125_000;

/** Neither timeouts nor breakers: what the gates hold back may take its time. */
export const patient = {
  circuitBreaker: false,
  bulkhead: false,
  retry: false,
} as const satisfies Partial<HoldfastOptions>;

/** Both tiers in process, at a time that stands still; several processes share them. */
export function memorySubject(): Subject {
  const history = new History();
  const clock: FakeClock = fakeClock(1_700_000_000_000);
  let epoch = 0;
  const hot: HotStore = memoryHotStore({ clock, tag: () => String(epoch) });
  const schemas = new Map<string, Schema>();
  let kept: (() => Promise<void>)[] = [];
  const driver: FallbackDriver = memoryDriver();
  const links = new Map<Process, ReturnType<typeof faultyHotStore>['faults']>();
  let count = 0;
  return {
    history,
    async open(name) {
      const link = faultyHotStore(hot, { clock });
      const options = { ...patient, clock, repairInterval: REPAIR };
      const process = await Process.open(name, history, { hot: link.store, driver }, options);
      for (const schema of process.entities) schemas.set(schema.name, schema);
      links.set(process, link.faults);
      return process;
    },
    id: () => `k${count++}`,
    flush: () => hot.close(),
    async keep() {
      kept = [];
      for (const schema of schemas.values())
        for await (const ids of hot.ids(schema)) {
          const keys = ids.map((id) => ({ id, parts: [id] }));
          const peeked = await hot.peek(schema, keys);
          const entries = keys.flatMap<HotEntry>((key, at) => {
            const one = peeked[at]!;
            return one.state === 'value' ? [{ key, value: one.value, ttl: undefined }] : [];
          });
          kept.push(async () => {
            await hot.begin(schema, keys, 'kept', 1000);
            await hot.commit(schema, entries, 'kept', 'set');
          });
        }
    },
    async kill() {
      for (const faults of links.values()) faults.down();
    },
    async comeBack(withWhat) {
      if (withWhat !== 'all that it had') await hot.close();
      // As it was written then: by the epoch of then.
      if (withWhat === 'what it had kept before') for (const restore of kept) await restore();
      epoch++;
      for (const faults of links.values()) faults.up();
    },
    async cut(processes) {
      for (const process of processes) links.get(process)!.down();
    },
    async mend(processes) {
      for (const process of processes) links.get(process)!.up();
    },
    outlast: () => clock.advance(OUTLASTING),
    async settle(check) {
      // At once, or when the repair interval is over: what is made then has no network to wait for.
      if (await holds(check)) return;
      await clock.advance(REPAIR + 1);
      await check();
    },
    async close() {
      for (const process of links.keys()) await process.close();
    },
  };
}

const holds = (check: () => Promise<void>) =>
  check().then(
    () => true,
    () => false,
  );

/** Whether a lock may be left: that of a process which was killed, or one that arrives late, lasts as long as its time. */
export type LocksLeft = 'none' | 'until their time is over';

/**
 * Insists that both tiers agree on these places when the repair interval is over, and nothing is left of what went wrong: no
 * row in the outbox, no lock.
 */
export async function atRest(
  subject: Pick<Subject, 'history' | 'settle' | 'outlast'>,
  processes: readonly Process[],
  places: readonly Place[],
  locks: LocksLeft = 'none',
): Promise<void> {
  const [any] = processes;
  const agree = (busy: boolean) => async () => {
    const rows = await any!.outbox();
    if (rows > 0) throw new Error(`${rows} rows are left in the outbox`);
    for (const place of places) {
      const durable = await any!.durable(place);
      const hot = await any!.hot(place);
      if (hot !== durable && hot !== 'cold' && !(busy && hot === 'busy'))
        throw new Error(`${place.entity} ${place.id} is ${hot} in the hot tier, ${durable} in the durable one`);
    }
  };
  await subject.settle(async () => {
    await agree(locks !== 'none')();
    await findLast(subject.history, processes, places);
  });
  subject.history.repaired();
  await findLast(subject.history, processes, places);
  if (locks === 'none') return;
  await subject.outlast();
  await agree(false)();
  await findLast(subject.history, processes, places);
}

async function findLast(history: History, processes: readonly Process[], places: readonly Place[]): Promise<void> {
  for (const place of places)
    for (const process of processes) {
      const last = history.last(place);
      const found = await process.find(place.id, place.entity);
      if (found !== last)
        throw new Error(
          `at rest ${process.name} reads ${place.entity} ${place.id} = ${found}, written last was ${last}`,
        );
    }
}
