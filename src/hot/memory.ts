import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../core/clock.js';
import { type Delta, type Member, valueOfMembers } from '../core/collection.js';
import type { CommitMode, HotDelta, HotEntry, HotFault, HotPeek, HotReply, HotStore } from '../core/hot-store.js';
import type { Query, Value } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { Key, Schema } from '../core/schema.js';
import { tokensByKey } from '../core/tokens-by-key.js';

/** What an in-process hot store is made of. */
export interface MemoryHotOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Most entries, locks not counted; 100,000 by default. Beyond that the oldest go. */
  readonly max?: number;
  /** The epoch, which makes everything of another one cold; for tests. */
  readonly tag?: () => string;
  /** How long a reader may take to fill a cold entry before another may, in milliseconds; 3,000 by default. */
  readonly fillTime?: number;
}

/** A valid value, or `null` for "known not to exist". */
interface Valid {
  readonly tag: string;
  readonly fingerprint: string;
  readonly value: Value | null;
  readonly until: number;
}

/** One reader's right to fill. */
interface Filling {
  readonly tag: string;
  readonly fingerprint: string;
  readonly filler: string;
  readonly until: number;
  /** Parts of a large collection, put aside until the last has come; `undefined` before the first. */
  readonly staged?: readonly (readonly Member[])[];
}

/** One of the writers of an entry. */
interface Writer {
  /** Until when his write may take. */
  readonly until: number;
  /** How long what lies under his lock is served, and until when, if he does not renew it. */
  readonly servedFor: number;
  readonly servedUntil: number;
  /** The members that he writes; `undefined` for all. */
  readonly members: readonly string[] | undefined;
}

/** The writers of an entry. The value that lies under it stays among the valid ones until it is released. */
interface Lock {
  readonly tag: string;
  readonly writers: ReadonlyMap<string, Writer>;
  readonly dirty: boolean;
  /** The last of their ends. */
  readonly until: number;
}

const ABSENT = { state: 'absent' } as const;
const BUSY = { state: 'busy' } as const;
const COLD = { state: 'cold' } as const;

/** So many ids come at once. */
const LISTED = 1000;

/**
 * The hot tier in process: the same protocol, step for step, as on Redis, for one process. It starts no timers; what has
 * expired is removed when it is met, or when something newer comes.
 */
export function memoryHotStore(options: MemoryHotOptions = {}): HotStore {
  return new MemoryHotStore(options);
}

class MemoryHotStore implements HotStore {
  readonly name = 'memory';
  readonly inProcess = true;
  readonly scope = `memory:${randomUUID()}`;
  readonly #clock: Clock;
  readonly #max: number;
  readonly #tag: () => string;
  readonly #fillTime: number;
  /** Oldest first. */
  readonly #valid = new Map<string, Valid>();
  /** Oldest first. An entry that is held has no valid value but the one under a lock. */
  readonly #held = new Map<string, Filling | Lock>();

  constructor({ clock = systemClock, max = 100_000, tag = () => '', fillTime = 3000 }: MemoryHotOptions) {
    this.#clock = clock;
    this.#max = max;
    this.#tag = tag;
    this.#fillTime = fillTime;
  }

  async open(): Promise<void> {}

  async read(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    token: string,
  ): Promise<readonly HotReply[]> {
    return keys.map((key, index) => this.#readOne(schema, nameOf(schema, key), queries?.[index], token));
  }

  async begin(
    schema: Schema,
    keys: readonly Key[],
    token: string,
    lockTime: number,
    servedFor = lockTime,
    members?: readonly (readonly string[] | undefined)[],
  ): Promise<readonly HotFault[]> {
    return each(keys, (key, index) => {
      const name = nameOf(schema, key);
      const now = this.#clock.now();
      const lock = this.#lock(name);
      if (!lock && !this.#validOf(schema, name)) this.#valid.delete(name);
      const before = lock?.writers.get(token);
      const writer = {
        until: Math.max(now + lockTime, before?.until ?? 0),
        servedFor,
        servedUntil: now + servedFor,
        members: before ? before.members : members?.[index],
      };
      this.#hold(name, {
        tag: this.#tag(),
        dirty: lock !== undefined && (lock.dirty || (!before && meetsAny(writer, lock.writers.values()))),
        ...lasting(new Map(lock?.writers).set(token, writer)),
      });
    });
  }

