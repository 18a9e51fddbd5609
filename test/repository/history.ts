import { expect } from '@jest/globals';
import { type FallbackDriver, type KeyedChange, StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { Holdfast } from '../../src/index.js';
import type { Class } from '../../src/metadata/types.js';
import { fakeClock } from '../../src/testing/fake-clock.js';

// Many histories of a few keys, each decided by its seed alone: every step on a tier waits until the seed lets it go on, so
// that steps of several processes come in every order. What is read is compared with what was acknowledged before.

/** Numbers from 0 to below 1, always the same for one seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is kept, and what is done with it. */
export interface Subject {
  readonly entity: Class<object>;
  /** Only what a process wrote itself is sure to be read by it at once. */
  readonly cached: boolean;
  /** Most calls at once. */
  readonly atOnce: number;
  /** What a change leaves in the registers that it is about: a number that no other change left, or null for nothing. */
  landed(keyed: KeyedChange): Registers;
  /** Something to do now. */
  act(options: ActOptions): Act;
  /** What the registers of a key hold. */
  all(repository: Loose, id: string): Promise<Registers>;
}

/** Registers by name, and what they hold. */
export type Registers = ReadonlyMap<string, number | null>;

export /** What a call is chosen by. */
interface ActOptions {
  readonly repository: Loose;
  readonly id: string;
  readonly chance: (share: number) => boolean;
  readonly next: () => number;
  /** Whether the register has been emptied before: its being empty would not tell when. */
  readonly emptied: (register: string) => boolean;
}

/** One call: what it says, and which registers it writes or reads. */
export type Act = { readonly what: string } & (
  | { readonly writes: Registers; run(): Promise<unknown> }
  | { readonly reads: readonly string[]; run(): Promise<Registers> }
  | { run(): Promise<unknown> }
);

// biome-ignore lint/suspicious/noExplicitAny: repositories of several kinds
type Loose = any;

interface Options {
  readonly seed: number;
  readonly subject: Subject;
  readonly processes: number;
  readonly steps: number;
  /** The hot tier fails, of one process at a time. */
  readonly hotFaults: boolean;
}

/** Runs one history. @throws Error that tells its last steps where something that was read is too old */
export async function history({ seed, subject, processes, steps, hotFaults }: Options): Promise<void> {
  const random = randomOf(seed);
  const chance = (share: number) => random() < share;
  const clock = fakeClock(1_700_000_000_000);
  const log: string[] = [];
  const waiting: { readonly what: string; readonly go: () => void }[] = [];
  const step = (what: string) => new Promise<void>((go) => waiting.push({ what, go }));
  let free = false;
  const stop = (what: string) => (free ? undefined : step(what));

  // What the durable store went through, key by key: values in the order in which they landed, null for deletions.
  const landed = new Map<string, (number | null)[]>();
  const past = (id: string) => {
    const values = landed.get(id) ?? [null];
    landed.set(id, values);
    return values;
  };
  const durable = memoryDriver();
  let epoch = 0;
  const hot = memoryHotStore({ clock, tag: () => String(epoch) });

  const driverOf = (name: string): FallbackDriver => ({
    name: durable.name,
    capabilities: durable.capabilities,
    open: (schemas, options) => durable.open(schemas, options),
    close: () => durable.close(),
    scan: (schema) => durable.scan(schema),
    count: (schema) => durable.count(schema),
    async read(schema, keys, query) {
      await stop(`${name} reads durably`);
      const entries = await durable.read(schema, keys, query);
      await stop(`${name} has read durably`);
      return entries;
    },
    async write(changes) {
      const land = async () => {
        const result = await durable.write(changes);
        const own = changes.filter(({ schema }) => schema.target === subject.entity);
        for (const change of own) for (const [name, now] of subject.landed(change)) past(name).push(now);
        return result;
      };
      await stop(`${name} writes`);
      if (!free && chance(0.1)) throw new StoreFault('refused', 'none');
      if (!free && chance(0.1)) {
        const lands = chance(0.6);
        const settled = (async () => {
          await stop(`the statement of ${name} ends late`);
          if (lands) await land();
          await stop(`${name} learns of it`);
        })();
        throw new StoreFault('no answer', 'unknown', { unknownFor: 20_000, settled });
      }
      const result = await land();
      await stop(`${name} has written`);
      return result;
    },
  });

  const hotOf = (name: string): HotStore => {
    const through =
      <Args extends unknown[], R>(
        method: string,
        call: (...args: Args) => Promise<readonly R[]>,
        failed: (args: Args, error: StoreFault) => readonly R[],
      ) =>
      async (...args: Args): Promise<readonly R[]> => {
        await stop(`${name} ${method}`);
        if (hotFaults && !free && chance(0.15)) {
          const sent = chance(0.5);
          log.push(`  (${sent ? 'no answer' : 'not sent'})`);
          if (sent) await call(...args);
          return failed(args, new StoreFault('cut', sent ? 'unknown' : 'none'));
        }
        const answer = await call(...args);
        await stop(`${name} ${method} answered`);
        return answer;
      };
    const faults = (args: unknown[], error: StoreFault) => (args[1] as unknown[]).map(() => ({ error }));
    const unreachable = ([, keys]: readonly unknown[], error: StoreFault) =>
      (keys as unknown[]).map(() => ({ state: 'unreachable', error }) as const);
    return {
      name: hot.name,
      open: (schemas) => hot.open(schemas),
      close: async () => {},
      read: through('reads hot', hot.read.bind(hot), unreachable),
      begin: through('begins', hot.begin.bind(hot), faults),
      renew: through('renews', hot.renew.bind(hot), faults),
      commit: through('commits', hot.commit.bind(hot), faults),
      abandon: through('abandons', hot.abandon.bind(hot), faults),
      stage: (schema, key, members, token) => hot.stage(schema, key, members, token),
      fill: through('fills', hot.fill.bind(hot), faults),
      drop: through('drops', hot.drop.bind(hot), faults),
      scope: hot.scope,
      peek: through('peeks', hot.peek.bind(hot), unreachable),
      ids: (schema) => hot.ids(schema),
      place: (schema, key) => hot.place(schema, key),
      places: () => hot.places(),
    };
  };

  const open = await Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const name = 'ABC'[index]!;
      const holdfast = await Holdfast.open({
        entities: [subject.entity],
        redis: hotOf(name),
        fallbacks: { home: driverOf(name) },
        circuitBreaker: false,
        bulkhead: false,
        retry: false,
        clock,
        logger: false,
      });
      return { name, holdfast, repository: holdfast.repository(subject.entity) as Loose, acked: new Map() };
    }),
  );
  /** Where in its key's past the last acknowledged write is: of all processes, and of each. */
  const acked = new Map<string, number>();
  const wrong: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const run = (work: () => Promise<unknown>) => {
    const running: Promise<unknown> = work().finally(() => underWay.delete(running));
    underWay.add(running);
  };
  let value = 0;
  const start = () => {
    const { name, repository, acked: mine } = open[Math.floor(random() * open.length)]!;
    const id = chance(0.8) ? 'k' : 'l';
    const emptied = (register: string) => past(register).slice(1).includes(null);
    const act = subject.act({ repository, id, chance, next: () => ++value, emptied });
    log.push(`${name} ${act.what}`);
    if ('writes' in act)
      run(() =>
        act.run().then(() => {
          for (const [register, now] of act.writes) {
            const at = past(register).lastIndexOf(now);
            acked.set(register, Math.max(acked.get(register) ?? 0, at));
            mine.set(register, Math.max(mine.get(register) ?? 0, at));
          }
        }, unlessUnavailable),
      );
    else if ('reads' in act) {
      const known = subject.cached || hotFaults ? mine : acked;
      const floors = act.reads.map((register) => known.get(register) ?? 0);
      run(async () => {
        const found = await act.run();
        act.reads.forEach((register, index) => {
          const got = found.get(register) ?? null;
          log.push(`${name} found ${register}=${got}`);
          if (past(register).lastIndexOf(got) < floors[index]!)
            wrong.push(`${name} found ${register}=${got} after ${past(register)[floors[index]!]} was acknowledged`);
        });
      });
    } else run(() => act.run().catch(unlessUnavailable));
  };
  const settled = async () => {
    for (let turns = 0; turns < 4; turns++) await new Promise((resolve) => setImmediate(resolve));
  };

  for (let count = 0; count < steps && wrong.length === 0; count++) {
    await settled();
    if (waiting.length === 0 || (underWay.size < subject.atOnce && chance(0.3))) start();
    else if (chance(0.03)) {
      const ms = chance(0.5) ? 1000 : chance(0.5) ? 6000 : 50_000;
      log.push(`${ms} ms pass`);
      await clock.advance(ms);
    } else if (chance(0.01)) {
      log.push('the hot tier forgets everything');
      epoch++;
    } else {
      const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
      log.push(next!.what);
      next!.go();
    }
  }

  free = true;
  for (let turn = 0; turn < 30 && (turn < 6 || underWay.size > 0 || waiting.length > 0); turn++) {
    for (const { go } of waiting.splice(0)) go();
    await settled();
    await clock.advance(1000);
  }
  if (wrong.length === 0) {
    expect(underWay.size).toBe(0);
    if (subject.cached) await clock.advance(6000);
    for (const { name, repository } of open)
      for (const id of ['k', 'l'])
        for (let twice = 0; twice < 2; twice++) {
          const found = await subject.all(repository, id);
          for (const [register, values] of landed) {
            if (!register.startsWith(id)) continue;
            const now = values.at(-1)!;
            const got = found.get(register) ?? null;
            if (got !== now) wrong.push(`at rest ${name} finds ${register}=${got}, not ${now}`);
          }
        }
  }
  for (const { holdfast } of open) await holdfast.close();
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong[0]}\n${log.slice(-60).join('\n')}`);
}

function unlessUnavailable(error: unknown): void {
  if ((error as { code?: string }).code !== 'STORE_UNAVAILABLE') throw error;
}
