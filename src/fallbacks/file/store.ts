import type { Clock } from '../../core/clock.js';
import { CorruptEntryError, ValidationError } from '../../core/errors.js';
import type { DriverOptions, KeyedChange, Scanned, WriteResult } from '../../core/fallback-driver.js';
import type { Entry } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { atOnce } from '../at-once.js';
import { decodeDocument, documentHead } from './document.js';
import type { Files } from './files.js';
import { GroupCommit } from './group-commit.js';
import { Journal } from './journal.js';
import { DirectoryLock } from './lock.js';
import type { Owners } from './owner.js';
import { ENTITIES, EXTENSION, entityFolder, entryPath, expiryMark } from './paths.js';
import { sortedKeys } from './sorted-keys.js';

/** The form of the directory; another one is not opened. */
const FORMAT = 1;

/** Times that a read of several entries is tried before it stops the writers. */
const TRIES = 3;

/** What a {@link FileStore} works with. */
export interface FileStoreOptions extends DriverOptions {
  /** Absolute. */
  readonly directory: string;
  readonly files: Files;
  readonly owners: Owners;
  readonly lockClock: Clock;
}

/** An opened directory of entries. */
export class FileStore {
  readonly #options: FileStoreOptions;
  readonly #files: Files;
  readonly #lock: DirectoryLock;
  readonly #journal: Journal;
  readonly #commits: GroupCommit;

  constructor(options: FileStoreOptions) {
    const { directory, files, owners, lockClock, clock, logger, statementTimeout } = options;
    this.#options = options;
    this.#files = files;
    const lock = new DirectoryLock({ directory, files, owners, clock: lockClock });
    const journal = new Journal({ directory, files, logger, token: lock.token, assertHeld: () => lock.assertHeld() });
    this.#commits = new GroupCommit({ directory, files, lock, journal, clock, logger, timeout: statementTimeout });
    this.#lock = lock;
    this.#journal = journal;
  }

