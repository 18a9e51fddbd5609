import { type Batch, ValidationError } from '../index.js';
import { compareAndSet } from './compare-and-set.js';
import { appendEntries, type Entries, inOrder, type Listed, pageOf, pagesFor, writeEntries } from './directory.js';
import type { DirectoryRow, ValueClasses } from './entities.js';
import { Page } from './page.js';

/** What was read of a directory. */
export interface DirectoryState {
  /** `undefined` where the user has none. */
  readonly row: DirectoryRow | undefined;
  /** The pages that were read, by their numbers; page 0 alone where all entries are in the row. */
  readonly pages: ReadonlyMap<number, Page>;
  /** Whether these are all pages. */
  readonly whole: boolean;
}

/** What has to be known of the directory was not read: all of it is to be read. */
export class UnreadError extends Error {}

/** A change of a directory, thought through in memory. */
export class DirectoryDraft {
  readonly #user: string;
  readonly #state: DirectoryState;
  readonly #maxKeys: number;
  readonly #changed = new Map<string, Listed | undefined>();
  #until: number | null;
  #next: number;
  #count: number;

  constructor(user: string, state: DirectoryState, maxKeys: number) {
    this.#user = user;
    this.#state = state;
    this.#maxKeys = maxKeys;
    this.#until = state.row ? state.row.until : 0;
    this.#next = state.row?.next ?? 0;
    this.#count = state.row?.count ?? 0;
  }

  /** @throws UnreadError */
  get(key: string): Listed | undefined {
    if (this.#changed.has(key)) return this.#changed.get(key);
    return this.#read(key);
  }

  /** Whether a key was listed before anything was thought. @throws UnreadError */
  wasListed(key: string): boolean {
    return this.#read(key) !== undefined;
  }

  #read(key: string): Listed | undefined {
    const page = this.#state.pages.get(this.#pages === 0 ? 0 : pageOf(key, this.#pages));
    if (page) return page.get(key);
    throw new UnreadError();
  }

  /** Every key, in order. @throws UnreadError */
  all(): Listed[] {
    if (!this.#state.whole) throw new UnreadError();
    const all = new Map<string, Listed | undefined>();
    for (const { entries } of this.#state.pages.values()) for (const [key, one] of entries) all.set(key, one);
    for (const [key, one] of this.#changed) all.set(key, one);
    return inOrder([...all.values()].filter((one) => one !== undefined));
  }

  /** Lists a key, as the last one unless it keeps its place. @throws UnreadError, ValidationError where there are too many */
  list(key: string, ends: boolean, inPlace: boolean): void {
    const there = this.get(key);
    if (there === undefined && this.#count >= this.#maxKeys)
      throw new ValidationError(
        `User ${JSON.stringify(this.#user)} has ${this.#count} keys, and no more are allowed. Delete some, or open with a larger maxKeys.`,
      );
    if (there === undefined) this.#count++;
    const order = there && inPlace ? there.order : this.#next++;
    // Also where it was listed so already: whoever relies on that has it compared.
    this.#changed.set(key, { key, order, ends });
  }

  /** @throws UnreadError */
  unlist(key: string): void {
    if (this.get(key) === undefined) return;
    this.#changed.set(key, undefined);
    this.#count--;
  }

  /** Has the directory there as long as a value that ends then, and returns how long it is; `null` for ever. */
  lastUntil(expires: number | null, now: number): number | null {
    if (expires === null) this.#until = null;
    // Twice as long, so that a value that is stored over and over again seldom writes to the directory.
    else if (this.#until !== null && this.#until < expires) this.#until = expires + (expires - now);
    return this.#until;
  }

  /** Records the change into a transaction, and returns the directory as it will be, unless it has pages. @throws UnreadError */
  record(batch: Batch, classes: ValueClasses, now: number): DirectoryState | undefined {
    const { row: before, pages: read } = this.#state;
    if (this.#changed.size === 0 && this.#until === (before ? before.until : 0)) return this.#state;
    const old = this.#pages;
    const pages = this.#count === 0 ? 0 : pagesFor(this.#count, old);
    const text = pages === 0 && old === 0 ? this.#together() : '[]';
    // The directory of a user with many keys stays until the last of them goes.
    const until = pages > 0 ? null : this.#until;
    const row: DirectoryRow = {
      user: this.#user,
      keys: text,
      pages,
      count: this.#count,
      next: this.#next,
      until,
    };
    compareAndSet(batch.repository(classes.directory), {
      key: this.#user,
      before,
      after: this.#count === 0 ? undefined : row,
      ttl: until === null ? undefined : Math.max(1, until - now),
      lasting: before?.until === null,
    });
    if (pages === 0 && old === 0) {
      const gone = this.#count === 0;
      const page = new Page(gone ? undefined : text, this.#user);
      return { row: gone ? undefined : row, pages: new Map([[0, page]]), whole: true };
    }
    const after = pages === old ? this.#touched() : this.#spread(pages);
    const recorded = batch.repository(classes.page);
    const numbers = new Set([...(pages === old ? [] : read.keys()), ...after.keys()]);
    for (const page of numbers) {
      const key = { user: this.#user, page };
      const text = old === 0 ? undefined : read.get(page)?.text;
      const entries = after.get(page);
      compareAndSet(recorded, {
        key,
        before: text === undefined ? undefined : { ...key, keys: text },
        after: entries && entries.size > 0 ? { ...key, keys: writeEntries(entries.values(), true) } : undefined,
        ttl: undefined,
        lasting: true,
      });
    }
    return undefined;
  }

  get #pages(): number {
    return this.#state.row?.pages ?? 0;
  }

  /** The text of a directory without pages, as it will be. */
  #together(): string {
    const page = this.#state.pages.get(0)!;
    const changed = [...this.#changed.values()].filter((entry) => entry !== undefined);
    if (changed.length === this.#changed.size && changed.every(({ key }) => page.get(key) === undefined))
      return appendEntries(page.text ?? '[]', changed);
    const entries = new Map(page.entries);
    this.#change(entries, this.#changed);
    return writeEntries(entries.values(), false);
  }

  /** The pages that have changed, as they will be. */
  #touched(): Map<number, Entries> {
    const touched = new Map<number, Entries>();
    for (const change of this.#changed) {
      const number = pageOf(change[0], this.#pages);
      const entries = touched.get(number) ?? new Map(this.#state.pages.get(number)?.entries);
      touched.set(number, entries);
      this.#change(entries, [change]);
    }
    return touched;
  }

  #change(entries: Entries, changes: Iterable<readonly [key: string, entry: Listed | undefined]>): void {
    for (const [key, entry] of changes) {
      // One that gets another place goes to the end.
      if (entry?.order !== entries.get(key)?.order) entries.delete(key);
      if (entry) entries.set(key, entry);
    }
  }

  /** All entries, over so many pages; none where there are to be none. */
  #spread(pages: number): Map<number, Entries> {
    const spread = new Map<number, Entries>();
    for (const entry of this.all()) {
      const number = pageOf(entry.key, pages);
      spread.set(number, (spread.get(number) ?? new Map<string, Listed>()).set(entry.key, entry));
    }
    return spread;
  }
}
