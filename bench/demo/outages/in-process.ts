import type { HotStore } from 'holdfast';
import { memoryHotStore } from 'holdfast/testing';
import { MOST } from '../stores.js';
import type { Breakable } from './breakable.js';
import { Cut } from './cut.js';

type Schema = Parameters<HotStore['peek']>[0];

const TTL = 3_600_000;

/** What makes a store under the epoch `tag`; for tests. */
export type MakeStore = (tag: () => string) => HotStore;

const memory: MakeStore = (tag) => memoryHotStore({ max: MOST, tag });

/** The hot tier in process, which all holdfasts of the act share, each through a fault-injecting store of its own. */
export function inProcess(make: MakeStore = memory): Breakable {
  let epoch = 0;
  const fresh = () => make(() => String(epoch));
  let store = fresh();
  let remembered = fresh();
  let schemas: readonly Schema[] = [];
  const cut = new Cut();
  const first = store;
  const shared = new Proxy(first, {
    get(_, name) {
      if (name === 'scope') return first.scope;
      // It outlives each of the holdfasts.
      if (name === 'close') return async () => {};
      if (name === 'open')
        return (given: readonly Schema[]) => {
          schemas = given;
          return store.open(given);
        };
      const value: unknown = Reflect.get(first, name);
      // Whichever store is there when the call arrives.
      return typeof value === 'function'
        ? (...args: unknown[]) => (Reflect.get(store, name) as typeof value).apply(store, args)
        : value;
    },
  });
  return {
    told: 'The hot tier in process is broken by the fault-injecting store of holdfast/testing; --redis own kills a real Redis.',
    url: undefined,
    connect: async () => cut.through(shared),
    async remember() {
      remembered = fresh();
      for (const schema of schemas) await copy(schema, store, remembered);
    },
    hang: cut.hang,
    goOn: cut.mend,
    kill: cut.kill,
    // A Redis that restarts with an old file has all its old entries, under an epoch (`master_replid`) that is new. The same
    // here: the entries of before are put back as they were, and the epoch changes.
    async comeBack(data) {
      store = data === 'old' ? remembered : fresh();
      epoch++;
      cut.mend();
      return data === 'old' ? 'old data' : 'no data';
    },
    close: () => first.close(),
  };
}

/** Puts what one store would serve into another. */
async function copy(schema: Schema, from: HotStore, to: HotStore): Promise<void> {
  const token = 'snapshot';
  for await (const ids of from.ids(schema)) {
    const keys = ids.map((id) => ({ id, parts: [] }));
    const entries = (await from.peek(schema, keys)).flatMap((peek, index) => {
      if (peek.state === 'value') return [{ key: keys[index]!, value: peek.value, ttl: TTL }];
      return peek.state === 'absent' ? [{ key: keys[index]!, value: null, ttl: TTL }] : [];
    });
    await to.begin(
      schema,
      entries.map(({ key }) => key),
      token,
      TTL,
    );
    await to.commit(schema, entries, token, 'set');
  }
}
