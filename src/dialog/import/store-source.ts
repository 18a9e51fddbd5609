import type { ContextStore } from '../store/context-store.js';
import type { ContextSource } from './source.js';

/** A store as a source: each context with all of its turns. Not every store has an order, so all come each time. */
export const storeSource = (store: ContextStore, name: string, own: boolean): ContextSource => ({
  name,
  count: () => store.size(),
  async *entries() {
    for await (const id of store.ids())
      yield { id, context: () => store.get(id, { window: Number.POSITIVE_INFINITY }) };
  },
  close: async () => {
    if (own) await store.close();
  },
});
