import type { Batch } from '../index.js';
import type { Encoded } from './codec.js';
import { compareAndSet, StaleError } from './compare-and-set.js';
import type { Listed } from './directory.js';
import { DirectoryDraft, type DirectoryState, UnreadError } from './directory-draft.js';
import type { ValueClasses, ValueRow } from './entities.js';

/** What was read of a user, before anything was thought. */
export interface UserState {
  readonly user: string;
  /** The rows of the keys that it is about; `undefined` where there is none. */
  readonly rows: ReadonlyMap<string, ValueRow | undefined>;
  /** `undefined` where it was not read. */
  readonly directory: DirectoryState | undefined;
}

export interface DraftOptions {
  readonly now: number;
  readonly maxKeys: number;
  /** Believes what was read although it does not fit together: it was read again and again. */
  readonly lenient: boolean;
}

/** What a value's row says of a directory that never ends. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** A change of what one user has: thought through in memory, then made in one transaction, which compares all that was read. */
export class Draft {
  readonly #state: UserState;
  readonly #options: DraftOptions;
  readonly #rows = new Map<string, ValueRow | undefined>();
  /** Keys that are not listed, so that there is nothing under them. */
  readonly #fresh = new Set<string>();
  readonly #directory: DirectoryDraft | undefined;

  constructor(state: UserState, options: DraftOptions) {
    this.#state = state;
    this.#options = options;
    this.#directory = state.directory && new DirectoryDraft(state.user, state.directory, options.maxKeys);
  }

  row(key: string): ValueRow | undefined {
    return this.#rows.has(key) ? this.#rows.get(key) : this.#state.rows.get(key);
  }

  /** Every key, in order, also of values that have ended. @throws UnreadError */
  keys(): Listed[] {
    return this.#read().all();
  }

  /** Stores a value, which ends then; `null` for never. @throws UnreadError, StaleError, ValidationError */
  put(key: string, { text, format }: Encoded, expires: number | null): void {
    const before = this.row(key);
    const row = { user: this.#state.user, key, value: text, format, expires };
    const listed = before?.listed ?? undefined;
    if (expires === null) {
      if (before?.listed !== null) this.#list(key, before, expires);
      this.#rows.set(key, { ...row, listed: null });
    } else if (listed !== undefined && expires <= listed) this.#rows.set(key, { ...row, listed });
    else this.#rows.set(key, { ...row, listed: this.#list(key, before, expires) ?? FOR_EVER });
  }

  /** Whether there was a value. @throws UnreadError, StaleError */
  remove(key: string): boolean {
    const existed = this.row(key) !== undefined;
    const directory = this.#read();
    if (existed) this.#expectListed(key);
    // What came and goes within one draft was never there: nothing compares that nobody has stored it meanwhile.
    if (this.#state.rows.get(key) || directory.wasListed(key)) this.#rows.set(key, undefined);
    else this.#rows.delete(key);
    this.#fresh.delete(key);
    directory.unlist(key);
    return existed;
  }

  /** Records everything into a transaction, and returns the directory as it will be, where it is known as a whole. @throws UnreadError */
  record(batch: Batch, classes: ValueClasses): DirectoryState | undefined {
    const { user, rows } = this.#state;
    const { now } = this.#options;
    const values = batch.repository(classes.value);
    const removed: { user: string; key: string }[] = [];
    for (const [key, after] of this.#rows) {
      const before = rows.get(key);
      const ttl = after?.expires == null ? undefined : Math.max(1, after.expires - now);
      const options = ttl === undefined ? {} : { fallbackTtl: ttl };
      if (!after) removed.push({ user, key });
      else if (this.#fresh.has(key)) values.save(after, options);
      else compareAndSet(values, { key: { user, key }, before, after, ttl, lasting: before?.expires === null });
    }
    // Whatever they hold by now; that they are listed as they were is compared.
    if (removed.length > 0) values.delete(removed);
    return this.#directory?.record(batch, classes, now);
  }

  #list(key: string, before: ValueRow | undefined, expires: number | null): number | null {
    const directory = this.#read();
    if (before) this.#expectListed(key);
    else if (directory.get(key) === undefined) this.#fresh.add(key);
    directory.list(key, expires !== null, before !== undefined);
    return directory.lastUntil(expires, this.#options.now);
  }

  #expectListed(key: string): void {
    if (!this.#options.lenient && this.#read().get(key) === undefined) throw new StaleError();
  }

  #read(): DirectoryDraft {
    if (!this.#directory) throw new UnreadError();
    return this.#directory;
  }
}
