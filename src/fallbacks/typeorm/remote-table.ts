import type { Scanned } from '../../core/fallback-driver.js';
import type { Change, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Piece } from './batch-fast.js';
import type { Head, Wanted } from './heads.js';
import type { Parameters } from './parameters.js';
import type { Session } from './sessions.js';

/** What a key holds, locked until the transaction ends. */
export interface Locked {
  readonly entry: Entry | null;
  /** False where there is no row to lock: others may put one there. */
  readonly held: boolean;
}

export interface KeyedEntry {
  readonly key: Key;
  readonly entry: Entry;
}

/** The statements of one entity on one connection. Keys are given once each. */
export interface RemoteTable {
  readonly schema: Schema;
  read(session: Session, keys: readonly Key[], query: Query): Promise<(Entry | null)[]>;
  /** Makes one change with one statement; `undefined` where that cannot tell what came of it, and nothing was done. */
  one(session: Session, key: Key, change: Change): Promise<Outcome | undefined>;
  /** One change as a part of a statement that makes several; the names of its parts end with `name`. `undefined` where it cannot be one. */
  piece?(name: string, key: Key, change: Change, parameters: Parameters): Piece | undefined;
  /** The next entries in the order of their keys; expired ones are `null`. */
  page(session: Session, after: Key | undefined, limit: number): Promise<readonly Page[]>;
  count(session: Session): Promise<number>;
  /** Removes some of what has expired; how many. */
  sweep(session: Session, limit: number): Promise<number>;
}

/** A table whose entries are one row each. */
export interface RowTable extends RemoteTable {
  /** Whether a put that expects nothing needs to know first what is there. */
  readonly readsBeforePut: boolean;
  /** Reads and locks, in a transaction, in a fixed order. */
  lock(session: Session, keys: readonly Key[]): Promise<Locked[]>;
  /** Puts entries, whatever is there. What it returns is what they became, where the database had a say in it. */
  put(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | undefined>;
  /** Puts entries in one statement that commits; `false` where they do not fit into one, and nothing was done. */
  putTogether(session: Session, entries: readonly KeyedEntry[]): Promise<boolean>;
  /** Puts entries where nothing is; `false` where others were faster. */
  insert(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | boolean>;
  remove(session: Session, keys: readonly Key[]): Promise<void>;
}

/** Tables whose entries are collections, which have a row for each member. */
export interface CollectionTable extends RemoteTable {
  /** Locks collections in a transaction, in the order given. */
  lockHeads(session: Session, wanted: readonly Wanted[]): Promise<Head[]>;
  /** Makes one change of a collection that is locked for it; `head` learns what comes of it. */
  change(session: Session, head: Head, change: Change): Promise<Outcome>;
}

export const isCollectionTable = (table: RemoteTable): table is CollectionTable => 'lockHeads' in table;

/** One row of a page. */
export interface Page {
  readonly key: Key;
  readonly entry: Scanned['entry'] | null;
}
