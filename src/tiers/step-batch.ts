import { getOrMake } from '../core/get-or-make.js';
import type { CommitMode, HotDelta, HotEntry, HotFault, HotStore } from '../core/hot-store.js';
import type { Key, Schema } from '../core/schema.js';
import { tickBatch } from '../policies/tick-batch.js';

/** One write's part in a step that several make together. */
interface Part<Item> {
  readonly items: readonly Item[];
  resolve(faults: readonly HotFault[]): void;
  reject(error: unknown): void;
}

interface BeginPart extends Part<Key> {
  readonly schema: Schema;
  readonly members: MembersOfKeys;
  token: string;
}

interface CommitPart extends Part<HotEntry | HotDelta> {
  readonly schema: Schema;
  readonly token: string;
  readonly mode: CommitMode;
}

/** For each key the members that are written; `undefined` for all, of one key or of every. */
type MembersOfKeys = readonly (readonly string[] | undefined)[] | undefined;

/** What the lock of one write is held by, and for each key why it is not. */
export interface Begun {
  readonly token: string;
  readonly faults: readonly HotFault[];
}

export interface StepBatchOptions {
  readonly hot: HotStore;
  readonly lockTime: number;
  readonly servedFor: number;
  /** A token that nobody has had. */
  readonly token: () => string;
}

// One script takes so many keys.
const MOST_KEYS = 500;

/**
 * The steps of the writes of one turn of the event loop, as few as can be: writes whose keys are different ones share a token
 * and a begin, and a commit where they come to it in the same turn. For each key the token is still one writer's alone.
 */
export class StepBatch {
  readonly #options: StepBatchOptions;
  readonly #addBegin: (part: BeginPart) => void;
  readonly #addCommit: (part: CommitPart) => void;

  constructor(options: StepBatchOptions) {
    this.#options = options;
    const span = options.hot.inProcess ? 'tick' : 'turn';
    this.#addBegin = tickBatch((parts) => this.#begin(parts), Number.POSITIVE_INFINITY, span);
    this.#addCommit = tickBatch((parts) => this.#commit(parts), Number.POSITIVE_INFINITY, span);
  }

  /** Locks the keys. */
  begin(schema: Schema, keys: readonly Key[], members?: MembersOfKeys): Promise<Begun> {
    return new Promise((resolve, reject) => {
      const part: BeginPart = {
        schema,
        items: keys,
        members,
        token: '',
        resolve: (faults) => resolve({ token: part.token, faults }),
        reject,
      };
      this.#addBegin(part);
    });
  }

  commit(
    schema: Schema,
    entries: readonly (HotEntry | HotDelta)[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]> {
    return new Promise((resolve, reject) => this.#addCommit({ schema, items: entries, token, mode, resolve, reject }));
  }

  #begin(parts: readonly BeginPart[]): void {
    const bySchema = new Map<Schema, BeginPart[]>();
    for (const part of parts) getOrMake(bySchema, part.schema, () => []).push(part);
    const { hot, lockTime, servedFor } = this.#options;
    for (const [schema, all] of bySchema)
      for (const group of apart(all)) {
        const token = this.#options.token();
        for (const part of group) part.token = token;
        const members = membersOfAll(group);
        void together(group, (keys) => hot.begin(schema, keys, token, lockTime, servedFor, members));
      }
  }

  #commit(parts: readonly CommitPart[]): void {
    const groups = new Map<string, CommitPart[]>();
    for (const part of parts) getOrMake(groups, `${part.token} ${part.mode} ${part.schema.name}`, () => []).push(part);
    for (const group of groups.values()) {
      const { schema, token, mode } = group[0]!;
      void together(group, (entries) => this.#options.hot.commit(schema, entries, token, mode));
    }
  }
}

const membersOfAll = (parts: readonly BeginPart[]): MembersOfKeys =>
  parts.some(({ members }) => members)
    ? parts.flatMap(({ items, members }) => members ?? items.map(() => undefined))
    : undefined;

/** Groups in which no key is there twice. */
function apart(parts: readonly BeginPart[]): BeginPart[][] {
  const groups: { readonly ids: Set<string>; readonly parts: BeginPart[] }[] = [];
  for (const part of parts) {
    const fits = ({ ids }: { ids: Set<string> }) =>
      ids.size + part.items.length <= MOST_KEYS && part.items.every(({ id }) => !ids.has(id));
    let group = groups.find(fits);
    if (!group) {
      group = { ids: new Set(), parts: [] };
      groups.push(group);
    }
    group.parts.push(part);
    for (const { id } of part.items) group.ids.add(id);
  }
  return groups.map((group) => group.parts);
}

/** Makes one step for all parts, and tells each what became of its own. */
async function together<Item>(
  parts: readonly Part<Item>[],
  step: (items: readonly Item[]) => Promise<readonly HotFault[]>,
): Promise<void> {
  let faults: readonly HotFault[];
  try {
    faults = await step(parts.length === 1 ? parts[0]!.items : parts.flatMap(({ items }) => items));
  } catch (error) {
    for (const { reject } of parts) reject(error);
    return;
  }
  let from = 0;
  for (const { items, resolve } of parts) {
    resolve(faults.slice(from, from + items.length));
    from += items.length;
  }
}
