import type { FallbackDriver, HotStore } from 'holdfast';

/** How many keys each tier has answered. */
export interface TierCounts {
  readonly hot: number;
  readonly durable: number;
}

/** Counts what the tiers answer, at the tiers themselves. */
export class TierCounter {
  #hot = 0;
  #durable = 0;

  get counts(): TierCounts {
    return { hot: this.#hot, durable: this.#durable };
  }

  /** The same store; a key that it says to be there, or not to exist, is answered by it. */
  hot(store: HotStore): HotStore {
    return instead(store, {
      read: async (...args) => {
        const replies = await store.read(...args);
        for (const { state } of replies) if (state === 'value' || state === 'absent') this.#hot++;
        return replies;
      },
    });
  }

  /** The same driver; each key that it reads is answered by it. */
  durable(driver: FallbackDriver): FallbackDriver {
    const counter = this;
    return instead(driver, {
      read: async (...args) => {
        const entries = await driver.read(...args);
        counter.#durable += entries.length;
        return entries;
      },
      scan: async function* (schema) {
        for await (const scanned of driver.scan(schema)) {
          counter.#durable++;
          yield scanned;
        }
      },
    });
  }
}

/** `target` with some methods replaced. */
function instead<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(methods, name)) return methods[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
