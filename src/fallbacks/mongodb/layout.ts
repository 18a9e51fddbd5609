import type { Document } from 'mongodb';
import { CorruptEntryError, ValidationError } from '../../core/errors.js';
import { keyOf } from '../../core/key-text.js';
import type { Entry } from '../../core/kind.js';
import { CorruptPlain, type Plain } from '../../core/plain.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { fromBson, type Mongodb, toBson } from './values.js';

/** When an entry ends; the server deletes it some time later. */
export const EXPIRES = '_expires_at';

const LARGEST = 16 * 1024 * 1024;
// No character has more bytes than this for each of its code units, and no other value as many.
const MOST_BYTES = 3;

/** How an entity lies in documents: its key in `_id`, each field under its column's name. */
export class Layout {
  readonly schema: Schema;
  readonly mongodb: Mongodb;
  /** What a read of some fields asks for. */
  readonly #projections = new Map<string, Document>();

  /** The parts that all its keys begin with, and its documents do not have: they are in the collection's name. */
  readonly #first: Key['parts'];
  readonly #keys: Schema['keys'];

  constructor(schema: Schema, mongodb: Mongodb, first: Key['parts'] = []) {
    this.schema = schema;
    this.mongodb = mongodb;
    this.#first = first;
    this.#keys = schema.keys.slice(first.length);
  }

  /** What the key is as `_id`: one part itself, several a document of them in their order. */
  id({ parts: all }: Key): unknown {
    const parts = all.slice(this.#first.length);
    const keys = this.#keys;
    if (keys.length === 1) return toBson(this.mongodb, keys[0]!.storage, parts[0]!);
    return Object.fromEntries(
      keys.map(({ column, storage }, at) => [column, toBson(this.mongodb, storage, parts[at]!)]),
    );
  }

  /** The key of an `_id`. @throws CorruptEntryError */
  key(id: unknown): Key {
    const keys = this.#keys;
    return this.#read(String(id), () => {
      const stored = (keys.length === 1 ? [id] : Object.values((id ?? {}) as object)) as unknown[];
      if (stored.length !== keys.length) throw new CorruptPlain('its _id is no key of the entity');
      const parts = keys.map(({ storage }, at) => {
        const part = fromBson(storage, stored[at] ?? null);
        if (part === null) throw new CorruptPlain('its _id is no key of the entity');
        return part;
      });
      return keyOf([...this.#first, ...parts]);
    });
  }

  /** The document of an entry. @throws ValidationError for one that is too large */
  document(key: Key, { value, expiresAt }: Entry): Document {
    const document: Document = { _id: this.id(key), ...this.fields((value as Row).entries()) };
    if (expiresAt !== undefined) document[EXPIRES] = new Date(expiresAt);
    this.checkSize(document, value as Row);
    return document;
  }

  /** Those fields that are not absent. */
  fields(values: Iterable<readonly [index: number, plain: Plain | undefined]>): Document {
    const fields: Document = {};
    for (const [index, plain] of values) {
      const { column, storage } = this.schema.fields[index]!;
      if (plain !== undefined) fields[column] = toBson(this.mongodb, storage, plain);
    }
    return fields;
  }

  /** @throws ValidationError for what no document can hold */
  checkSize(document: Document, plains: Iterable<Plain | undefined>): void {
    let most = 10_000;
    for (const plain of plains)
      if (typeof plain === 'string' || plain instanceof Uint8Array) most += plain.length * MOST_BYTES;
    if (most < LARGEST) return;
    const size = this.mongodb.BSON.calculateObjectSize(document);
    if (size > LARGEST)
      throw new ValidationError(
        `${this.schema.target.name} takes ${size} bytes as a document, but MongoDB takes at most ${LARGEST}; nothing was written. Store less, or in several entities.`,
      );
  }

  /** The entry of a document. @throws CorruptEntryError */
  entry(key: Key, document: Document): Entry {
    const value = this.#read(key.id, () =>
      this.schema.fields.map(({ column, storage }) => {
        const stored: unknown = Object.hasOwn(document, column) ? document[column] : undefined;
        return stored === undefined ? undefined : fromBson(storage, stored);
      }),
    );
    return entryOf(value, document);
  }

  /** What a read asks for; `undefined` for all. */
  projection(query: unknown): Document | undefined {
    if (query === undefined) return undefined;
    const name = (query as readonly number[]).join();
    let found = this.#projections.get(name);
    if (!found) {
      const columns = (query as readonly number[]).map((index) => this.schema.fields[index]!.column);
      found = Object.fromEntries([EXPIRES, ...columns].map((column) => [column, 1]));
      this.#projections.set(name, found);
    }
    return found;
  }

  #read<T>(id: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CorruptPlain)) throw error;
      throw new CorruptEntryError(this.schema.name, JSON.stringify(id), error.message, { cause: error });
    }
  }
}

/** An entry of a value and the document that says when it ends. */
export function entryOf(value: unknown, document: Document): Entry {
  const end: unknown = document[EXPIRES];
  return end instanceof Date ? { value, expiresAt: end.getTime() } : { value };
}

/** The document under an `_id`, where it has not ended. */
export const live = (id: unknown, now: number): Document => ({ _id: id, [EXPIRES]: { $not: { $lte: new Date(now) } } });
