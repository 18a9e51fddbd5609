/// <reference lib="esnext.disposable" preserve="true" />
import {
  type Clock,
  ClosedError,
  CorruptEntryError,
  type Logger,
  ValidationError,
  VersionConflictError,
} from '../../index.js';
import { forgetCleared, olderKept } from '../cleared.js';
import { Context, type ContextLike } from '../context.js';
import { type ContextId, idFrom } from '../context-id.js';
import { userKey } from '../user-key.js';
import type { Backend, Head, Stored } from './backend.js';
import { planWrite } from './plan-write.js';
import { type Baseline, contextOf, olderThan, snapshotOf } from './snapshot.js';
import { fieldsOf, mergedItems, readItem, type Turn, type TurnItem, withoutCleared } from './turn-item.js';
import { turnsBefore } from './turn-page.js';
import { type BegunTurn, TurnRunner } from './turn-runner.js';

/** What a {@link ContextStore} is made of. */
export interface ContextStoreParts {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger | false;
  readonly window: number;
  /** In milliseconds. */
  readonly ttl: number | undefined;
  /** In milliseconds. */
  readonly turnLimit: number;
  /** In milliseconds. */
  readonly turnLease: number;
}

/** What a handler is told of its turn. */
export interface TurnInfo {
  /** Higher than that of every turn of this user before: what is done elsewhere can be told from what a turn that was given up does late. */
  readonly fence: number;
  /** Aborted when the turn has taken too long: what it still does is not saved. */
  readonly signal: AbortSignal;
}

/** Answers a message: it is given the user's context, and returns what is to be stored of it. */
export type TurnHandler = (
  context: Context,
  turn: TurnInfo,
  // biome-ignore lint/suspicious/noConfusingVoidType: handlers without a return are meant
) => ContextLike | void | undefined | Promise<ContextLike | void | undefined>;

/** Which turns `turns` gives. */
export interface TurnsOptions {
  /** Only those before this one. Default: up to the last. */
  readonly before?: number;
  /** How many at most, the last of them. Default 50. */
  readonly limit?: number;
}

/** How `set` saves. */
export interface SetOptions {
  /** Replaces whatever is stored of the user, also by others. */
  readonly replace?: boolean;
}

/** Turns that were not loaded with a context, and where they are. */
interface Unloaded {
  load(): Promise<readonly TurnItem[]>;
}

const unloaded = new WeakMap<Context, Unloaded>();
const LOADED_AT_ONCE = 50;
const LOOKS = 50;

/** The dialogs of all users, each a context with its turns. */
export class ContextStore implements AsyncDisposable {
  readonly #parts: ContextStoreParts;
  readonly #backend: Backend;
  readonly #baselines = new WeakMap<Context, Baseline>();
  readonly #turns: TurnRunner;
  #closed = false;

  /** @internal */
  constructor(parts: ContextStoreParts) {
    this.#parts = parts;
    this.#backend = parts.backend;
    this.#turns = new TurnRunner(parts);
  }

  /**
   * The context of a user with its last turns, or `undefined` where there is none.
   *
   * @throws StoreUnavailableError; CorruptEntryError
   */
  async get(id: ContextId, options: { window?: number } = {}): Promise<Context | undefined> {
    this.#check();
    return this.#load(userKey(idFrom(id)), windowOf(options.window ?? this.#parts.window), 0);
  }

  /**
   * Stores a context: what changed since it was loaded or stored. One that was not loaded from here is a new one.
   *
   * @throws VersionConflictError where others stored a context of this user since: nothing was written
   * @throws ValidationError for what cannot be stored, with its path; StoreUnavailableError
   */
  async set(id: ContextId, context: ContextLike, { replace = false }: SetOptions = {}): Promise<void> {
    this.#check();
    const given = Context.cast(context);
    if (!replace) return this.#save(id, given, this.#baselines.get(given));
    for (;;) {
      const key = userKey(idFrom(id));
      const stored = await this.#backend.load(key, 1, true);
      try {
        return await this.#save(id, given, stored && { key, head: stored.head, items: [] }, undefined, true);
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error;
      }
    }
  }

  async has(id: ContextId): Promise<boolean> {
    this.#check();
    return this.#backend.exists(userKey(idFrom(id)));
  }

