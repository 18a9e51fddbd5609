import type { FallbackDriver, HotStore } from 'holdfast';
import { instead } from '../support/instead.js';

/** How many keys each tier has answered. */
export interface TierCounts {
  readonly hot: number;
  readonly durable: number;
}

/** Counts what the tiers answer of some entities, at the tiers themselves. */
export class TierCounter {
  readonly #entities: readonly string[];
  #hot = 0;
  #durable = 0;

  constructor(...entities: readonly string[]) {
    this.#entities = entities;
  }

  get counts(): TierCounts {
    return { hot: this.#hot, durable: this.#durable };
  }

  /** The same store; a key that it says to be there, or not to exist, is answered by it. */
  hot(store: HotStore): HotStore {
    return instead(store, {
      read: async (schema, ...args) => {
        const replies = await store.read(schema, ...args);
        if (this.#entities.includes(schema.name))
          for (const { state } of replies) if (state === 'value' || state === 'absent') this.#hot++;
        return replies;
      },
    });
  }

  /** The same driver; each key that it reads is answered by it. */
  durable(driver: FallbackDriver): FallbackDriver {
    const counter = this;
    return instead(driver, {
      read: async (schema, keys, query) => {
        const entries = await driver.read(schema, keys, query);
        // A collection that is warmed is read page by page, for nobody in particular.
        const warming = (query as { readonly type?: string } | undefined)?.type === 'scan';
        if (counter.#entities.includes(schema.name) && !warming) counter.#durable += entries.length;
        return entries;
      },
      scan: async function* (schema) {
        for await (const scanned of driver.scan(schema)) {
          if (counter.#entities.includes(schema.name)) counter.#durable++;
          yield scanned;
        }
      },
    });
  }
}