  async renew(
    schema: Schema,
    keys: readonly Key[],
    tokens: string | readonly string[],
    lockTime: number,
  ): Promise<readonly HotFault[]> {
    for (const { key, tokens: own } of tokensByKey(keys, tokens)) {
      const name = nameOf(schema, key);
      const lock = this.#lock(name);
      const held = lock ? own.filter((token) => lock.writers.has(token)) : [];
      if (!lock || held.length === 0) continue;
      const now = this.#clock.now();
      const writers = new Map(lock.writers);
      for (const token of held) {
        const before = writers.get(token)!;
        const until = Math.max(before.until, now + lockTime);
        writers.set(token, { ...before, until, servedUntil: now + before.servedFor });
      }
      this.#hold(name, { ...lock, ...lasting(writers) });
    }
    return keys.map(() => undefined);
  }

  async commit(
    schema: Schema,
    entries: readonly (HotEntry | HotDelta)[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]> {
    return each(entries, (entry) => {
      const name = nameOf(schema, entry.key);
      const lock = this.#lock(name);
      const isDelta = 'deltas' in entry;
      const mine = lock && !lock.dirty && lock.writers.has(token);
      // Others write members of what would be replaced.
      const shared = mine && !isDelta && lock.writers.size > 1;
      const valid = this.#validOf(schema, name);
      const there = valid && valid.value !== null;
      const needed = isDelta || mode === 'ifPresent';
      if (!mine || shared || mode === 'drop' || (needed && !there)) this.#leave(name, lock, token);
      else if (!isDelta) this.#put(schema, name, entry);
      else this.#merge(schema, name, { lock, token, valid: valid!, deltas: entry.deltas });
    });
  }

  /** The value takes the deltas on, also where others go on writing other members. */
  #merge(
    schema: Schema,
    name: string,
    { lock, token, valid, deltas }: { lock: Lock; token: string; valid: Valid; deltas: readonly Delta[] },
  ): void {
    const value = deltas.reduce<Value>((merged, delta) => schema.kind.merge!(merged, delta), valid.value!);
    this.#valid.set(name, { ...valid, value });
    const writers = new Map(lock.writers);
    writers.delete(token);
    if (writers.size === 0) this.#held.delete(name);
    else this.#held.set(name, { ...lock, ...lasting(writers) });
  }

  async stage(schema: Schema, key: Key, members: readonly Member[], token: string): Promise<boolean> {
    const name = nameOf(schema, key);
    const filling = this.#filling(schema, name);
    if (filling?.filler !== token) return false;
    const staged = [...(filling.staged ?? []), members];
    this.#hold(name, { ...filling, staged, until: this.#clock.now() + this.#fillTime });
    return true;
  }

  async abandon(
    schema: Schema,
    keys: readonly Key[],
    tokens: string | readonly string[],
  ): Promise<readonly HotFault[]> {
    return each(keys, (key, index) => {
      const name = nameOf(schema, key);
      this.#leave(name, this.#lock(name), typeof tokens === 'string' ? tokens : tokens[index]!);
    });
  }