  /** Removes every trace of a user, in all tiers; whether there was a context. */
  async delete(id: ContextId): Promise<boolean> {
    this.#check();
    const key = userKey(idFrom(id));
    const existed = await this.#backend.exists(key);
    await this.#backend.remove([key]);
    return existed;
  }

  /** How many contexts there are. */
  async size(): Promise<number> {
    this.#check();
    return this.#backend.count();
  }

  /** Removes all contexts of this store, and nothing else. */
  async clear(): Promise<void> {
    this.#check();
    for await (const users of chunks(this.#backend.users())) await this.#backend.remove(users.map(({ key }) => key));
    for await (const keys of chunks(this.#backend.queues())) await this.#backend.remove(keys);
  }

  /** All users with their contexts, each with its last turns, in bounded memory. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[ContextId, Context]> {
    yield* this.entries();
  }

  /** As iterating over the store itself, with as many turns of each as are asked for. */
  async *entries({ window = this.#parts.window }: { window?: number } = {}): AsyncGenerator<[ContextId, Context]> {
    this.#check();
    const wanted = windowOf(window);
    for await (const users of chunks(this.#backend.users())) {
      const contexts = await Promise.all(users.map(({ key }) => this.#load(key, wanted, 0)));
      for (const [at, context] of contexts.entries()) {
        if (!context) continue;
        const { user } = users[at]!;
        yield [String(context.id) === user ? context.id : user, context];
      }
    }
  }

  /** The ids of all users, as texts. */
  async *ids(): AsyncGenerator<string> {
    this.#check();
    for await (const { user } of this.#backend.users()) yield user;
  }

  /** A page of a user's turns, oldest first: the last of them, or the last before a turn. */
  async turns(id: ContextId, options: TurnsOptions = {}): Promise<Turn[]> {
    this.#check();
    return turnsBefore(this.#backend, userKey(idFrom(id)), options);
  }

  /**
   * Loads a user's context, runs the handler, and stores what it returns (or what it was given, where it returns nothing). Turns of one user
   * are one at a time, in every process, in the order in which they arrived. A handler is called once; where it throws, nothing is stored.
   *
   * @throws TurnExpiredError where it took longer than `turnLimit`; VersionConflictError where others stored the context without a turn
   * @example
   * await db.turn('ann', async (context) => {
   *   context.addRequest('Hi');
   *   return actor(context);
   * });
   */
  async turn(id: ContextId, handler: TurnHandler): Promise<Context> {
    this.#check();
    const key = userKey(idFrom(id));
    const load = (atLeast: number) => this.#load(key, this.#parts.window, atLeast);
    return this.#turns.run(
      key,
      String(id),
      () => load(0),
      async (turn, early) => {
        const isLast = early !== undefined && this.#baselines.get(early)!.head.version >= turn.saved;
        const context = (isLast ? early : await load(turn.saved)) ?? new Context({ id });
        const baseline = this.#baselines.get(context);
        const returned = await turn.within(() => handler(context, { fence: turn.fence, signal: turn.signal }));
        const left = returned === undefined || returned === null ? context : Context.cast(returned);
        await this.#save(id, left, baseline, turn.queue);
        return left;
      },
    );
  }

  /** Lets turns that are under way come to their end, then closes what `contextStore` opened. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turns.close();
    await this.#backend.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closed) throw new ClosedError('This context store');
  }

  /** What is there, as it was at one time, and no older than a version that is known of. */
  async #load(key: string, window: number, atLeast: number): Promise<Context | undefined> {
    for (let look = 0; ; look++) {
      const stored = await this.#backend.load(key, window, look > 0);
      const old = (stored?.head.version ?? 0) < atLeast && look === 0;
      if (!stored && !old) return undefined;
      if (stored && !old && belongTogether(stored, window)) return this.#known(key, stored);
      // Somebody wrote between the two reads.
      if (look > LOOKS / 2) await new Promise<void>((resolve) => this.#parts.clock.after(look, resolve));
      if (stored && look === LOOKS)
        throw new CorruptEntryError('Context', stored.head.user, 'its head and its turns are not of one write');
    }
  }

  #known(key: string, stored: Stored): Context {
    const { context, baseline } = contextOf(key, stored);
    this.#baselines.set(context, baseline);
    const older = olderThan(baseline);
    if (older > 0) unloaded.set(context, { load: () => this.#older(key, older, baseline.head.user) });
    return context;
  }

  async #older(key: string, count: number, user: string): Promise<readonly TurnItem[]> {
    return (await this.#backend.items(key, 0, count - 1, true)).map((item) => readItem(item, user));
  }

  async #save(
    id: ContextId,
    context: Context,
    known: Baseline | undefined,
    queue?: BegunTurn['queue'],
    replace = false,
  ): Promise<void> {
    const user = String(idFrom(id));
    const key = userKey(id);
    const baseline = known?.key === key ? known : undefined;
    const snapshot = snapshotOf(context, user, baseline?.items);
    const cleared = olderKept(context);
    const now = this.#parts.clock.now();
    const { ttl } = this.#parts;
    // Turns whose time would end before the conversation's are written anew, and so are those whose time is to end no more.
    const until = baseline?.head.turnsUntil ?? null;
    const stale = baseline !== undefined && (ttl === undefined ? until !== null : (until ?? 0) - now < ttl);
    const all = replace
      ? snapshot.items
      : await this.#allTurns(context, snapshot.items, baseline, cleared, stale, user);
    const plan = planWrite({
      key,
      user,
      snapshot,
      baseline,
      all,
      turnsUntil: ttl === undefined ? null : now + 2 * ttl,
      renew: ttl !== undefined,
    });
    if (plan) {
      const { version } = plan.head;
      const head = await this.#backend.write({ ...plan, queue: queue && ((tickets) => queue(tickets, version)) });
      this.#saved(context, { key, head }, snapshot.items, all);
    }
    forgetCleared(context);
  }

  /** Notes what is stored now, and what of it the context does not hold. */
  #saved(
    context: Context,
    { key, head }: { key: string; head: Head },
    held: readonly TurnItem[],
    all: readonly TurnItem[] | undefined,
  ): void {
    let items = held;
    if (all && !endsWith(all, held)) {
      // It was given turns from among those that were not loaded: now it holds all.
      Object.assign(context, fieldsOf(all, head.user));
      items = all;
    }
    const baseline = { key, head, items };
    this.#baselines.set(context, baseline);
    const older = olderThan(baseline);
    if (older > 0) unloaded.set(context, { load: () => this.#older(key, older, head.user) });
    else unloaded.delete(context);
  }

  /** All turns, where they have to be written anew; those that were not loaded are fetched for it. */
  async #allTurns(
    context: Context,
    items: readonly TurnItem[],
    baseline: Baseline | undefined,
    cleared: ReturnType<typeof olderKept>,
    stale: boolean,
    user: string,
  ): Promise<readonly TurnItem[] | undefined> {
    if (!baseline) {
      const elsewhere = unloaded.get(context);
      if (!elsewhere) return undefined;
      const older = await elsewhere.load();
      return mergedItems(cleared ? withoutCleared(older, cleared, user) : older, items, user);
    }
    const count = olderThan(baseline);
    if (count === 0) return stale ? items : undefined;
    const first = baseline.items[0]?.turn ?? 0;
    const beyond = items.length === 0 || items[0]!.turn < first;
    if (!stale && !cleared && !beyond) return undefined;
    const older = await this.#older(baseline.key, count, user);
    return mergedItems(cleared ? withoutCleared(older, cleared, user) : older, items, user);
  }
}

/** Whether a head and turns that were read side by side are of one write. */
function belongTogether({ head, items }: Stored, window: number): boolean {
  if (items.length !== Math.min(window, head.turns)) return false;
  if (items.length === 0) return true;
  const last = readItem(items.at(-1)!, head.user);
  return last.turn === head.last && last.version === head.mark;
}

function endsWith(all: readonly TurnItem[], items: readonly TurnItem[]): boolean {
  const from = all.length - items.length;
  return items.every(({ content }, at) => all[from + at]?.content === content);
}

/** @throws ValidationError */
export function windowOf(window: number): number {
  if (window === Number.POSITIVE_INFINITY || (Number.isSafeInteger(window) && window > 0)) return window;
  throw new ValidationError(`The option window is ${window}. Give how many turns are loaded, 1 or more, or Infinity.`);
}

async function* chunks<T>(all: AsyncIterable<T>): AsyncGenerator<T[]> {
  let some: T[] = [];
  for await (const one of all) {
    if (some.push(one) < LOADED_AT_ONCE) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
