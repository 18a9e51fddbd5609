import { calculateObjectSize } from 'bson';
import { isOperators, matches } from './filter.js';
import { compareValues, type Doc, identityOf, valueAt } from './order.js';
import { Refused, writeConflict } from './refused.js';

const LARGEST = 16 * 1024 * 1024;
// So long old versions are kept for readers of a snapshot, in milliseconds.
const HISTORY = 10_000;

/** A document as it was from a time on; `null` where it was deleted. */
interface Version {
  readonly time: number;
  readonly at: number;
  readonly doc: Doc | null;
}

/** An index of a collection, as `createIndexes` describes it. */
export interface Index {
  readonly name: string;
  readonly key: Readonly<Record<string, number>>;
  readonly unique: boolean;
  readonly expireAfterSeconds: number | undefined;
  /** By the first field: all that ever had a value, so that few documents are looked at. */
  readonly places: Map<string, Set<string>>;
}

/** All documents of one collection, with their history. */
export interface Collection {
  readonly name: string;
  readonly options: Doc;
  /** Whether it was made without anything in it. */
  readonly made?: boolean;
  readonly documents: Map<string, Version[]>;
  readonly indexes: Map<string, Index>;
}

/** What a command sees: the committed documents of a time, and what its own transaction has written. */
export interface View {
  /** `undefined` for the latest. */
  readonly time: number | undefined;
  readonly transaction: Transaction | undefined;
}

/** A transaction with its uncommitted documents. */
export class Transaction {
  readonly snapshot: number;
  readonly writes = new Map<Collection, Map<string, Doc | null>>();
  /** Fulfilled when it ends. */
  readonly ended: Promise<void>;
  #end = () => {};

  constructor(snapshot: number) {
    this.snapshot = snapshot;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  end(): void {
    this.#end();
  }
}

/** What the server holds: snapshots as of any time, and transactions of which the first writer wins. */
export class Storage {
  readonly collections = new Map<string, Collection>();
  readonly open = new Set<Transaction>();
  #time = 1;

  get time(): number {
    return this.#time;
  }

  collection(namespace: string): Collection {
    let found = this.collections.get(namespace);
    if (!found) {
      found = { name: namespace, options: {}, documents: new Map(), indexes: new Map() };
      this.collections.set(namespace, found);
    }
    return found;
  }

  begin(): Transaction {
    const transaction = new Transaction(this.#time);
    this.open.add(transaction);
    return transaction;
  }

  commit(transaction: Transaction): void {
    this.#time++;
    for (const [collection, writes] of transaction.writes)
      for (const [id, doc] of writes) this.#keep(collection, id, doc);
    this.abort(transaction);
  }

  abort(transaction: Transaction): void {
    this.open.delete(transaction);
    transaction.writes.clear();
    transaction.end();
  }

  /** The document with this identity. */
  get(collection: Collection, id: string, view: View): Doc | null {
    const own = view.transaction?.writes.get(collection)?.get(id);
    if (own !== undefined) return own;
    const versions = collection.documents.get(id);
    const time = view.transaction?.snapshot ?? view.time;
    if (time === undefined) return versions?.at(-1)?.doc ?? null;
    return versions?.findLast((version) => version.time <= time)?.doc ?? null;
  }

  /** The identities of the documents that a filter asks for, in the order wanted. */
  find(collection: Collection, filter: Doc, view: View, sort: Readonly<Record<string, number>> = {}): string[] {
    const order = Object.entries(sort);
    const found: { readonly id: string; readonly by: readonly unknown[] }[] = [];
    const other = beyondIds(filter);
    for (const id of this.#candidates(collection, filter, view)) {
      const doc = this.get(collection, id, view);
      if (doc && matches(doc, other)) found.push({ id, by: order.map(([path]) => valueAt(doc, path)) });
    }
    if (order.length > 0)
      found.sort((a, b) => {
        for (const [at, [, direction]] of order.entries()) {
          const step = compareValues(a.by[at], b.by[at]);
          if (step !== 0) return step * direction;
        }
        return 0;
      });
    return found.map(({ id }) => id);
  }

  *#candidates(collection: Collection, filter: Doc, view: View): Iterable<string> {
    const ids = wantedOf(filter._id);
    if (ids) {
      yield* new Set(ids.map(identityOf));
      return;
    }
    const own = view.transaction?.writes.get(collection)?.keys() ?? [];
    for (const { key, places } of collection.indexes.values()) {
      const wanted = wantedOf(filter[Object.keys(key)[0]!]);
      if (!wanted) continue;
      yield* new Set([...wanted.flatMap((value) => [...(places.get(identityOf(value)) ?? [])]), ...own]);
      return;
    }
    yield* new Set([...collection.documents.keys(), ...own]);
  }

