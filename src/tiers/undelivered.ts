import type { Clock } from '../core/clock.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotStore } from '../core/hot-store.js';
import type { Logger } from '../core/logger.js';
import type { Key, Schema } from '../core/schema.js';

/**
 * Keys that were written while the hot tier could not be told: they are not served hot until it has dropped them. They are
 * tried again each repair interval.
 */
export class Undelivered {
  readonly #keys = new Map<Schema, Map<string, Key>>();
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

  /** How many keys wait. */
  get size(): number {
    let size = 0;
    for (const keys of this.#keys.values()) size += keys.size;
    return size;
  }

  has(schema: Schema, key: Key): boolean {
    return this.#keys.get(schema)?.has(key.id) ?? false;
  }

  /** True where any key of the entity waits: the cheap question before {@link has}. */
  any(schema: Schema): boolean {
    return this.#keys.has(schema);
  }

  add(schema: Schema, keys: readonly Key[]): void {
    if (keys.length === 0) return;
    const waiting = getOrMake(this.#keys, schema, () => new Map<string, Key>());
    for (const key of keys) {
      // A drop under way may be older than this write: another object under the id makes it not count.
      waiting.set(key.id, { ...key });
    }
    this.#schedule();
  }

  /** Drops what waits, as far as the hot tier can be reached. */
  async drain(): Promise<void> {
    const { hot, logger } = this.#options;
    for (const [schema, waiting] of [...this.#keys]) {
      const keys = [...waiting.values()];
      for (let at = 0; at < keys.length; at += 1000) {
        const chunk = keys.slice(at, at + 1000);
        const faults = await hot.drop(schema, chunk);
        chunk.forEach((key, index) => {
          if (!faults[index] && waiting.get(key.id) === key) waiting.delete(key.id);
        });
        if (faults.every((fault) => fault)) break;
      }
      if (waiting.size === 0) {
        this.#keys.delete(schema);
        logger.info(
          `holdfast: ${schema.name}: ${keys.length} keys written while ${hot.name} was away are dropped from it; it is trusted with them again.`,
        );
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (this.#cancel || this.#closed) return;
    this.#cancel = this.#options.clock.after(this.#options.interval, () => {
      this.drain().then(
        () => this.#again(),
        () => this.#again(),
      );
    });
  }

  #again(): void {
    this.#cancel = undefined;
    if (this.#keys.size > 0) this.#schedule();
  }
}
