import { CorruptEntryError } from '../../core/errors.js';
import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { atOnce } from '../at-once.js';
import { decodeDocument, encodeDocument } from './document.js';
import { entryPath, expiryMark } from './paths.js';
import type { Operation } from './segment.js';

/** What a draft works with. */
export interface DraftOptions {
  readonly now: number;
  /** The file below the store's directory; `undefined` where there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Marks of entities that are known to be there. */
  readonly marks: ReadonlySet<string>;
  /** The whole path, for errors. */
  locate(path: string): string;
}

interface State {
  readonly schema: Schema;
  readonly key: Key;
  readonly entry: Entry | null;
}

/** Stands for an entry that cannot be read, where only its being there matters. */
const UNREADABLE: Entry = { value: [] };

/** Writes that are worked out before any of them is made: each sees the ones before it, and leaves no trace where it fails. */
export class Draft {
  readonly #options: DraftOptions;
  readonly #contents = new Map<string, Buffer | undefined>();
  readonly #operations = new Map<string, Operation>();
  readonly #states = new Map<string, State>();
  #size = 0;

  constructor(options: DraftOptions) {
    this.#options = options;
  }

  /** Characters of all documents so far. */
  get size(): number {
    return this.#size;
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** Reads what the changes will need, many files at once. */
  async prepare(changes: readonly KeyedChange[]): Promise<void> {
    const paths = new Set(changes.filter(looks).map(({ schema, key }) => entryPath(schema, key)));
    await atOnce([...paths], (path) => this.#content(path));
  }

  /** Works out one write. @throws CorruptEntryError, and whatever a `modify` throws */
  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const states = new Map<string, State>();
    const outcomes: Done[] = [];
    for (const [index, keyed] of changes.entries()) {
      const { schema, key, change } = keyed;
      const path = entryPath(schema, key);
      const before = looks(keyed) ? await this.#entry(path, keyed, states.get(path) ?? this.#states.get(path)) : null;
      const outcome = schema.kind.apply(schema, before, change);
      if (outcome.status !== 'done') return { done: false, index, outcome };
      outcomes.push(outcome);
      states.set(path, { schema, key, entry: outcome.entry });
    }
    // All that can fail comes before anything is kept.
    for (const [path, { entry }] of states) if (entry === null) await this.#content(path);
    for (const [path, state] of states) this.#keep(path, state);
    return { done: true, outcomes };
  }

  /** Removes an entry if it has expired. */
  async removeExpired(schema: Schema, key: Key): Promise<void> {
    const path = entryPath(schema, key);
    const content = this.#states.has(path) ? undefined : await this.#content(path);
    if (content === undefined) return;
    const { expiresAt } = decodeDocument(schema, key, content, this.#options.locate(path));
    if (this.#expired(expiresAt)) this.#keep(path, { schema, key, entry: null });
  }

  #keep(path: string, state: State): void {
    const { schema, key, entry } = state;
    const content = entry === null ? null : encodeDocument(schema, key, entry);
    this.#states.set(path, state);
    if (content === null && this.#contents.get(path) === undefined) this.#operations.delete(path);
    else this.#operations.set(path, { path, content });
    this.#size += content?.length ?? 0;
    if (entry?.expiresAt === undefined) return;
    const mark = expiryMark(schema);
    if (!this.#options.marks.has(mark)) this.#operations.set(mark, { path: mark, content: '' });
  }

  async #entry(path: string, { schema, key, change }: KeyedChange, state: State | undefined): Promise<Entry | null> {
    let entry = state?.entry ?? null;
    if (state === undefined) {
      const content = await this.#content(path);
      if (content === undefined) return null;
      try {
        entry = decodeDocument(schema, key, content, this.#options.locate(path));
      } catch (error) {
        // To be deleted, or to be found taken, it need not be readable.
        if (error instanceof CorruptEntryError && !looksInside(change as RowChange)) return UNREADABLE;
        throw error;
      }
    }
    return this.#expired(entry?.expiresAt) ? null : entry;
  }

  #expired(expiresAt: number | undefined): boolean {
    return expiresAt !== undefined && expiresAt <= this.#options.now;
  }

  async #content(path: string): Promise<Buffer | undefined> {
    if (this.#contents.has(path)) return this.#contents.get(path);
    const content = await this.#options.read(path);
    this.#contents.set(path, content);
    return content;
  }
}

/** Whether a change depends on what is there. */
const looks = ({ change }: KeyedChange): boolean =>
  change.type !== 'put' || (change as RowChange & { type: 'put' }).expect !== undefined;

/** Whether it depends on more than that something is there. */
const looksInside = (change: RowChange): boolean =>
  change.type !== 'delete' && !(change.type === 'put' && change.expect === 'absent');
