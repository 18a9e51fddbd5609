import type { Clock } from '../core/clock.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotFault, HotStore } from '../core/hot-store.js';
import type { Logger } from '../core/logger.js';
import type { Key, Schema } from '../core/schema.js';

/** One key that waits, and the locks on it that may still be this process's. */
interface Waiting {
  readonly key: Key;
  readonly tokens: ReadonlySet<string>;
}

const CHUNK = 1000;

/**
 * Keys that were written while the hot tier could not be told: they are not served hot until it has dropped them. They are
 * tried again each repair interval.
 */
export class Undelivered {
  readonly #waiting = new Map<Schema, Map<string, Waiting>>();
  readonly #options: {
    readonly hot: HotStore;
    readonly clock: Clock;
    readonly interval: number;
    readonly logger: Logger;
  };
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: { hot: HotStore; clock: Clock; interval: number; logger: Logger }) {
    this.#options = options;
  }

  /** True where any key of the entity waits: the cheap question before {@link has}. */
  any(schema: Schema): boolean {
    return this.#waiting.has(schema);
  }

  has(schema: Schema, key: Key): boolean {
    return this.#waiting.get(schema)?.has(key.id) ?? false;
  }

  /** `token` where a lock of that name may be on the key. */
  add(schema: Schema, key: Key, token?: string): void {
    const keys = getOrMake(this.#waiting, schema, () => new Map<string, Waiting>());
    const tokens = new Set(keys.get(key.id)?.tokens);
    if (token !== undefined) tokens.add(token);
    // A new object each time: a drop that is under way may be older than this write, and does not count for it.
    keys.set(key.id, { key, tokens });
    this.#schedule();
  }

  /** Drops what waits, as far as the hot tier can be reached. */
  async drain(): Promise<void> {
    for (const [schema, keys] of [...this.#waiting]) {
      const before = keys.size;
      const all = [...keys.values()];
      for (let at = 0; at < all.length; at += CHUNK) {
        const chunk = all.slice(at, at + CHUNK);
        const faults = await this.#drop(schema, chunk);
        chunk.forEach((one, index) => {
          if (!faults[index] && keys.get(one.key.id) === one) keys.delete(one.key.id);
        });
        if (faults.every((fault) => fault)) break;
      }
      if (keys.size > 0 || this.#waiting.get(schema) !== keys) continue;
      this.#waiting.delete(schema);
      const { hot, logger } = this.#options;
      logger.info(
        `holdfast: ${schema.name}: ${before} keys written while ${hot.name} was away are dropped from it; it is trusted with them again.`,
      );
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  /** A key that may be locked is released by its tokens; any other is dropped. */
  async #drop(schema: Schema, chunk: readonly Waiting[]): Promise<HotFault[]> {
    const { hot } = this.#options;
    const faults = [
      ...(await hot.drop(
        schema,
        chunk.map(({ key }) => key),
      )),
    ];
    await Promise.all(
      chunk.map(async ({ key, tokens }, index) => {
        for (const token of tokens) {
          if (faults[index]) return;
          [faults[index]] = await hot.abandon(schema, [key], token);
        }
      }),
    );
    return faults;
  }

  #schedule(): void {
    if (this.#cancel || this.#closed) return;
    this.#cancel = this.#options.clock.after(this.#options.interval, () => {
      const again = () => {
        this.#cancel = undefined;
        if (this.#waiting.size > 0) this.#schedule();
      };
      this.drain().then(again, again);
    });
  }
}
