import { ClosedError } from '../../core/errors.js';
import type {
  DriverCapabilities,
  DriverOptions,
  FallbackDriver,
  KeyedChange,
  Scanned,
  WriteResult,
} from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { CallsUnderWay } from '../calls-under-way.js';
import { Generations } from './generations.js';
import { MOST_BYTES } from './key-name.js';
import { type KeyPlacement, Layout } from './layout.js';
import { DatastoreLink, MOST_MUTATIONS } from './link.js';
import { MemberLayout } from './member-layout.js';
import type { Place } from './place.js';
import { Reads } from './reads.js';
import { connectDatastore, type DatastoreLike, parseDatastoreUrl } from './source.js';
import { MOST_ENTITY_BYTES } from './values.js';
import { Writes } from './writes.js';

/** Options of {@link datastoreDriver}. */
export interface DatastoreDriverOptions {
  /**
   * `datastore://PROJECT?namespace=…&databaseId=…&endpoint=HOST:PORT&keyFile=PATH&keys=…`, or a `Datastore` of
   * `@google-cloud/datastore`, whose options are used and which is not closed.
   */
  readonly source: string | DatastoreLike;
  /** What errors call it. Default `'datastore'`. */
  readonly name?: string;
  /**
   * Where the parts of a key go, of all entities or by the name of each: all into the name of the entity (`'name'`, the default), or all but
   * the last into ancestors (`'ancestors'`) or into the name of the kind (`'kinds'`).
   */
  readonly keys?: KeyPlacement | Readonly<Record<string, KeyPlacement>>;
}

/**
 * Google Datastore, or Firestore in Datastore mode, as a durable store.
 *
 * @example
 * const archive = datastoreDriver({ source: new Datastore({ projectId: 'shop' }) });
 * const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { archive } });
 */
export function datastoreDriver(options: DatastoreDriverOptions): FallbackDriver {
  return new DatastoreDriver(options);
}

interface Opened {
  readonly link: DatastoreLink;
  readonly generations: Generations;
  readonly reads: Reads;
  readonly writes: Writes;
}

class DatastoreDriver implements FallbackDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities = {
    transactions: true,
    ttl: true,
    shared: true,
    nul: true,
    keyBytes: MOST_BYTES,
    keysAtOnce: MOST_MUTATIONS,
    entryBytes: MOST_ENTITY_BYTES,
  };
  readonly #options: DatastoreDriverOptions;
  readonly #calls = new CallsUnderWay();
  #opens = 0;
  #opened: Promise<Opened> | undefined;
  #open: Opened | undefined;

  /** @throws ValidationError */
  constructor(options: DatastoreDriverOptions) {
    this.#options = options;
    this.name = options.name ?? 'datastore';
    if (typeof options.source === 'string') parseDatastoreUrl(options.source, this.name);
  }

  /** Asks the service once, so that what is wrong with the project or the credentials is said now. @throws StoreFault, MissingPackageError, MetadataError */
  async open(schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    // Several holdfasts can have one driver; its channel is closed with the last of them.
    this.#opens++;
    try {
      this.#opened ??= this.#start(options);
      const { reads, generations } = await this.#opened;
      for (const schema of schemas) {
        const { members } = reads.place(schema);
        if (members) generations.lookAround(members);
      }
      this.#open = await this.#opened;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #start({ clock, statementTimeout }: DriverOptions): Promise<Opened> {
    const { source } = this.#options;
    const link = new DatastoreLink(await connectDatastore(source, this.name), this.name, statementTimeout);
    try {
      await link.lookup([{ partitionId: link.partition, path: [{ kind: 'holdfast', name: 'opened' }] }]);
    } catch (error) {
      await link.close();
      throw error;
    }
    const places = new Map<Schema, Place>();
    const place = (schema: Schema) => getOrMake(places, schema, () => placeOf(schema, this.#placement(schema), link));
    const generations = new Generations(link, clock);
    return {
      link,
      generations,
      reads: new Reads({ link, clock, place }),
      writes: new Writes({ link, generations, clock, patience: statementTimeout, place }),
    };
  }

  #placement({ name }: Schema): KeyPlacement {
    const { source, keys } = this.#options;
    const inUrl = typeof source === 'string' ? parseDatastoreUrl(source, this.name).keys : undefined;
    return (typeof keys === 'object' ? keys[name] : keys) ?? inUrl ?? 'name';
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    const { reads } = this.#use();
    return keys.length === 0 ? [] : this.#calls.run(() => reads.read(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const { writes } = this.#use();
    if (changes.length === 0) return { done: true, outcomes: [] };
    return this.#calls.run(() => writes.write(changes));
  }

  scan(schema: Schema): AsyncIterable<Scanned> {
    return this.#use().reads.scan(schema, () => {
      this.#use();
    });
  }

  async count(schema: Schema): Promise<number> {
    const { reads } = this.#use();
    return this.#calls.run(() => reads.count(schema));
  }

  async close(): Promise<void> {
    if (this.#opens === 0 || --this.#opens > 0) return;
    const opened = this.#opened;
    this.#open = undefined;
    this.#opened = undefined;
    if (!opened) return;
    const started = await opened.catch(() => undefined);
    if (!started) return;
    await this.#calls.ended();
    await started.generations.close();
    await started.link.close();
  }

  #use(): Opened {
    if (!this.#open) throw new ClosedError(`The store '${this.name}'`);
    return this.#open;
  }
}

function placeOf(schema: Schema, placement: KeyPlacement, link: DatastoreLink): Place {
  const layout = new Layout(schema, placement, link.partition);
  return { layout, members: schema.kind.structure === undefined ? undefined : new MemberLayout(layout) };
}
