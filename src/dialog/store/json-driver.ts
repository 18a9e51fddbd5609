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

/** What a {@link JsonDriver} is made of. */
export interface JsonDriverParts {
  readonly path: string;
  /** What the names of the entities of a store begin with. */
  readonly base: string;
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
  /** Documents that were read or written, in parts: none of them is changed, and the file often is as it was. */
  readonly #seen = new WeakMap<FileContext, FileEntry>();
  readonly #values = new WeakMap<FileEntry, unknown>();
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
          const name = this.#nameOf(schema, key.id);
          const one = all.get(name) ?? { schema, key, entry: this.#entry(files, schema, key) };
          all.set(name, one);
          const outcome = schema.kind.apply(schema, one.entry, change);
          if (outcome.status !== 'done') return { done: false, index, outcome };
          one.entry = outcome.entry;
          outcomes.push(outcome);
        }
        const changed = this.#put(files, [...all.values()]);
        if (!(await stillHeld()))
          throw new StoreFault(
            `${this.#contexts.path}: others took its lock; this process stood still for too long`,
            'none',
          );
        // The outbox first: it may say of a context that is not another that it may be. A queue last: whoever sees in it that a turn is over sees what it left.
        if (changed.contexts && changed.outbox) await this.#others.write(changed.outbox);
        if (changed.contexts) await this.#contexts.write(this.#living(files.contexts));
        if (changed.others) await this.#others.write(files.others);
        return { done: true, outcomes };
      }),
    );
  }

  async *scan(schema: Schema): AsyncIterable<{ key: Key; entry: Entry }> {
    const files = await this.#files();
    for (const key of this.#keys(files, schema).sort((a, b) => (a.id < b.id ? -1 : 1))) {
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

  /** What an entity is, whatever the store is called: every store at a file is the same. */
  #roleOf({ name }: Schema): string {
    const { base } = this.#parts;
    return name.startsWith(`${base}_`) ? name.slice(base.length + 1) : name;
  }

  #isContext(schema: Schema): boolean {
    const role = this.#roleOf(schema);
    return role === 'heads' || role === 'turns';
  }

  #nameOf(schema: Schema, id: string): string {
    return `${this.#roleOf(schema)} ${id}`;
  }

  #keys({ contexts, others }: Files, schema: Schema): Key[] {
    if (!this.#isContext(schema)) {
      const start = this.#nameOf(schema, '');
      return [...others]
        .filter(([name]) => name.startsWith(start))
        .map(([name, kept]) => keyIn(name.slice(start.length), kept as Kept));
    }
    return [...contexts.keys()].map((user) => ({ id: userKey(user), parts: [userKey(user)] }));
  }

  #entry(files: Files, schema: Schema, key: Key): Entry | null {
    const now = this.#clock!.now();
    if (!this.#isContext(schema)) {
      const kept = files.others.get(this.#nameOf(schema, key.id)) as Kept | undefined;
      const entry = kept && entryIn(kept);
      return entry && (entry.expiresAt ?? Number.POSITIVE_INFINITY) > now ? entry : null;
    }
    const found = this.#context(files.contexts, key);
    if (!found || (found.until ?? Number.POSITIVE_INFINITY) <= now) return null;
    const isHead = this.#roleOf(schema) === 'heads';
    if (!isHead && found.items.length === 0) return null;
    const value = isHead ? headRow(schema, found.head) : this.#turns(schema, found);
    return found.until === undefined ? { value } : { value, expiresAt: found.until };
  }

  #turns(schema: Schema, found: FileEntry): unknown {
    const there = this.#values.get(found);
    if (there !== undefined) return there;
    const value = turnsValue(schema, found);
    this.#values.set(found, value);
    return value;
  }

  #context(contexts: ReadonlyMap<string, unknown>, key: Key): FileEntry | undefined {
    const [user] = usersOf(contexts, key.parts[0] as string);
    if (user === undefined) return undefined;
    const document = contexts.get(user) as FileContext;
    let found = this.#seen.get(document);
    if (!found) {
      found = entryOf(user, document);
      this.#remember(document, found);
    }
    return found;
  }

  #remember(document: FileContext, entry: FileEntry): void {
    if (typeof document === 'object' && document !== null) this.#seen.set(document, entry);
  }

  /** Whether either of the files is another now; and what the second is with none but changes of what is no queue. */
  #put(
    files: Files,
    all: readonly Changing[],
  ): { contexts: boolean; others: boolean; outbox: Files['others'] | undefined } {
    const before = files.others.size;
    const others = all.filter(({ schema }) => !this.#isContext(schema));
    const queues = others.filter(({ schema }) => this.#roleOf(schema) === 'queues');
    const put = (some: readonly Changing[]) => {
      for (const { schema, key, entry } of some) {
        const name = this.#nameOf(schema, key.id);
        if (entry) files.others.set(name, keptOf(key, entry));
        else files.others.delete(name);
      }
    };
    const rest = others.filter((one) => !queues.includes(one));
    put(rest);
    const outbox = rest.some(({ entry }) => entry) ? new Map(files.others) : undefined;
    put(queues);
    const heads = all.filter(({ schema }) => this.#roleOf(schema) === 'heads');
    for (const { schema, key, entry } of heads) {
      const there = this.#context(files.contexts, key);
      const head = entry && headIn(schema, entry.value as unknown[]);
      for (const user of usersOf(files.contexts, key.parts[0] as string))
        if (user !== head?.user) files.contexts.delete(user);
      if (!head) continue;
      const turns = all.find((one) => this.#roleOf(one.schema) === 'turns' && one.key.id === key.id);
      const kept = turns ? [] : (there?.items ?? []);
      const items = turns?.entry ? turnsIn(turns.schema, turns.entry.value, head.user) : kept;
      const made = { head, items, until: entry.expiresAt };
      const document = documentOf(made);
      files.contexts.set(head.user, document);
      this.#seen.set(document, made);
      if (turns?.entry) this.#values.set(made, turns.entry.value);
    }
    return {
      contexts: heads.length > 0,
      others: others.some(({ entry }) => entry) || files.others.size < before,
      outbox,
    };
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