  /** The transaction of others that has written a document, and not ended. */
  holder(collection: Collection, id: string, mine: Transaction | undefined): Transaction | undefined {
    for (const other of this.open) if (other !== mine && other.writes.get(collection)?.has(id)) return other;
    return undefined;
  }

  /** Writes a document, or deletes it. Nobody else may hold it. @throws Refused */
  put(collection: Collection, id: string, doc: Doc | null, view: View): void {
    const { transaction } = view;
    if (doc) this.#check(collection, id, doc, view);
    if (!transaction) {
      this.#time++;
      this.#keep(collection, id, doc);
      return;
    }
    if (this.holder(collection, id, transaction)) throw writeConflict();
    const latest = collection.documents.get(id)?.at(-1);
    if (latest && latest.time > transaction.snapshot) throw writeConflict();
    let writes = transaction.writes.get(collection);
    if (!writes) {
      writes = new Map();
      transaction.writes.set(collection, writes);
    }
    writes.set(id, doc);
  }

  #check(collection: Collection, id: string, doc: Doc, view: View): void {
    const size = calculateObjectSize(doc);
    if (size > LARGEST)
      throw new Refused(
        10334,
        'BSONObjectTooLarge',
        `BSONObj size: ${size} is invalid. Size must be between 0 and 16793600(16MB)`,
      );
    for (const index of collection.indexes.values()) {
      if (!index.unique) continue;
      const filter = Object.fromEntries(
        Object.keys(index.key).map((path) => [path, { $eq: valueAt(doc, path) ?? null }]),
      );
      if (this.find(collection, filter, view).some((other) => other !== id))
        throw duplicate(collection, index.name, index.key, filter);
    }
  }

  #keep(collection: Collection, id: string, doc: Doc | null): void {
    const now = Date.now();
    const versions = collection.documents.get(id) ?? [];
    const old = versions.findLastIndex(({ at }) => at < now - HISTORY);
    const oldest = Math.min(...[...this.open].map(({ snapshot }) => snapshot));
    const kept = versions.slice(
      Math.max(
        0,
        Math.min(
          old,
          versions.findLastIndex(({ time }) => time <= oldest),
        ),
      ),
    );
    collection.documents.set(id, [...kept, { time: this.#time, at: now, doc }]);
    if (doc) for (const index of collection.indexes.values()) place(index, id, doc);
  }
}

/** Notes where a document is in an index. */
export function place({ key, places }: Index, id: string, doc: Doc): void {
  const value = identityOf(valueAt(doc, Object.keys(key)[0]!));
  const found = places.get(value);
  if (found) found.add(id);
  else places.set(value, new Set([id]));
}

/** What a filter asks for beside ids that it names: who looks under these finds no others. */
export function beyondIds(filter: Doc): Doc {
  const { _id, ...rest } = filter;
  return wantedOf(_id) ? rest : filter;
}

/** The values that a condition asks for, where it asks for some. */
function wantedOf(condition: unknown): readonly unknown[] | undefined {
  if (condition === undefined) return undefined;
  if (!isOperators(condition)) return [condition];
  if (Object.hasOwn(condition, '$eq')) return [condition.$eq];
  return Array.isArray(condition.$in) ? condition.$in : undefined;
}

/** What a second document with one key is answered with. */
export function duplicate({ name }: Collection, index: string, keyPattern: Doc, keyValue: Doc): Refused {
  return new Refused(11000, 'DuplicateKey', `E11000 duplicate key error collection: ${name} index: ${index} dup key`, {
    details: { keyPattern, keyValue },
  });
}
