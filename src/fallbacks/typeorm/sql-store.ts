import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Page } from './remote-table.js';

/** A database that has been opened, with the tables of its entities. @throws StoreFault, ValidationError */
export interface SqlStore {
  read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]>;
  write(changes: readonly KeyedChange[]): Promise<WriteResult>;
  page(schema: Schema, after: Key | undefined, limit: number): Promise<readonly Page[]>;
  count(schema: Schema): Promise<number>;
  /** Removes some of what has expired; how many. */
  sweep(schema: Schema, limit: number): Promise<number>;
}
