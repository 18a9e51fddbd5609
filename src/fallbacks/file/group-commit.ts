import type { Clock } from '../../core/clock.js';
import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Logger } from '../../core/logger.js';
import type { Key, Schema } from '../../core/schema.js';
import { Draft } from './draft.js';
import { fault } from './fault.js';
import type { Files } from './files.js';
import type { Journal } from './journal.js';
import type { DirectoryLock } from './lock.js';
import { entryPath, isExpiryMark } from './paths.js';

/** Changes that are flushed together at most. */
const GROUP_CHANGES = 1000;
/** Characters of their documents at most; a single write may have more. */
const GROUP_SIZE = 4 * 1024 * 1024;
/** Expired entries that one write takes with it, and that are remembered. */
const REMOVE_EXPIRED = 50;
const REMEMBER_EXPIRED = 10_000;

/** What a {@link GroupCommit} works with. */
export interface GroupCommitOptions {
  /** Absolute. */
  readonly directory: string;
  readonly files: Files;
  readonly lock: DirectoryLock;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a write may wait for other processes, in milliseconds. */
  readonly timeout: number;
}

interface Waiting {
  readonly changes: readonly KeyedChange[];
  resolve(result: WriteResult): void;
  reject(error: unknown): void;
}

/** Makes writes one after the other, and flushes those that wait together: what each costs is shared. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #expired = new Map<string, { readonly schema: Schema; readonly key: Key }>();
  readonly #marks = new Set<string>();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Remembers an entry that was found expired: the next write removes it. */
  foundExpired(schema: Schema, key: Key): void {
    if (this.#expired.size < REMEMBER_EXPIRED) this.#expired.set(entryPath(schema, key), { schema, key });
  }

  /** Fulfilled when no write is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { directory, lock, timeout } = this.#options;
    // Writes of the same moment go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      try {
        await fault('locking', directory, 'none', () => lock.hold(timeout, () => this.#writeGroups()));
      } catch (error) {
        this.#rejectAll(this.#waiting.splice(0), error);
      }
    }
    this.#running = undefined;
  }

  async #writeGroups(): Promise<void> {
    const { journal, lock } = this.#options;
    do {
      await this.#writeGroup();
      if (journal.isLong) await this.#checkpoint();
    } while (this.#waiting.length > 0 && !(await lock.wanted()));
  }

  async #writeGroup(): Promise<void> {
    const { directory, files, journal, clock } = this.#options;
    const group = this.#take();
    const told: (() => void)[] = [];
    try {
      await fault('writing', directory, 'none', async () => {
        await journal.begin();
        const draft = new Draft({
          now: clock.now(),
          marks: this.#marks,
          read: (path) => files.read(`${directory}/${path}`),
          locate: (path) => `${directory}/${path}`,
        });
        await draft.prepare(group.flatMap(({ changes }) => changes));
        for (const [at, one] of group.entries()) {
          if (draft.size > GROUP_SIZE) {
            this.#waiting.unshift(...group.splice(at));
            break;
          }
          told.push(await this.#workOut(draft, one));
        }
        await this.#removeExpired(draft);
        if (draft.operations.length > 0) await journal.commit(draft.operations);
        for (const { path } of draft.operations) if (isExpiryMark(path)) this.#marks.add(path);
      });
    } catch (error) {
      // Those that were refused were so beside others that were not made after all: they do not know either.
      this.#rejectAll(group, error);
      return;
    }
    for (const tell of told) tell();
  }

  /** Works out one write; what comes back tells its caller, once the whole group is written. */
  async #workOut(draft: Draft, { changes, resolve, reject }: Waiting): Promise<() => void> {
    try {
      const result = await fault('reading', this.#options.directory, 'none', () => draft.write(changes));
      return () => resolve(result);
    } catch (error) {
      return () => reject(error);
    }
  }

  #take(): Waiting[] {
    let count = 0;
    let changes = 0;
    for (const one of this.#waiting) {
      changes += one.changes.length;
      if (count > 0 && changes > GROUP_CHANGES) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #removeExpired(draft: Draft): Promise<void> {
    for (const [path, { schema, key }] of [...this.#expired].slice(0, REMOVE_EXPIRED)) {
      this.#expired.delete(path);
      // What cannot be read is for whoever asks for it.
      await draft.removeExpired(schema, key).catch(() => {});
    }
  }

  async #checkpoint(): Promise<void> {
    try {
      await this.#options.journal.checkpoint();
    } catch (error) {
      this.#options.logger.warn(
        `holdfast: the journal of ${this.#options.directory} could not be emptied yet (${(error as Error).message}).`,
      );
    }
  }

  #rejectAll(writes: readonly Waiting[], error: unknown): void {
    for (const { reject } of writes) reject(error);
  }
}