  async open(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      const nothing = () => {};
      await this.#journal.close().catch(nothing);
      await this.#lock.unregister().catch(nothing);
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { directory, statementTimeout } = this.#options;
    await this.#files.makeDirectory(`${directory}/${ENTITIES}`);
    await this.#lock.register();
    await this.#lock.hold(statementTimeout, async () => {
      await this.#checkFormat();
      await this.#lock.sweep();
      await this.#journal.open();
      for (const name of await this.#files.list(`${directory}/tmp`))
        await this.#files.remove(`${directory}/tmp/${name}`);
      await this.#files.flushDirectory(directory);
    });
  }

  async #checkFormat(): Promise<void> {
    const { directory } = this.#options;
    const file = `${directory}/holdfast.json`;
    const content = await this.#files.read(file);
    if (content === undefined) {
      await this.#files.create(file, `${JSON.stringify({ format: FORMAT })}\n`, { flush: true });
      return;
    }
    const match = /^{\s*"format":\s*(\d+)/.exec(content.toString());
    if (match && Number(match[1]) === FORMAT) return;
    throw new ValidationError(
      `${directory} is of ${match ? `format ${match[1]}` : 'an unknown format'}, and this version reads format ${FORMAT} only. Open it with the version that wrote it, or give another directory.`,
    );
  }

  async read(schema: Schema, keys: readonly Key[]): Promise<(Entry | null)[]> {
    const paths = keys.map((key) => entryPath(schema, key));
    const contents = await this.#consistent(paths);
    const now = this.#options.clock.now();
    return contents.map((content, at) => {
      const key = keys[at]!;
      const entry = content && decodeDocument(schema, key, content, this.#locate(paths[at]!));
      if (!entry) return null;
      if (entry.expiresAt === undefined || entry.expiresAt > now) return entry;
      this.#commits.foundExpired(schema, key);
      return null;
    });
  }

  write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.#commits.write(changes);
  }

  /** `stillOpen` throws once the driver is closed. */
  async *scan(schema: Schema, stillOpen: () => Promise<unknown>): AsyncIterable<Scanned> {
    const corrupt: CorruptEntryError[] = [];
    const keys = sortedKeys(
      schema,
      this.#heads(schema, (error) => corrupt.push(error)),
    );
    for await (const slice of keys) {
      await stillOpen();
      const entries = await atOnce(slice, (key) => this.#scanned(schema, key, corrupt));
      for (const [at, entry] of entries.entries()) if (entry) yield { key: slice[at]!, entry };
    }
    // Everything else has been handed out by now; but the caller must not think that this was all.
    if (corrupt.length > 0) throw corrupt[0];
  }

  async #scanned(schema: Schema, key: Key, corrupt: CorruptEntryError[]): Promise<Entry | null> {
    try {
      return (await this.read(schema, [key]))[0]!;
    } catch (error) {
      if (!(error instanceof CorruptEntryError)) throw error;
      corrupt.push(error);
      return null;
    }
  }

  /** The keys of all entries that have not expired, in any order. */
  async *#heads(schema: Schema, onCorrupt: (error: CorruptEntryError) => void): AsyncIterable<Key> {
    const now = this.#options.clock.now();
    for await (const paths of this.#paths(schema)) {
      const heads = await atOnce(paths, async (relative) => {
        const content = await this.#files.read(this.#locate(relative));
        if (content === undefined) return undefined;
        try {
          const head = documentHead(schema, content, this.#locate(relative));
          if (entryPath(schema, head.key) === relative) return head;
          throw new CorruptEntryError(
            schema.name,
            JSON.stringify(head.key.id),
            `${this.#locate(relative)} is the file of another key`,
          );
        } catch (error) {
          if (!(error instanceof CorruptEntryError)) throw error;
          onCorrupt(error);
          return undefined;
        }
      });
      for (const head of heads) if (head && (head.expiresAt === undefined || head.expiresAt > now)) yield head.key;
    }
  }

  /** All files of an entity, a directory at a time. */
  async *#paths(schema: Schema): AsyncIterable<readonly string[]> {
    const folder = entityFolder(schema);
    for (const shard of await this.#files.list(this.#locate(folder))) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      const names = await this.#files.list(this.#locate(`${folder}/${shard}`));
      yield names.filter((name) => name.endsWith(EXTENSION)).map((name) => `${folder}/${shard}/${name}`);
    }
  }

  async count(schema: Schema): Promise<number> {
    let count = 0;
    if ((await this.#files.touchedAt(this.#locate(expiryMark(schema)))) === undefined)
      for await (const paths of this.#paths(schema)) count += paths.length;
    else {
      // What cannot be read is there all the same.
      for await (const _ of this.#heads(schema, () => count++)) count++;
    }
    return count;
  }

  async close(): Promise<void> {
    await this.#commits.idle();
    try {
      await this.#lock.hold(this.#options.statementTimeout, () => this.#journal.checkpoint());
      await this.#lock.unregister();
    } catch (error) {
      this.#options.logger.warn(
        `holdfast: ${this.#options.directory} was closed without emptying its journal, which the next open will do (${(error as Error).message}).`,
      );
    } finally {
      await this.#journal.close();
    }
  }

  /** The contents of several files as they were at one moment: no part of a write, but all of it or nothing. */
  async #consistent(paths: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { count, pending } = await this.#journal.state();
      const contents = await atOnce(paths, async (relative) => {
        const coming = pending?.get(relative);
        if (coming !== undefined) return coming === null ? undefined : Buffer.from(coming);
        return this.#files.read(this.#locate(relative));
      });
      if (paths.length === 1 || (await this.#journal.isAt(count))) return contents;
    }
    return this.#lock.hold(this.#options.statementTimeout, async () => {
      await this.#journal.begin();
      return atOnce(paths, (relative) => this.#files.read(this.#locate(relative)));
    });
  }

  #locate(relative: string): string {
    return `${this.#options.directory}/${relative}`;
  }
}
