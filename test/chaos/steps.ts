import type { FallbackDriver, KeyedChange, WriteResult } from '../../src/core/fallback-driver.js';
import type { HotEntry, HotFault, HotStore } from '../../src/core/hot-store.js';
import type { Key, Schema } from '../../src/core/schema.js';

type HotMethod = 'read' | 'begin' | 'renew' | 'commit' | 'abandon' | 'fill' | 'drop';
type Method = HotMethod | 'durable read' | 'durable write';

/** Where a process stands in a write or a read: before a store has made a step, or after, when its answer is still missing. */
export type Step = `${'before' | 'after'} ${Method}`;

export const WRITE_STEPS: readonly Step[] = [
  'before begin',
  'after begin',
  'before durable write',
  'after durable write',
  'before commit',
  'after commit',
];

/** Of a read of what is cold. */
export const READ_STEPS: readonly Step[] = [
  'before read',
  'after read',
  'before durable read',
  'after durable read',
  'before fill',
  'after fill',
];

/** One call that is to stop at its step. */
export interface Stop {
  readonly reached: Promise<void>;
  /** Lets it go on; where it has not come yet, it does not stop at all. */
  go(): void;
}

/** The gates of one process: at each step, for each key. */
export class Steps {
  readonly #stops = new Map<string, { arrive(): void; readonly opened: Promise<void> }>();
  readonly #gates = new Set<Stop>();
  #dead = false;
  #paused: Promise<void> | undefined;
  #resume: () => void = () => {};

  /** The next call that comes to the step with this key stops there. */
  stop(id: string, step: Step): Stop {
    let arrive = () => {};
    let go = () => {};
    const reached = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const opened = new Promise<void>((resolve) => {
      go = resolve;
    });
    this.#stops.set(`${step} ${id}`, { arrive, opened });
    const stop = { reached, go };
    this.#gates.add(stop);
    return stop;
  }

  /** Lets go on whatever still stands. */
  goOn(): void {
    this.resume();
    for (const { go } of this.#gates) go();
  }

  /** From now on no step of this process is made, and no answer reaches it: it was killed. */
  die(): void {
    this.#dead = true;
  }

  /** The process stands still, and makes no step, until `resume()`. */
  pause(): void {
    this.#paused = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#paused = undefined;
    this.#resume();
  }

  get dead(): boolean {
    return this.#dead;
  }

  async at(step: Step, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const stop = this.#stops.get(`${step} ${id}`);
      if (!stop) continue;
      this.#stops.delete(`${step} ${id}`);
      stop.arrive();
      await stop.opened;
    }
    while (this.#paused) await this.#paused;
    // One of its own: what waits for it is gone with the process.
    if (this.#dead) return new Promise<never>(() => {});
  }
}

/** What goes through the stores of one process. */
export interface Passing {
  at(step: Step, ids: readonly string[]): Promise<void>;
  /** A begin, commit or fill goes to the hot tier, and is answered by what `faults` resolves to. */
  told?(method: 'begin' | 'commit' | 'fill', ids: readonly string[], faults: Promise<readonly HotFault[]>): void;
  /** The durable store is opened with these. */
  opened?(schemas: readonly Schema[]): void;
  /** A durable write was made. */
  landed?(changes: readonly KeyedChange[], result: WriteResult): void;
}

type Call = (...args: never[]) => unknown;

/** The same store, with some of its methods replaced; all others are its own. */
function replaced<T extends object>(store: T, methods: Readonly<Record<string, (...args: never[]) => unknown>>): T {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return methods[name as string];
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as Call).bind(target) : value;
    },
  });
}

const idsOf = (items: readonly (Key | HotEntry)[]) => items.map((item) => ('key' in item ? item.key.id : item.id));

/** A hot store whose steps go through `passing`. Closing it leaves the store open: others may share it. */
export function steppedHot(store: HotStore, passing: Passing): HotStore {
  const step =
    (method: HotMethod) =>
    async (...args: [schema: never, items: readonly (Key | HotEntry)[], ...rest: never[]]): Promise<unknown> => {
      const ids = idsOf(args[1]);
      const call = async () => {
        await passing.at(`before ${method}`, ids);
        const answer = await (store[method] as Call).apply(store, args as never);
        await passing.at(`after ${method}`, ids);
        return answer;
      };
      const answered = call();
      if (method === 'begin' || method === 'commit' || method === 'fill')
        passing.told?.(method, ids, answered as Promise<readonly HotFault[]>);
      return answered;
    };
  return replaced(store, {
    read: step('read'),
    begin: step('begin'),
    renew: step('renew'),
    commit: step('commit'),
    abandon: step('abandon'),
    fill: step('fill'),
    drop: step('drop'),
    close: async () => {},
  });
}

/** A durable store whose reads and writes go through `passing`. */
export function steppedDriver(driver: FallbackDriver, passing: Passing): FallbackDriver {
  return replaced(driver, {
    open(...args: Parameters<FallbackDriver['open']>) {
      passing.opened?.(args[0]);
      return driver.open(...args);
    },
    async read(...args: Parameters<FallbackDriver['read']>) {
      const ids = idsOf(args[1]);
      await passing.at('before durable read', ids);
      const entries = await driver.read(...args);
      await passing.at('after durable read', ids);
      return entries;
    },
    async write(changes: readonly KeyedChange[]) {
      const ids = changes.map(({ key }) => key.id);
      await passing.at('before durable write', ids);
      const result = await driver.write(changes);
      passing.landed?.(changes, result);
      await passing.at('after durable write', ids);
      return result;
    },
  });
}
