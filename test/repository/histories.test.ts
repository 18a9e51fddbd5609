import { expect, test } from '@jest/globals';
import { type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { Holdfast } from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { Person, Visitor } from './entities.js';

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

interface Options {
  readonly seed: number;
  readonly entity: typeof Person | typeof Visitor;
  readonly processes: number;
  readonly steps: number;
  /** The hot tier fails, of one process at a time. */
  readonly hotFaults: boolean;
}

async function history({ seed, entity, processes, steps, hotFaults }: Options): Promise<void> {
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
        for (const { key, change } of changes)
          past(key.id).push(change.type === 'delete' ? null : Number((change as unknown as { row: string[] }).row[0]));
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
        entities: [entity],
        redis: hotOf(name),
        fallbacks: { home: driverOf(name) },
        circuitBreaker: false,
        bulkhead: false,
        retry: false,
        clock,
        logger: false,
      });
      return { name, holdfast, repository: holdfast.repository(entity) as never as Repository, acked: new Map() };
    }),
  );
  interface Repository {
    find(id: string, options?: object): Promise<{ name: string } | undefined>;
    save(given: object, options?: object): Promise<unknown>;
    delete(id: string): Promise<unknown>;
    evict(id: string): Promise<unknown>;
  }
  /** Where in its key's past the last acknowledged write is: of all processes, and of each. */
  const acked = new Map<string, number>();
  const cached = entity === Visitor;
  const wrong: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const run = (work: () => Promise<unknown>) => {
    const running: Promise<unknown> = work().finally(() => underWay.delete(running));
    underWay.add(running);
  };
  let value = 0;
  const writes = (id: string, mine: Map<string, number>, made: () => Promise<unknown>, now: number | null) =>
    made().then(() => {
      const at = past(id).lastIndexOf(now);
      acked.set(id, Math.max(acked.get(id) ?? 0, at));
      mine.set(id, Math.max(mine.get(id) ?? 0, at));
    }, unlessUnavailable);
  const start = () => {
    const { name, repository, acked: mine } = open[Math.floor(random() * open.length)]!;
    const id = chance(0.8) ? 'k' : 'l';
    const dice = random();
    if (dice < 0.3) {
      const n = ++value;
      log.push(`${name} saves ${id}=${n}`);
      const hotMode = chance(0.8) ? 'always' : chance(0.5) ? 'ifPresent' : 'never';
      run(() => writes(id, mine, () => repository.save({ id, name: String(n) }, { hot: hotMode }), n));
    } else if (dice < 0.36 && !past(id).slice(1).includes(null)) {
      log.push(`${name} deletes ${id}`);
      run(() => writes(id, mine, () => repository.delete(id), null));
    } else if (dice < 0.42) {
      log.push(`${name} evicts ${id}`);
      run(() => repository.evict(id).catch(unlessUnavailable));
    } else {
      const floor = (cached || hotFaults ? mine : acked).get(id) ?? 0;
      const options = chance(0.2) ? { fields: ['name'] } : undefined;
      log.push(`${name} finds ${id}, at least ${past(id)[floor]}`);
      run(async () => {
        const found = await repository.find(id, options);
        const got = found === undefined ? null : Number(found.name);
        log.push(`${name} found ${id}=${got}`);
        const at = past(id).lastIndexOf(got);
        if (at < floor) wrong.push(`${name} found ${id}=${got} after ${past(id)[floor]} was acknowledged`);
      });
    }
  };
  const settled = async () => {
    for (let turns = 0; turns < 4; turns++) await new Promise((resolve) => setImmediate(resolve));
  };

  for (let count = 0; count < steps && wrong.length === 0; count++) {
    await settled();
    if (waiting.length === 0 || (underWay.size < 6 && chance(0.3))) start();
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
    if (cached) await clock.advance(6000);
    for (const { name, repository } of open)
      for (const id of ['k', 'l']) {
        const now = past(id).at(-1)!;
        for (let twice = 0; twice < 2; twice++) {
          const found = await repository.find(id);
          const got = found === undefined ? null : Number(found.name);
          if (got !== now) wrong.push(`at rest ${name} finds ${id}=${got}, not ${now}`);
        }
      }
  }
  for (const { holdfast } of open) await holdfast.close();
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong[0]}\n${log.slice(-60).join('\n')}`);
}

function unlessUnavailable(error: unknown): void {
  if ((error as { code?: string }).code !== 'STORE_UNAVAILABLE') throw error;
}

const cases = [
  ['of three processes', Person, 3, false],
  ['of three processes with caches of their own, as far as each wrote itself', Visitor, 3, false],
  ['of three processes that lose the hot tier now and then, as far as each wrote itself', Person, 3, true],
  ['of one process that loses the hot tier now and then', Person, 1, true],
  ['of one process with a cache that loses the hot tier now and then', Visitor, 1, true],
] as const;

const HISTORIES = Number(process.env.HISTORIES ?? 60);

test.each(cases)(
  'no read begun after an acknowledged write gives what was before it: %s',
  async (_, entity, processes, hotFaults) => {
    const first = Number(process.env.SEED ?? 1);
    for (let seed = first; seed < first + HISTORIES; seed++)
      await history({ seed, entity, processes, steps: 250, hotFaults });
  },
  60_000,
);
