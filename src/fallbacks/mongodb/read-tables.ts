import type { Entry, Query } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { atOnce } from '../at-once.js';
import type { Table } from './entity-home.js';
import { inSnapshot, type OpenMongo, type Within } from './open-mongo.js';
import { Rows } from './rows.js';

type Entries = ReadonlyMap<string, Entry>;

// So many collections are asked at once.
export const AT_ONCE = 10;
const FEW_TRIES = 3;

/** Who reads the entries of a table. */
export const readsOf = (table: Table) => (table instanceof Rows ? table : table.reads);

/** The entries of keys, by their ids, where they lie in several collections: as they were at one time, where the server can. */
export async function readTables(
  mongo: OpenMongo,
  tables: ReadonlyMap<Table, readonly Key[]>,
  query: Query,
): Promise<Entries> {
  if (tables.size > 1 && mongo.transactions)
    for (let tries = 0; tries < FEW_TRIES; tries++) {
      const found = await inSnapshot(mongo, (within) => readWithin(tables, query, within));
      if (found) return found;
    }
  const parts = await atOnce([...tables], ([table, keys]) => readsOf(table).read(keys, query), AT_ONCE);
  return together(parts);
}

/** `undefined` where a change that was begun without transactions had to be finished first. */
async function readWithin(
  tables: ReadonlyMap<Table, readonly Key[]>,
  query: Query,
  within: Within,
): Promise<Entries | undefined> {
  const parts: Entries[] = [];
  for (const [table, keys] of tables) {
    const part = await readsOf(table).readWithin(keys, query, within);
    if (!part) {
      await readsOf(table).read(keys, query);
      return undefined;
    }
    parts.push(part);
  }
  return together(parts);
}

const together = (parts: readonly Entries[]): Entries =>
  parts.length === 1 ? parts[0]! : new Map(parts.flatMap((part) => [...part]));
