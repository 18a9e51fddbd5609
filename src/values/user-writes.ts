import { setTimeout as sleep } from 'node:timers/promises';
import { VersionConflictError } from '../index.js';
import { StaleError } from './compare-and-set.js';
import { type DirectoryState, UnreadError } from './directory-draft.js';
import { DirectoryGuesses } from './directory-guesses.js';
import { Draft } from './draft.js';
import { hasCode } from './error-code.js';
import type { From, Storage } from './storage.js';

/** A change of what a user has. */
export interface UserChange<T> {
  /** The keys whose rows it looks at; `'all'` that there are. */
  readonly keys: readonly string[] | 'all';
  /** Whether it is thought from what the durable store says alone. */
  readonly durable?: boolean;
  /** Whether nothing is under the keys, as far as its caller has seen. */
  readonly absent?: boolean;
  /** Thinks it through; it may run several times. What it throws is for its caller alone. */
  plan(draft: Draft): T;
}

interface Waiting {
  readonly change: UserChange<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

// As often may others have been faster: of eight processes that write without a pause, each is the fastest at one time in eight.
const MOST_TRIES = 500;
// From here on only the durable store is asked.
const DOUBTFUL = 2;
const LENIENT = 50;
const LONGEST_PAUSE = 20;
// Of so many characters together.
const MOST_GUESSED = 4_000_000;

/** The writes that take more than one row. Those of a user go one after the other, and those that wait go together. */
export class UserWrites {
  readonly #storage: Storage;
  readonly #now: () => number;
  readonly #maxKeys: number;
  readonly #guesses = new DirectoryGuesses(MOST_GUESSED);
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(storage: Storage, options: { now: () => number; maxKeys: number }) {
    this.#storage = storage;
    this.#now = options.now;
    this.#maxKeys = options.maxKeys;
  }

  /** Whether the user has no such key, as far as shows at once by what was last written from here. */
  lacks(user: string, key: string): boolean {
    return this.#guesses.get(user)?.pages.get(0)?.lacks(key) === true;
  }

  /** Makes a change, all or nothing. */
  write<T>(user: string, change: UserChange<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const one = { change, resolve: resolve as (result: unknown) => void, reject };
      const others = this.#waiting.get(user);
      if (others) {
        others.push(one);
        return;
      }
      this.#waiting.set(user, [one]);
      const running: Promise<void> = this.#drain(user).finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #drain(user: string): Promise<void> {
    for (let group = this.#take(user); group.length > 0; group = this.#take(user)) {
      for (const one of await this.#tryTogether(user, group)) await this.#tryTogether(user, [one]);
    }
    this.#waiting.delete(user);
  }

  #take(user: string): Waiting[] {
    return this.#waiting.get(user)!.splice(0);
  }

  /** Makes the changes and settles them; what cannot be made together is given back, to be tried each alone. */
  async #tryTogether(user: string, group: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      const results = await this.#make(user, group);
      for (const [at, { resolve }] of group.entries()) resolve(results[at]);
    } catch (error) {
      if (group.length > 1) return group;
      group[0]!.reject(error instanceof PlanError ? error.cause : error);
    }
    return [];
  }

  async #make(user: string, group: readonly Waiting[]): Promise<readonly unknown[]> {
    const asked = askedOf(group);
    let read: Read = asked.all ? 'all' : asked.someAbsent ? 'some' : 'rows';
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (tries > DOUBTFUL) await sleep(Math.random() * Math.min(tries, LONGEST_PAUSE));
      try {
        return await this.#once(user, group, asked, read, tries);
      } catch (error) {
        if (error instanceof UnreadError) read = read === 'rows' ? 'some' : 'all';
        else if (!isStale(error)) throw error;
      }
    }
    throw new VersionConflictError('UserValue', { user }, MOST_TRIES);
  }

  async #once(user: string, group: readonly Waiting[], asked: Asked, read: Read, tries: number) {
    const durable = tries > DOUBTFUL || asked.durable;
    const from: From = durable ? { from: 'durable' } : {};
    const guess = tries === 0 && !durable;
    const directory =
      (guess && !asked.all && this.#guesses.get(user)) ||
      (read === 'rows' ? undefined : await this.#storage.directory(user, read === 'all' ? 'all' : asked.keys, from));
    const keys = directory && asked.all ? keysOf(directory, asked.keys) : asked.keys;
    const found = guess && asked.allAbsent ? [] : await this.#storage.rows(user, keys, from);
    const rows = new Map(found.map((row, at) => [keys[at]!, row]));
    const options = { now: this.#now(), maxKeys: this.#maxKeys, lenient: tries > LENIENT };
    const draft = new Draft({ user, directory, rows }, options);
    const results = group.map(({ change }) => planned(change, draft));
    let after: DirectoryState | undefined;
    this.#guesses.delete(user);
    await this.#storage.batch((batch) => {
      after = draft.record(batch, this.#storage.classes);
    });
    if (after) this.#guesses.set(user, after);
    return results;
  }
}

/** What is read before anything is thought: the rows; the part of the directory that lists their keys too; all of it. */
type Read = 'rows' | 'some' | 'all';

/** What changes that are made together are about. */
interface Asked {
  readonly all: boolean;
  /** Those that are named, each once. */
  readonly keys: readonly string[];
  readonly durable: boolean;
  readonly someAbsent: boolean;
  readonly allAbsent: boolean;
}

function askedOf(group: readonly Waiting[]): Asked {
  const keys = new Set<string>();
  for (const { change } of group) if (change.keys !== 'all') for (const key of change.keys) keys.add(key);
  return {
    all: group.some(({ change }) => change.keys === 'all'),
    keys: [...keys],
    durable: group.some(({ change }) => change.durable),
    someAbsent: group.some(({ change }) => change.absent),
    allAbsent: group.every(({ change }) => change.absent),
  };
}

function keysOf({ pages }: DirectoryState, named: readonly string[]): string[] {
  const keys = new Set(named);
  for (const { entries } of pages.values()) for (const key of entries.keys()) keys.add(key);
  return [...keys];
}

/** Whatever the code of a change's caller has thrown, which says nothing about the store. */
class PlanError extends Error {}

function planned({ plan }: UserChange<unknown>, draft: Draft): unknown {
  try {
    return plan(draft);
  } catch (error) {
    if (error instanceof UnreadError || error instanceof StaleError) throw error;
    throw new PlanError('', { cause: error });
  }
}

const isStale = (error: unknown): boolean =>
  error instanceof StaleError || hasCode(error, 'ENTITY_EXISTS') || hasCode(error, 'ENTITY_NOT_FOUND');
