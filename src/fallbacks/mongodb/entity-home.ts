import { ValidationError } from '../../core/errors.js';
import { getOrMake } from '../../core/get-or-make.js';
import { compareKeys } from '../../core/key-order.js';
import { keyOf } from '../../core/key-text.js';
import type { Key, Schema } from '../../core/schema.js';
import { withinTime } from './bounded.js';
import { endOfName, partsOfEnd } from './collection-name.js';
import { Collections } from './collections.js';
import { Layout } from './layout.js';
import { collectionOf, type OpenMongo } from './open-mongo.js';
import { prepare, TTL, type Wanted } from './prepare.js';
import { Rows } from './rows.js';

/** Where the parts of a key go: all into `_id`, or all but the last into the name of the collection. */
export type KeyPlacement = 'id' | 'collections';

/** Entries of one entity that lie in one collection. */
export type Table = Rows | Collections;

// Of the database's name, a dot and the collection's.
const MOST_BYTES = 255;

/** Where the entries of one entity are: in one collection, or in one for each beginning of a key. */
export class EntityHome {
  readonly schema: Schema;
  readonly #mongo: OpenMongo;
  readonly #synchronize: boolean;
  /** How many parts of a key are in the name of its collection. */
  readonly #named: number;
  /** By the end of the collection's name: those that were written to, which are few. */
  readonly #tables = new Map<string, Table>();
  readonly #ready = new Map<Table, Promise<void>>();

  constructor(mongo: OpenMongo, schema: Schema, placement: KeyPlacement, synchronize: boolean) {
    this.#mongo = mongo;
    this.schema = schema;
    this.#synchronize = synchronize;
    this.#named = placement === 'collections' ? schema.keys.length - 1 : 0;
    if (this.#named === 0) this.#tables.set('', this.#made([], ''));
  }

  /** What is to be there before anything is written; of a collection for each beginning that is not known yet. */
  wanted(): Wanted[] {
    return this.#named === 0 ? this.#wantedFor(this.#tables.get('')!) : [];
  }

  /** Where an entry is written. @throws ValidationError where its collection would have too long a name */
  tableOf(key: Key): Table {
    const first = key.parts.slice(0, this.#named);
    const end = endOfName(first);
    const size = this.#sizeOf(end);
    if (size > MOST_BYTES)
      throw new ValidationError(
        `${this.schema.target.name} has a key whose collection would have a name of ${size} bytes, but MongoDB takes at most ${MOST_BYTES} with the database's; nothing was written. Use shorter key parts, or leave the entity out of keys: 'collections'.`,
      );
    return getOrMake(this.#tables, end, () => this.#made(first, end));
  }

  /** Keys by where their entries are; without those that nothing can be under. */
  byTable(keys: readonly Key[]): Map<Table, Key[]> {
    if (this.#named === 0) return new Map([[this.#tables.get('')!, [...keys]]]);
    const byEnd = new Map<string, Key[]>();
    for (const key of keys) getOrMake(byEnd, endOfName(key.parts.slice(0, this.#named)), () => []).push(key);
    const found = new Map<Table, Key[]>();
    for (const [end, own] of byEnd) {
      if (this.#sizeOf(end) > MOST_BYTES) continue;
      found.set(this.#tables.get(end) ?? this.#made(own[0]!.parts.slice(0, this.#named), end), own);
    }
    return found;
  }

  /** All that are there now, in the order of their keys. */
  async tables(): Promise<readonly Table[]> {
    if (this.#named === 0) return [...this.#tables.values()];
    const { db, mongodb, statementTimeout } = this.#mongo;
    const { name, keys } = this.schema;
    const storages = keys.slice(0, this.#named).map(({ storage }) => storage);
    const listing = db
      .listCollections({ name: { $regex: `^${escapedForRegex(name)}/` } }, { nameOnly: true })
      .toArray();
    const all = await (statementTimeout > 0 ? withinTime(listing, mongodb, statementTimeout) : listing);
    return all
      .flatMap((one) => {
        const parts = partsOfEnd(storages, one.name.slice(name.length));
        return parts ? [keyOf(parts)] : [];
      })
      .sort(compareKeys)
      .map(({ parts }) => {
        const end = endOfName(parts);
        return this.#tables.get(end) ?? this.#made(parts, end);
      });
  }

  /** Makes what a table needs that this process has not written to before. @throws MetadataError, StoreFault */
  async ready(table: Table): Promise<void> {
    if (this.#named === 0) return;
    await getOrMake(this.#ready, table, () => {
      const making = prepare(this.#mongo, this.#wantedFor(table), this.#synchronize);
      making.catch(() => this.#ready.delete(table));
      return making;
    });
  }

  /** When all that is done behind others' backs has ended. */
  async settled(): Promise<void> {
    for (const table of this.#tables.values()) if (table instanceof Collections) await table.generations.settled();
  }

  #made(first: Key['parts'], end: string): Table {
    const { schema } = this;
    const layout = new Layout(schema, this.#mongo.mongodb, first);
    const collection = collectionOf(this.#mongo, schema.name + end);
    if (schema.kind.structure === undefined) return new Rows(this.#mongo, layout, collection);
    return new Collections(this.#mongo, layout, collection, collectionOf(this.#mongo, this.#members + end));
  }

  get #members(): string {
    return `${this.schema.name}_${this.schema.fields[0]!.column}`;
  }

  #sizeOf(end: string): number {
    const { name, kind } = this.schema;
    const longest = kind.structure === undefined ? name : this.#members;
    return Buffer.byteLength(`${this.#mongo.db.databaseName}.${longest}${end}`);
  }

  #wantedFor(table: Table): Wanted[] {
    const { schema } = this;
    if (table instanceof Rows) return [{ schema, collection: table.collection, indexes: [TTL] }];
    const order = schema.kind.structure === 'list' ? {} : { '_id.member': 1 as const };
    const index = { name: 'members', key: { '_id.of': 1 as const, score: 1 as const, ...order } };
    return [
      { schema, collection: table.heads, indexes: [TTL] },
      { schema, collection: table.members.collection as never, indexes: [index, TTL] },
    ];
  }
}

const escapedForRegex = (text: string): string => text.replace(/[^\p{L}\p{N}_]/gu, '\\$&');
