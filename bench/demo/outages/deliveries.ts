import type { HotStore } from 'holdfast';
import { instead } from '../../support/instead.js';
import { now } from './now.js';

type Key = Parameters<HotStore['begin']>[1][number];
type Faults = Awaited<ReturnType<HotStore['begin']>>;

/** Sees at the hot tier which writes it was told of, and which not. One write of a key at a time. */
export class Deliveries {
  readonly #begun = new Map<string, number>();
  readonly #committed = new Map<string, number>();

  /** The same store, seen. */
  hot(store: HotStore): HotStore {
    const seen = (keys: readonly Key[], faults: Faults, into: Map<string, number>) => {
      const time = now();
      for (const [index, key] of keys.entries()) if (!faults[index]) into.set(key.id, time);
      return faults;
    };
    return instead(store, {
      begin: async (schema, keys, ...rest) => seen(keys, await store.begin(schema, keys, ...rest), this.#begun),
      commit: async (schema, entries, ...rest) =>
        seen(
          entries.map(({ key }) => key),
          await store.commit(schema, entries, ...rest),
          this.#committed,
        ),
    });
  }

  /** Whether the write of that key that was begun at `time` has been locked and committed in the hot tier. */
  told(id: string, time: number): boolean {
    const since = (map: Map<string, number>) => (map.get(id) ?? Number.NEGATIVE_INFINITY) >= time;
    return since(this.#begun) && since(this.#committed);
  }
}
