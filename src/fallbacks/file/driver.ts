import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/clock.js';
import { ClosedError } from '../../core/errors.js';
import {
  type DriverCapabilities,
  type DriverOptions,
  type FallbackDriver,
  type KeyedChange,
  type Scanned,
  StoreFault,
  type WriteResult,
} from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { asFault, fault } from './fault.js';
import { type Files, systemFiles } from './files.js';
import { type Owners, systemOwners } from './owner.js';
import { FileStore } from './store.js';

/** Options of {@link fileDriver}. */
export interface FileDriverOptions {
  /** Where the entries are kept; made if it is missing, unless `open({ synchronize: false })`. */
  readonly directory: string;
  /** What errors call it. Default `'file'`. */
  readonly name?: string;
  /** For tests: what stands for the machine. */
  readonly machine?: { readonly files?: Files; readonly owners?: Owners; readonly lockClock?: Clock };
}

/**
 * A durable store in a directory: each entry is a JSON document in a file of its own. A write is whole or not at all, also
 * when the process is killed in it or the power is cut. Several processes of one machine may use the directory at once.
 *
 * A collection is one document too: each query reads, and each change of a member writes, all of its members. That suits
 * thousands of them; for more give the entity a database, which keeps each member by itself.
 *
 * @example
 * const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { archive: fileDriver({ directory: 'data' }) } });
 */
export function fileDriver(options: FileDriverOptions): FallbackDriver {
  return new FileDriver(options);
}

/** Waiting for a lock keeps the process alive, and does not mind when the system's time is set. */
const waitingClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

class FileDriver implements FallbackDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities = { transactions: true, ttl: true, shared: true, nul: true };
  readonly #options: FileDriverOptions;
  readonly #directory: string;
  #opened = 0;
  #store: Promise<FileStore> | undefined;

  constructor(options: FileDriverOptions) {
    this.#options = options;
    this.name = options.name ?? 'file';
    this.#directory = path.resolve(options.directory);
  }

  async open(_schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    this.#store ??= this.#start(options);
    const store = this.#store;
    this.#opened++;
    try {
      await store;
    } catch (error) {
      this.#opened--;
      if (this.#store === store) this.#store = undefined;
      throw error;
    }
  }

  async #start(options: DriverOptions): Promise<FileStore> {
    const { files = systemFiles, owners = systemOwners, lockClock = waitingClock } = this.#options.machine ?? {};
    const store = new FileStore({ ...options, directory: this.#directory, files, owners, lockClock });
    await fault('opening', this.#directory, 'none', async () => {
      if (options.synchronize === false && (await files.touchedAt(this.#directory)) === undefined)
        throw new StoreFault(
          `The directory ${this.#directory} does not exist, and synchronize is false. Make it, or leave synchronize out.`,
          'none',
        );
      await store.open();
    });
    return store;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    const store = await this.#use();
    const entries = await fault('reading', this.#directory, 'none', () => store.read(schema, keys));
    if (query === undefined) return entries;
    return entries.map((entry) => entry && { ...entry, value: schema.kind.select(schema, entry.value, query) });
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    return (await this.#use()).write(changes);
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    const store = await this.#use();
    try {
      yield* store.scan(schema, () => this.#use());
    } catch (error) {
      throw asFault('reading', this.#directory, 'none', error);
    }
  }

  async count(schema: Schema): Promise<number> {
    const store = await this.#use();
    return fault('reading', this.#directory, 'none', () => store.count(schema));
  }

  async close(): Promise<void> {
    if (this.#opened === 0 || --this.#opened > 0) return;
    const store = this.#store;
    this.#store = undefined;
    await (await store)?.close();
  }

  async #use(): Promise<FileStore> {
    if (this.#opened === 0 || this.#store === undefined) throw new ClosedError(`The store '${this.name}'`);
    return this.#store;
  }
}
