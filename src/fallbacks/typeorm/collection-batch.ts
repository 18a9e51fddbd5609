import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { CollectionChange, Done } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { type Head, wanted } from './heads.js';
import { type CollectionTable, isCollectionTable, type RemoteTable } from './remote-table.js';
import type { Session } from './sessions.js';

/** One collection in a transaction, and the changes of it by their indexes. */
interface Changing {
  readonly key: Key;
  readonly changes: [index: number, change: CollectionChange][];
  head: Head | undefined;
}

/** The collections that a transaction changes. */
export type Collections = Map<CollectionTable, Changing[]>;

/** A write that is undone, and why. */
export type Refused = Extract<WriteResult, { done: false }>;

/** The order in which keys are locked. */
export const byId = (a: { key: Key }, b: { key: Key }): number =>
  a.key.id < b.key.id ? -1 : a.key.id > b.key.id ? 1 : 0;

export function collectionsOf(changes: readonly KeyedChange[], tableOf: (schema: Schema) => RemoteTable): Collections {
  const found = new Map<CollectionTable, Map<string, Changing>>();
  for (const [index, { schema, key, change }] of changes.entries()) {
    const table = tableOf(schema);
    if (!isCollectionTable(table)) continue;
    const ofTable = getOrMake(found, table, () => new Map<string, Changing>());
    const ofKey = getOrMake(ofTable, key.id, () => ({ key, changes: [], head: undefined }));
    ofKey.changes.push([index, change as CollectionChange]);
  }
  return new Map([...found].map(([table, keys]) => [table, [...keys.values()].sort(byId)]));
}

export async function lockCollections(
  session: Session,
  table: CollectionTable,
  all: readonly Changing[],
): Promise<void> {
  const asked = all.map(({ key, changes }) =>
    wanted(
      table.schema,
      key,
      changes.map(([, change]) => change),
    ),
  );
  const heads = await table.lockHeads(session, asked);
  for (const [at, one] of all.entries()) one.head = heads[at];
}

/**
 * Makes the changes of the collections of one table, but none that comes after one that is refused; returns the first of those
 * that cannot be made.
 */
export async function changeCollections(
  session: Session,
  table: CollectionTable,
  all: readonly Changing[],
  outcomes: Done[],
  before: Refused | undefined,
): Promise<Refused | undefined> {
  let refused = before;
  for (const { changes, head } of all)
    for (const [index, change] of changes) {
      if (refused && index > refused.index) break;
      const outcome = await table.change(session, head!, change);
      if (outcome.status !== 'done') {
        refused = { done: false, index, outcome };
        break;
      }
      outcomes[index] = outcome;
    }
  return refused;
}
