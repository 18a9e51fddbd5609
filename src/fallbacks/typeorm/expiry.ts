import type { Clock } from '../../core/clock.js';
import type { Schema } from '../../core/schema.js';
import type { SqlStore } from './sql-store.js';

const INTERVAL = 1_000;
const BATCH = 500;

/** Removes what has expired, a little at a time, in the wake of writes: no timer keeps the process alive for it. */
export class Expiry {
  readonly #store: SqlStore;
  readonly #clock: Clock;
  readonly #next = new Map<Schema, number>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(store: SqlStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Called after a write; at most once a second it removes some of what has expired. */
  written(schema: Schema): void {
    if (schema.mappedByTypeorm) return;
    const now = this.#clock.now();
    if (now < (this.#next.get(schema) ?? 0)) return;
    this.#next.set(schema, now + INTERVAL);
    const run: Promise<unknown> = this.#store
      .sweep(schema, BATCH)
      .then(
        (removed) => {
          // There is more: the next write goes on with it.
          if (removed === BATCH) this.#next.delete(schema);
        },
        // Whatever is wrong, the next write meets it too, and says so.
        () => {},
      )
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
