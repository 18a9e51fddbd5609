import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClosedError } from 'holdfast';
import { type ContextStore, type ContextStoreOptions, contextStore } from 'holdfast/dialog';

/** A place where contexts are kept, of a test's own. */
export interface StoreSubject {
  readonly name: string;
  /** Whether a store that is opened again finds what the one before left. */
  readonly lasting: boolean;
  /** Whether several stores are in one place. */
  readonly named: boolean;
  place(): Promise<StorePlace>;
}

export interface StorePlace {
  readonly url: string;
  readonly options: ContextStoreOptions;
  /** The keys that are left in Redis. */
  left?(): Promise<string[]>;
  remove(): Promise<void>;
}

/** One place and its open stores. */
export interface OpenPlace extends StorePlace {
  /** One with the usual options, and nothing in it: the one of the test before, where that was not closed. */
  empty(): Promise<ContextStore>;
  open(options?: ContextStoreOptions): Promise<ContextStore>;
}

/** Opens stores at a place of their own; `remove` closes them all. */
export async function placeFor(subject: StoreSubject): Promise<OpenPlace> {
  const place = await subject.place();
  const stores: ContextStore[] = [];
  let usual: ContextStore | undefined;
  const open = async (options: ContextStoreOptions = {}) => {
    const store = await contextStore(place.url, { logger: false, ...place.options, ...options });
    stores.push(store);
    return store;
  };
  return {
    ...place,
    open,
    async empty() {
      try {
        await usual?.clear();
      } catch (error) {
        if (!(error instanceof ClosedError)) throw error;
        usual = undefined;
      }
      usual ??= await open();
      await usual.clear();
      return usual;
    },
    async remove() {
      for (const store of stores) await store.close();
      await place.remove();
    },
  };
}

/** A place in a folder of its own. */
export async function inFolder(url: (folder: string) => string): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-dialog-'));
  return { url: url(folder), options: {}, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Stores that need no server. */
export const SERVERLESS: readonly StoreSubject[] = [
  {
    name: 'memory',
    lasting: false,
    named: false,
    place: async () => ({ url: 'memory:', options: {}, remove: async () => {} }),
  },
  {
    name: 'one JSON file',
    lasting: true,
    named: false,
    place: () => inFolder((folder) => `json:${folder}/contexts.json`),
  },
  { name: 'a directory', lasting: true, named: true, place: () => inFolder((folder) => `file:${folder}/contexts`) },
  { name: 'SQLite', lasting: true, named: true, place: () => inFolder((folder) => `sqlite:${folder}/contexts.sqlite`) },
];