  async fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]> {
    return each(entries, (entry) => {
      const name = nameOf(schema, entry.key);
      const filling = this.#filling(schema, name);
      if (filling?.filler !== token) return;
      if (!entry.staged) this.#put(schema, name, entry);
      else if (!filling.staged) this.#forget(name);
      else this.#put(schema, name, { ...entry, value: valueOfMembers(stagedAs(schema, filling.staged.flat())) });
    });
  }

  async drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]> {
    return each(keys, (key) => {
      const name = nameOf(schema, key);
      const lock = this.#lock(name);
      if (lock) this.#held.set(name, { ...lock, dirty: true });
      else this.#forget(name);
    });
  }

  async peek(schema: Schema, keys: readonly Key[]): Promise<readonly HotPeek[]> {
    return keys.map((key) => {
      const name = nameOf(schema, key);
      if (this.#lock(name)) return BUSY;
      return this.#served(schema, name, undefined) ?? (this.#filling(schema, name) ? BUSY : COLD);
    });
  }

  async *ids(schema: Schema): AsyncIterable<readonly string[]> {
    const prefix = namePrefix(schema);
    const now = this.#clock.now();
    let ids: string[] = [];
    for (const entries of [this.#valid, this.#held])
      for (const [name, { until }] of entries) {
        if (until <= now || !name.startsWith(prefix)) continue;
        if (ids.push(name.slice(prefix.length, -1)) < LISTED) continue;
        yield ids;
        ids = [];
      }
    if (ids.length > 0) yield ids;
  }

  place(): string {
    return '';
  }

  async places(): Promise<ReadonlyMap<string, HotFault>> {
    return new Map([['', undefined]]);
  }

  async close(): Promise<void> {
    this.#valid.clear();
    this.#held.clear();
  }

  #readOne(schema: Schema, name: string, query: Query, token: string): HotReply {
    const served = this.#served(schema, name, query);
    if (served) return served;
    const filling = this.#filling(schema, name);
    if (filling && filling.filler !== token) return BUSY;
    if (!filling) {
      this.#forget(name);
      this.#hold(name, {
        tag: this.#tag(),
        fingerprint: schema.fingerprint,
        filler: token,
        until: this.#clock.now() + this.#fillTime,
      });
    }
    return { state: 'fill', token };
  }

  /** What a read gets without a right to fill, or `undefined` where there is neither a lock nor a value. */
  #served(schema: Schema, name: string, query: Query): (HotReply & HotPeek) | undefined {
    const lock = this.#lock(name);
    const hidden = lock && (lock.dirty || servedUntil(lock) < this.#clock.now());
    const valid = hidden ? undefined : this.#validOf(schema, name);
    if (!valid) return lock && BUSY;
    if (valid.value === null) return ABSENT;
    return { state: 'value', value: schema.kind.select(schema, valid.value, query) };
  }

  #put(schema: Schema, name: string, { value, ttl }: HotEntry): void {
    this.#forget(name);
    const until = ttl === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + ttl;
    this.#valid.set(name, { tag: this.#tag(), fingerprint: schema.fingerprint, value, until });
    if (this.#valid.size > this.#max) this.#valid.delete(this.#valid.keys().next().value!);
  }

  /** Takes the token out of a lock that others are in, and marks it; where nobody is left, drops the entry. */
  #leave(name: string, lock: Lock | undefined, token: string): void {
    const writers = new Map(lock?.writers);
    writers.delete(token);
    if (lock && writers.size > 0) this.#held.set(name, { ...lock, ...lasting(writers), dirty: true });
    else this.#forget(name);
  }

  /** The lock on an entry, with the writers whose time is not over. What a lock of before protected is gone with it. */
  #lock(name: string): Lock | undefined {
    const held = this.#held.get(name);
    if (!held) return undefined;
    const now = this.#clock.now();
    if (held.until <= now || held.tag !== this.#tag()) {
      this.#forget(name);
      return undefined;
    }
    if (!('writers' in held)) return undefined;
    const writers = new Map([...held.writers].filter(([, { until }]) => until > now));
    // Who did not end his write may have made it: what lies under the lock may lack it.
    return writers.size === held.writers.size ? held : { ...held, writers, dirty: true };
  }

  #filling(schema: Schema, name: string): Filling | undefined {
    this.#lock(name);
    const held = this.#held.get(name);
    return held && 'filler' in held && held.fingerprint === schema.fingerprint ? held : undefined;
  }

  #validOf(schema: Schema, name: string): Valid | undefined {
    const valid = this.#valid.get(name);
    if (!valid || valid.tag !== this.#tag() || valid.fingerprint !== schema.fingerprint) return undefined;
    return valid.until > this.#clock.now() ? valid : undefined;
  }

  #hold(name: string, held: Filling | Lock): void {
    this.#held.delete(name);
    this.#held.set(name, held);
    const now = this.#clock.now();
    for (const [oldest, { until }] of this.#held) {
      if (until > now) break;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    this.#valid.delete(name);
    this.#held.delete(name);
  }
}

const namePrefix = (schema: Schema): string => `${schema.name}:{`;

const nameOf = (schema: Schema, key: Key): string => `${namePrefix(schema)}${key.id}}`;

function lasting(writers: ReadonlyMap<string, Writer>): Pick<Lock, 'writers' | 'until'> {
  let last = 0;
  for (const { until } of writers.values()) last = Math.max(last, until);
  return { writers, until: last };
}

/** Until all of its writers have shown that they live. */
function servedUntil({ writers }: Lock): number {
  let first = Number.POSITIVE_INFINITY;
  for (const writer of writers.values()) first = Math.min(first, writer.servedUntil);
  return first;
}

/** Whether a writer writes a member that one of the others writes. */
function meetsAny({ members }: Writer, others: Iterable<Writer>): boolean {
  if (members === undefined) return true;
  const mine = new Set(members);
  for (const { members: theirs } of others)
    if (theirs === undefined || theirs.some((member) => mine.has(member))) return true;
  return false;
}

/** A collection that came in pieces, of whose members one may have come twice. */
function stagedAs({ kind: { structure } }: Schema, members: readonly Member[]): Members {
  if (structure === 'list') return Members.listOf(members.map(({ text }) => text));
  return Members.of(structure!, [...new Map(members.map((member) => [member.text, member])).values()]);
}

function each<T>(items: readonly T[], step: (item: T, index: number) => void): readonly HotFault[] {
  items.forEach(step);
  return new Array<HotFault>(items.length).fill(undefined);
}
