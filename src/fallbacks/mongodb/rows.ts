import type { Collection, Document } from 'mongodb';
import type { KeyedChange, Scanned } from '../../core/fallback-driver.js';
import type { Done, Entry, Outcome, Query, RowChange } from '../../core/kind.js';
import { samePlain } from '../../core/plain.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { asFault, codeOf, isTakenKey } from './faults.js';
import { EXPIRES, type Layout, live } from './layout.js';
import type { OpenMongo, Within } from './open-mongo.js';
import { beforeTry, triesUntil } from './transactions.js';

type Put = Extract<RowChange, { type: 'put' }>;
type Patch = Extract<RowChange, { type: 'patch' }>;
type Increment = Extract<RowChange, { type: 'increment' }>;

const TYPE_MISMATCH = 14;
const LOCAL = { readConcern: { level: 'local' } } as const;
// Below this a sum of two numbers is finite.
const FAR = 1e307;
// A larger document is told from what it becomes by its version alone, where it has one.
const LARGE = 1_000_000;

/** The documents of one entity whose values are rows. */
export class Rows {
  readonly layout: Layout;
  readonly collection: Collection;
  readonly #mongo: OpenMongo;

  constructor(mongo: OpenMongo, layout: Layout, collection: Collection) {
    this.#mongo = mongo;
    this.layout = layout;
    this.collection = collection;
  }

  get schema(): Schema {
    return this.layout.schema;
  }

  /** The entries of keys, by their ids. Several are read as they were at one time, where the server can. */
  async read(keys: readonly Key[], query: Query): Promise<Map<string, Entry>> {
    const atOnce = keys.length > 1 && this.#mongo.transactions;
    return this.readWithin(keys, query, atOnce ? { readConcern: { level: 'snapshot' } } : {});
  }

