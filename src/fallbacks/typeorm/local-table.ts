import type { Change, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Page } from './remote-table.js';

/** What keeps the entries of one entity in SQLite, where everything is answered at once. */
export interface LocalTable {
  readonly schema: Schema;
  /** Whether a change that fails has changed nothing. */
  readonly changesAtOnce: boolean;
  read(keys: readonly Key[], query: Query): (Entry | null)[];
  /** Whether `apply` makes this change with one statement. */
  takesOne(change: Change): boolean;
  /** Makes one change, in a transaction where it does not take one statement alone. */
  apply(key: Key, change: Change): Outcome;
  page(after: Key | undefined, limit: number): readonly Page[];
  count(): number;
  /** Removes some of what has expired; how many. */
  sweep(limit: number): number;
}
