import { calculateObjectSize } from 'bson';
import { type Call, snapshotOf } from './commands.js';
import { matches } from './filter.js';
import type { Doc } from './order.js';
import { Unknown } from './order.js';
import { Refused } from './refused.js';
import type { Collection, Storage, View } from './storage.js';
import { docOf } from './update.js';

const FIRST = 101;
const LARGEST_ANSWER = 16 * 1024 * 1024;

interface Cursor {
  readonly collection: Collection;
  readonly ids: readonly string[];
  readonly filter: Doc;
  readonly projection: Doc | undefined;
}

/**
 * Answers that come in parts. Only a snapshot stays as it was: any other cursor gives each document as it is when its part
 * is asked for, as a server does that looks at them one after the other.
 */
export class Cursors {
  readonly #storage: Storage;
  readonly #open = new Map<string, Cursor & { readonly view: View }>();
  #last = 0n;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get size(): number {
    return this.#open.size;
  }

  start({ body, view }: Call, cursor: Cursor): Doc {
    const single = body.singleBatch === true || Number(body.limit ?? 0) < 0;
    const size = body.batchSize === undefined ? FIRST : Number(body.batchSize);
    return this.#part({ ...cursor, view }, single ? Number.POSITIVE_INFINITY : size, 'firstBatch', `${++this.#last}`);
  }

  more({ body, view }: Call): Doc {
    const id = String(body.getMore);
    const cursor = this.#open.get(id);
    if (!cursor) throw new Refused(43, 'CursorNotFound', `cursor id ${id} not found`);
    this.#open.delete(id);
    const size = body.batchSize === undefined ? Number.POSITIVE_INFINITY : Number(body.batchSize);
    return this.#part({ ...cursor, view: view.transaction ? view : cursor.view }, size, 'nextBatch', id);
  }

  kill({ body }: Call): Doc {
    const ids = (body.cursors as unknown[]).map(String);
    return { cursorsKilled: ids.filter((id) => this.#open.delete(id)), cursorsNotFound: [] };
  }

  #part(cursor: Cursor & { readonly view: View }, size: number, part: string, id: string): Doc {
    const { collection, ids, filter, projection, view } = cursor;
    const documents: Doc[] = [];
    let at = 0;
    let bytes = 0;
    // What came between may have changed them.
    const moving = part === 'nextBatch' && view.time === undefined && !view.transaction;
    for (; at < ids.length && documents.length < size && bytes < LARGEST_ANSWER; at++) {
      const found = this.#storage.get(collection, ids[at]!, view);
      if (!found || (moving && !matches(found, filter))) continue;
      documents.push(projected(found, projection));
      bytes += calculateObjectSize(found);
    }
    const rest = ids.slice(at);
    if (rest.length > 0) this.#open.set(id, { ...cursor, ids: rest });
    return {
      cursor: { [part]: documents, id: rest.length > 0 ? BigInt(id) : 0n, ns: collection.name, ...snapshotOf(view) },
    };
  }
}

function projected(doc: Doc, projection: Doc | undefined): Doc {
  if (!projection || Object.keys(projection).length === 0) return doc;
  const wanted = Object.entries(projection).map(([name, one]) => {
    if (Number(one) !== 1 && !(name === '_id' && Number(one) === 0))
      throw new Unknown('the server has no projection but of fields that are wanted');
    return [name, Number(one) === 1] as const;
  });
  const names = new Set(wanted.flatMap(([name, is]) => (is ? [name] : [])));
  if (!wanted.some(([name, is]) => name === '_id' && !is)) names.add('_id');
  return docOf(new Map(Object.entries(doc).filter(([name]) => names.has(name))));
}