  /** The same, of the time of what it is part of. */
  async readWithin(keys: readonly Key[], query: Query, within: Within): Promise<Map<string, Entry>> {
    const projection = this.layout.projection(query);
    const documents = await this.collection
      .find(
        { ...live({ $in: keys.map((key) => this.layout.id(key)) }, this.#mongo.clock.now()) },
        {
          ...(projection && { projection }),
          ...within,
        },
      )
      .toArray();
    return this.#entries(documents);
  }

  /** Within a transaction, those that are there; of documents that have ended too, so that they are replaced. */
  async found(keys: readonly Key[], within: Within): Promise<Map<string, Document>> {
    const ids = keys.map((key) => this.layout.id(key));
    const documents = await this.collection.find({ _id: { $in: ids } } as Document, within).toArray();
    return new Map(documents.map((document) => [this.layout.key(document._id).id, document]));
  }

  #entries(documents: readonly Document[]): Map<string, Entry> {
    return new Map(
      documents.map((document) => {
        const key = this.layout.key(document._id);
        return [key.id, this.layout.entry(key, document)];
      }),
    );
  }

  /** Those after a key, in the order of their keys. */
  async page(after: Key | undefined, limit: number): Promise<Scanned[]> {
    const documents = await this.collection
      .find(
        {
          ...(after && { _id: { $gt: this.layout.id(after) } }),
          [EXPIRES]: { $not: { $lte: new Date(this.#mongo.clock.now()) } },
        } as Document,
        { sort: { _id: 1 }, limit },
      )
      .toArray();
    return documents.map((document) => {
      const key = this.layout.key(document._id);
      return { key, entry: this.layout.entry(key, document) };
    });
  }

  /** One change, in one round trip where it can be told to the server. @throws StoreFault */
  async change({ key, change }: KeyedChange): Promise<Outcome> {
    const made = change as RowChange;
    try {
      switch (made.type) {
        case 'put':
          return await this.#put(key, made);
        case 'delete': {
          const { deletedCount } = await this.collection.deleteOne(this.#live(key));
          return { status: 'done', entry: null, existed: deletedCount > 0 };
        }
        case 'patch':
          return (await this.#patch(key, made)) ?? (await this.#think(key, made));
        case 'increment':
          return (await this.#increment(key, made)) ?? (await this.#think(key, made));
        case 'modify':
          return await this.#think(key, made);
      }
    } catch (error) {
      throw asFault(this.#mongo.place, error, 'committing', this.schema.target.name);
    }
  }

  #live(key: Key): Document {
    return live(this.layout.id(key), this.#mongo.clock.now());
  }

  async #put(key: Key, { row, expect, expiresAt }: Put): Promise<Outcome> {
    const entry: Entry = expiresAt === undefined ? { value: row } : { value: row, expiresAt };
    const { _id, ...document } = this.layout.document(key, entry);
    const done: Done = { status: 'done', entry, existed: typeof expect === 'object' };
    if (typeof expect === 'object') {
      const version = this.schema.fields[this.schema.version!]!.column;
      const { matchedCount } = await this.collection.replaceOne(
        { ...this.#live(key), [version]: expect.version },
        document,
      );
      return matchedCount > 0 ? done : { status: 'conflict' };
    }
    // Of an insert only what has ended may be replaced: otherwise the key is taken.
    const ended = { [EXPIRES]: { $lte: new Date(this.#mongo.clock.now()) } };
    const end = triesUntil(this.#mongo);
    for (let tries = 0; ; tries++)
      try {
        await this.collection.replaceOne({ _id, ...(expect === 'absent' && ended) }, document, { upsert: true });
        return done;
      } catch (error) {
        if (!isTakenKey(error)) throw error;
        if (expect === 'absent') return { status: 'exists' };
        // Others have made it at the same time.
        if (performance.now() > end) throw error;
        await beforeTry(tries);
      }
  }

  /** `undefined` where it takes a look at what is there. */
  async #patch(key: Key, { set, version }: Patch): Promise<Outcome | undefined> {
    const { schema } = this;
    if (schema.variants || (set.size === 0 && schema.version === undefined)) return undefined;
    const fields = this.layout.fields([...set].filter(([index]) => index !== schema.version));
    this.layout.checkSize(fields, set.values());
    return this.#update(key, version, { $set: fields });
  }

  /** `undefined` where it takes a look at what is there: at the edge of what a number can be, or where there is none. */
  async #increment(key: Key, { field, by }: Increment): Promise<Outcome | undefined> {
    const { schema, layout } = this;
    if (schema.variants || Number(by) === 0) return undefined;
    const { column, storage } = schema.fields[field]!;
    const range = within(storage, by);
    if (!range) return undefined;
    const { Long, Double } = layout.mongodb;
    const bson = (edge: number | bigint) => (typeof edge === 'bigint' ? Long.fromBigInt(edge) : new Double(edge));
    const amount = layout.fields([[field, by]])[column];
    const edges = { [column]: { $gte: bson(range[0]), $lte: bson(range[1]) } };
    return this.#update(key, undefined, { $inc: { [column]: amount } }, edges);
  }

  async #update(
    key: Key,
    version: number | undefined,
    update: { readonly $set?: Document; readonly $inc?: Document },
    more: Document = {},
  ): Promise<Outcome | undefined> {
    const { schema, layout } = this;
    const counted = schema.version === undefined ? undefined : schema.fields[schema.version]!.column;
    const $inc = { ...update.$inc, ...(counted && { [counted]: new layout.mongodb.Int32(1) }) };
    const { $set = {} } = update;
    try {
      const found = await this.collection.findOneAndUpdate(
        { ...this.#live(key), ...more, ...(version !== undefined && { [counted!]: version }) },
        { ...(Object.keys($set).length > 0 && { $set }), ...(Object.keys($inc).length > 0 && { $inc }) },
        { returnDocument: 'after' },
      );
      return found ? { status: 'done', entry: layout.entry(key, found), existed: true } : undefined;
    } catch (error) {
      if (codeOf(error) === TYPE_MISMATCH) return undefined;
      throw error;
    }
  }

  /** Reads, lets the kind say what comes of it, and writes where nothing has changed since. */
  async #think(key: Key, change: RowChange): Promise<Outcome> {
    const end = triesUntil(this.#mongo);
    for (let tries = 0; ; tries++) {
      const document = await this.collection.findOne(this.#live(key), LOCAL);
      const entry = document && this.layout.entry(key, document);
      const outcome = this.schema.kind.apply(this.schema, entry, change);
      if (outcome.status !== 'done' || !entry || !document) return outcome;
      const update = this.differences(entry.value as Row, outcome.entry!.value as Row);
      if (!update) return outcome;
      const { matchedCount } = await this.collection.updateOne(this.#unchanged(document), update);
      if (matchedCount > 0) return outcome;
      if (performance.now() > end)
        throw asFault(this.#mongo.place, changedAllTheTime(this.#mongo), 'harmless', this.schema.target.name);
      await beforeTry(tries);
    }
  }

  /** What makes one row of another; `undefined` where they are the same. @throws ValidationError */
  differences(before: Row, after: Row): Document | undefined {
    const changed = [...after.entries()].filter(([index, plain]) => !samePlain(plain, before[index]));
    if (changed.length === 0) return undefined;
    const $set = this.layout.fields(changed);
    this.layout.checkSize($set, after);
    const gone = changed.flatMap(([index, plain]) =>
      plain === undefined ? [[this.schema.fields[index]!.column, 1] as const] : [],
    );
    return {
      ...(Object.keys($set).length > 0 && { $set }),
      ...(gone.length > 0 && { $unset: Object.fromEntries(gone) }),
    };
  }

  /** What matches the document as long as it is what it was. */
  #unchanged(document: Document): Document {
    const { fields, version } = this.schema;
    const { mongodb } = this.layout;
    const all = [...fields.map(({ column }) => column), EXPIRES];
    const large = version !== undefined && mongodb.BSON.calculateObjectSize(document) > LARGE;
    const columns = large ? [fields[version]!.column] : all;
    return {
      _id: document._id,
      ...Object.fromEntries(
        columns.map((column) => [
          column,
          document[column] === undefined ? { $exists: false } : { $eq: document[column] },
        ]),
      ),
    };
  }
}

/** The numbers to which an amount can be added. */
function within(storage: string, by: number | bigint): readonly [number | bigint, number | bigint] | undefined {
  switch (storage) {
    case 'bigint': {
      const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
      const amount = BigInt(by);
      if (BigInt.asIntN(64, amount) !== amount) return undefined;
      return amount < 0n ? [least - amount, most] : [least, most - amount];
    }
    case 'integer': {
      const amount = Number(by);
      const [least, most] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
      return amount < 0 ? [least - amount, most] : [least, most - amount];
    }
    case 'number':
      return Math.abs(Number(by)) <= FAR ? [-FAR, FAR] : undefined;
    default:
      return undefined;
  }
}

/** What is thrown where others changed it before each try. */
export function changedAllTheTime({ mongodb }: OpenMongo): Error {
  return new mongodb.MongoServerError({ message: 'others changed it each time it was tried', code: 112 });
}
