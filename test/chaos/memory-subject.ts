import type { HotEntry, HotStore } from '../../src/core/hot-store.js';
import type { Schema } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { openFallback } from '../../src/fallbacks/open-fallback.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import type { HoldfastOptions } from '../../src/index.js';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.js';
import {
  type DriverMethod,
  type Faults,
  faultyDriver,
  faultyHotStore,
  type HotMethod,
} from '../../src/testing/faulty.js';
import type { TestDatabases } from '../fallbacks/typeorm/databases.js';
import { History } from './history.js';
import { Process } from './process.js';
import { patient, type Subject } from './subject.js';

export interface MemorySubjectOptions {
  /** Makes the durable store; the subject drops it at its end. Left out: in memory. */
  readonly databases?: Pick<TestDatabases, 'dropAll'> & { fresh(): Promise<{ readonly url: string }> };
  /** Most entries of the hot tier. */
  readonly max?: number;
  /** What processes are opened with. */
  readonly options?: Partial<HoldfastOptions> & { readonly repairInterval?: number };
}

/** The ways of one process to its tiers. */
export interface Links {
  readonly hot: Faults<HotMethod>;
  readonly durable: Faults<DriverMethod>;
}

/** Both tiers in process, at a time that stands still; several processes share them. */
export interface MemorySubject extends Subject {
  /** The hot tier, past all faults. */
  readonly hot: HotStore;
  /** The schema of an entity of that name. */
  schema(name: string): Schema;
  links(process: Process): Links;
  /** Those of every process. */
  readonly allLinks: Iterable<Links>;
}

/** Beyond the lock time of those who are patient. */
const OUTLASTING = 125_000;
/** How far the time goes on at once while work is waited for, in milliseconds. */
const TICK = 10;

export async function memorySubject({
  databases,
  max,
  options = patient,
}: MemorySubjectOptions = {}): Promise<MemorySubject> {
  const history = new History();
  const clock: FakeClock = fakeClock(1_700_000_000_000);
  const { repairInterval = 1000 } = options;
  let epoch = 0;
  const hot: HotStore = memoryHotStore({ clock, tag: () => String(epoch), ...(max !== undefined && { max }) });
  const schemas = new Map<string, Schema>();
  let kept: (() => Promise<void>)[] = [];
  const url = databases && (await databases.fresh()).url;
  const shared = memoryDriver();
  const links = new Map<Process, Links>();
  let count = 0;
  return {
    history,
    hot,
    schema: (name) => schemas.get(name)!,
    links: (process) => links.get(process)!,
    get allLinks() {
      return links.values();
    },
    async open(name) {
      const link = faultyHotStore(hot, { clock });
      const durable = faultyDriver(url === undefined ? shared : await openFallback('home', url), { clock });
      const tiers = { hot: link.store, driver: durable.driver };
      const process = await Process.open(name, history, tiers, { ...options, clock, repairInterval });
      for (const schema of process.entities) schemas.set(schema.name, schema);
      links.set(process, { hot: link.faults, durable: durable.faults });
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
      for (const link of links.values()) link.hot.down();
    },
    async comeBack(withWhat) {
      if (withWhat !== 'all that it had') await hot.close();
      // As it was written then: by the epoch of then.
      if (withWhat === 'what it had kept before') for (const restore of kept) await restore();
      epoch++;
      for (const link of links.values()) link.hot.up();
    },
    async cut(processes) {
      for (const process of processes) links.get(process)!.hot.down();
    },
    async mend(processes) {
      for (const process of processes) links.get(process)!.hot.up();
    },
    outlast: () => clock.advance(OUTLASTING),
    async during(work) {
      let over = false;
      const end = () => {
        over = true;
      };
      work.then(end, end);
      while (!over) await clock.advance(TICK);
      return work;
    },
    async settle(check) {
      // At once, or when the repair interval is over: what is made then has no network to wait for.
      if (await holds(check)) return;
      await clock.advance(repairInterval + 1);
      await check();
    },
    async close() {
      for (const process of links.keys()) await process.close();
      await databases?.dropAll();
    },
  };
}

const holds = (check: () => Promise<void>) =>
  check().then(
    () => true,
    () => false,
  );
