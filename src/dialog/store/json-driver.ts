import {
  type Clock,
  CorruptEntryError,
  type DriverOptions,
  type FallbackDriver,
  type KeyedChange,
  StoreFault,
  type WriteResult,
} from '../../index.js';
import { userKey } from '../user-key.js';
import { FileLock } from './file-lock.js';
import { documentOf, entryOf, type FileContext, type FileEntry, usersOf } from './json-document.js';
import { JsonFile } from './json-file.js';
import {
  type Entry,
  entryIn,
  headIn,
  headRow,
  type Kept,
  type Key,
  keptOf,
  keyIn,
  type Schema,
  turnsIn,
  turnsValue,
} from './json-rows.js';

/** The names of the entities that are in a file of contexts itself. */
export interface JsonDriverParts {
  readonly path: string;
  readonly heads: string;
  readonly turns: string;
}

/** What is in both files. */
interface Files {
  readonly contexts: Map<string, unknown>;
  readonly others: Map<string, unknown>;
}

/** One entity of one key, while a write goes on. */
interface Changing {
  readonly schema: Schema;
  readonly key: Key;
  entry: Entry | null;
}

/**
 * One JSON file of contexts, as the Python connector writes it, for a Redis that stands in front: head and turns of a user are his context in it. What
 * else is kept lies in a file beside it. Each write is of the whole file, and one at a time.
 */
export class JsonDriver implements FallbackDriver {
  readonly name = 'json';
  readonly capabilities = { transactions: true, ttl: true, shared: true, nul: true, inProcess: true } as const;
  readonly #parts: JsonDriverParts;
  readonly #contexts: JsonFile;
  readonly #others: JsonFile;
  readonly #lock: FileLock;
  #clock: Clock | undefined;

  constructor(parts: JsonDriverParts) {
    this.#parts = parts;
    this.#contexts = new JsonFile(parts.path);
    this.#others = new JsonFile(`${parts.path}.beside`);
    this.#lock = new FileLock(`${this.#contexts.path}.lock`);
  }

  async open(_: readonly Schema[], { clock }: DriverOptions): Promise<void> {
    this.#clock = clock;
  }

  async read(schema: Schema, keys: readonly Key[], query: unknown): Promise<readonly (Entry | null)[]> {
    const files = await this.#files();
    return keys.map((key) => {
      const entry = this.#entry(files, schema, key);
      return entry && { ...entry, value: schema.kind.select(schema, entry.value, query) };
    });
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.#guarded('unknown', () =>
      this.#lock.hold(async (stillHeld) => {
        const files = await this.#files();
        const all = new Map<string, Changing>();
        const outcomes: Extract<WriteResult, { done: true }>['outcomes'][number][] = [];
        for (const [index, { schema, key, change }] of changes.entries()) {
          const name = nameOf(schema, key);
          const one = all.get(name) ?? { schema, key, entry: this.#entry(files, schema, key) };
          all.set(name, one);
          const outcome = schema.kind.apply(schema, one.entry, change);
          if (outcome.status !== 'done') return { done: false, index, outcome };
          one.entry = outcome.entry;
          outcomes.push(outcome);
        }
        this.#put(files, [...all.values()]);
        if (!(await stillHeld()))
          throw new StoreFault(
            `${this.#contexts.path}: others took its lock; this process stood still for too long`,
            'none',
          );
        await this.#contexts.write(this.#living(files.contexts));
        await this.#others.write(files.others);
        return { done: true, outcomes };
      }),
    );
  }

  async *scan(schema: Schema): AsyncIterable<{ key: Key; entry: Entry }> {
    const files = await this.#files();
    for (const key of this.#keys(files, schema)) {
      const entry = this.#entry(files, schema, key);
      if (entry) yield { key, entry };
    }
  }

  async count(schema: Schema): Promise<number> {
    const files = await this.#files();
    return this.#keys(files, schema).filter((key) => this.#entry(files, schema, key)).length;
  }

  async close(): Promise<void> {
    // Whatever is under way comes to its end first.
    await this.#lock.hold(async () => {});
  }

  #files(): Promise<Files> {
    return this.#guarded('none', async () => ({
      contexts: new Map(await this.#contexts.read()),
      others: new Map(await this.#others.read()),
    }));
  }

  #isContext({ name }: Schema): boolean {
    return name === this.#parts.heads || name === this.#parts.turns;
  }

  #keys({ contexts, others }: Files, schema: Schema): Key[] {
    if (!this.#isContext(schema)) {
      const start = nameOf(schema, { id: '' });
      return [...others]
        .filter(([name]) => name.startsWith(start))
        .map(([name, kept]) => keyIn(name.slice(start.length), kept as Kept));
    }
    return [...contexts.keys()].map((user) => ({ id: userKey(user), parts: [userKey(user)] }));
  }

  #entry(files: Files, schema: Schema, key: Key): Entry | null {
    const now = this.#clock!.now();
    if (!this.#isContext(schema)) {
      const kept = files.others.get(nameOf(schema, key)) as Kept | undefined;
      const entry = kept && entryIn(kept);
      return entry && (entry.expiresAt ?? Number.POSITIVE_INFINITY) > now ? entry : null;
    }
    const found = this.#context(files.contexts, key);
    if (!found || (found.until ?? Number.POSITIVE_INFINITY) <= now) return null;
    const isHead = schema.name === this.#parts.heads;
    if (!isHead && found.items.length === 0) return null;
    const value = isHead ? headRow(schema, found.head) : turnsValue(schema, found);
    return found.until === undefined ? { value } : { value, expiresAt: found.until };
  }

  #context(contexts: ReadonlyMap<string, unknown>, key: Key): FileEntry | undefined {
    const [user] = usersOf(contexts, key.parts[0] as string);
    return user === undefined ? undefined : entryOf(user, contexts.get(user) as FileContext, null);
  }

  #put(files: Files, all: readonly Changing[]): void {
    for (const { schema, key, entry } of all) {
      if (this.#isContext(schema)) continue;
      if (entry) files.others.set(nameOf(schema, key), keptOf(key, entry));
      else files.others.delete(nameOf(schema, key));
    }
    const heads = all.filter(({ schema }) => schema.name === this.#parts.heads);
    for (const { schema, key, entry } of heads) {
      const before = this.#context(files.contexts, key);
      for (const user of usersOf(files.contexts, key.parts[0] as string)) files.contexts.delete(user);
      if (!entry) continue;
      const head = headIn(schema, entry.value as unknown[]);
      const turns = all.find((one) => one.schema.name === this.#parts.turns && one.key.id === key.id);
      const items = turns
        ? turns.entry
          ? turnsIn(turns.schema, turns.entry.value, head.user)
          : []
        : (before?.items ?? []);
      files.contexts.set(head.user, documentOf({ head, items, until: entry.expiresAt }));
    }
  }

  #living(contexts: ReadonlyMap<string, unknown>): Map<string, unknown> {
    const now = this.#clock!.now();
    return new Map(
      [...contexts].filter(
        ([, one]) => ((one as FileContext | null)?.holdfast?.until ?? Number.POSITIVE_INFINITY) > now,
      ),
    );
  }

  async #guarded<T>(outcome: 'none' | 'unknown', use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (cause) {
      if (cause instanceof StoreFault || cause instanceof CorruptEntryError) throw cause;
      throw new StoreFault(cause instanceof Error ? cause.message : String(cause), outcome, { cause });
    }
  }
}

const nameOf = ({ name }: Pick<Schema, 'name'>, { id }: Pick<Key, 'id'>): string => `${name} ${id}`;
