import type { Clock } from '../core/clock.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotStore } from '../core/hot-store.js';
import type { Key, Schema } from '../core/schema.js';

// So many tokens are renewed in one call.
const MOST = 2000;

/** The locks of one write. */
export interface HeldLocks {
  readonly token: string;
  readonly touched: ReadonlyMap<Schema, readonly Key[]>;
}

/** One key's lock. */
interface Held {
  readonly key: Key;
  readonly token: string;
}

export interface LockKeeperOptions {
  readonly hot: HotStore;
  readonly clock: Clock;
  /** How long a lock lasts that nobody renews, and what lies under it is served, in milliseconds. */
  readonly lockTime: number;
  readonly servedFor: number;
}

/**
 * Renews the locks of the writes of this process for as long as they are held: what lies under the lock of a process that was
 * killed is soon not served any more, what lies under the lock of a slow write is.
 */
export class LockKeeper {
  readonly #options: LockKeeperOptions;
  readonly #held = new Set<HeldLocks>();
  /** Held since before the last turn. */
  #due: readonly HeldLocks[] = [];
  #waiting = false;

  constructor(options: LockKeeperOptions) {
    this.#options = options;
  }

  hold(locks: HeldLocks): void {
    this.#held.add(locks);
    if (!this.#waiting) this.#wait();
  }

  release(locks: HeldLocks): void {
    this.#held.delete(locks);
  }

  #wait(): void {
    const { clock, servedFor } = this.#options;
    this.#waiting = true;
    // What is still held at the next turn is renewed then, and at each after it: most writes are over before. A renewal or two
    // may be lost.
    clock.after(servedFor / 5, () => {
      this.#waiting = false;
      this.#renew(this.#due.filter((locks) => this.#held.has(locks)));
      this.#due = [...this.#held];
      if (this.#held.size > 0) this.#wait();
    });
  }

  /** Where it does not arrive there is nothing to make up for: the lock may yet stand, and is renewed again. */
  #renew(due: readonly HeldLocks[]): void {
    const { hot, lockTime } = this.#options;
    const bySchema = new Map<Schema, Map<string, Held[]>>();
    for (const { token, touched } of due)
      for (const [schema, keys] of touched) {
        const byKey = getOrMake(bySchema, schema, () => new Map<string, Held[]>());
        for (const key of keys) getOrMake(byKey, key.id, () => []).push({ key, token });
      }
    for (const [schema, byKey] of bySchema) {
      // A lock that many are in is taken apart once for all of those who are renewed in one call.
      const all = [...byKey.values()].flat();
      for (let from = 0; from < all.length; from += MOST) {
        const some = all.slice(from, from + MOST);
        const keys = some.map(({ key }) => key);
        const tokens = some.map(({ token }) => token);
        void hot.renew(schema, keys, tokens, lockTime);
      }
    }
  }
}
