import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Done, Entry, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { byId, changeCollections, collectionsOf, lockCollections, type Refused } from './collection-batch.js';
import { isCollection } from './member-parts.js';
import { isCollectionTable, type KeyedEntry, type RemoteTable, type RowTable } from './remote-table.js';
import { Refusal, type Session } from './sessions.js';

/** One key in a transaction: what it holds in the course of it. */
interface State {
  readonly key: Key;
  /** Whether what it holds has to be known before the changes. */
  readonly read: boolean;
  entry: Entry | null;
  held: boolean;
  /** Index of its last change. */
  last: number;
}

type States = Map<RowTable, Map<string, State>>;

/** Undoes the transaction, without being an error. */
class NotDone extends Error {
  constructor(readonly result: Refused) {
    super('not done');
  }
}

const putsAnyway = ({ change }: KeyedChange): boolean =>
  change.type === 'put' && (change as Extract<RowChange, { type: 'put' }>).expect === undefined;

/**
 * Makes all changes in one transaction, or none: locks and reads what has to be known, lets the kinds say what the changes
 * make of it, and writes what has changed.
 */
export async function writeTogether(
  session: Session,
  changes: readonly KeyedChange[],
  tableOf: (schema: Schema) => RemoteTable,
): Promise<WriteResult> {
  try {
    return await session.transaction(
      async () => {
        const states = statesOf(changes, tableOf);
        const collections = collectionsOf(changes, tableOf);
        // Everybody locks in this order, so that few wait for each other in a circle.
        const tables = [...states.keys(), ...collections.keys()].sort((a, b) =>
          a.schema.name < b.schema.name ? -1 : 1,
        );
        for (const table of tables)
          if (isCollectionTable(table)) await lockCollections(session, table, collections.get(table)!);
          else await lock(session, table as RowTable, states.get(table as RowTable)!);
        const outcomes: Done[] = [];
        let refused = applyAll(changes, states, tableOf, outcomes);
        for (const table of tables) {
          if (isCollectionTable(table))
            refused = (await changeCollections(session, table, collections.get(table)!, outcomes, refused)) ?? refused;
          else if (!refused) await writeTable(session, table as RowTable, states.get(table as RowTable)!, outcomes);
        }
        if (refused) throw new NotDone(refused);
        return { done: true, outcomes };
      },
      changes.some(({ schema }) => isCollection(schema)),
    );
  } catch (error) {
    if (error instanceof NotDone) return error.result;
    throw error;
  }
}

function statesOf(changes: readonly KeyedChange[], tableOf: (schema: Schema) => RemoteTable): States {
  const states: States = new Map();
  changes.forEach((keyed, index) => {
    const table = tableOf(keyed.schema) as RowTable;
    if (isCollectionTable(table)) return;
    const read = table.readsBeforePut || !putsAnyway(keyed);
    const made: State = { key: keyed.key, read, entry: null, held: false, last: index };
    getOrMake(
      getOrMake(states, table, () => new Map<string, State>()),
      keyed.key.id,
      () => made,
    ).last = index;
  });
  return states;
}

async function lock(session: Session, table: RowTable, keys: Map<string, State>): Promise<void> {
  const read = [...keys.values()].filter((state) => state.read).sort(byId);
  if (read.length === 0) return;
  const locked = await table.lock(
    session,
    read.map(({ key }) => key),
  );
  for (const [at, state] of read.entries()) Object.assign(state, locked[at]!);
}

/** Lets the kinds of rows say what comes of the changes, as far as they can be made; the first that cannot be is returned. */
function applyAll(
  changes: readonly KeyedChange[],
  states: States,
  tableOf: (schema: Schema) => RemoteTable,
  outcomes: Done[],
): Refused | undefined {
  for (const [index, { schema, key, change }] of changes.entries()) {
    const state = states.get(tableOf(schema) as RowTable)?.get(key.id);
    if (!state) continue;
    const outcome = schema.kind.apply(schema, state.entry, change);
    if (outcome.status !== 'done') return { done: false, index, outcome };
    state.entry = outcome.entry;
    outcomes[index] = outcome;
  }
  return undefined;
}

/** Writes what one table has become. `outcomes` learn what the database made of their entries. */
async function writeTable(
  session: Session,
  table: RowTable,
  keys: Map<string, State>,
  outcomes: Done[],
): Promise<void> {
  const states = [...keys.values()].sort(byId);
  const removed = states.filter(({ entry, held }) => entry === null && held);
  const fresh = states.filter(({ entry, held, read }) => entry !== null && read && !held);
  const rest = states.filter(({ entry, held, read }) => entry !== null && !(read && !held));
  const keyed = (some: readonly State[]) => some.map(({ key, entry }): KeyedEntry => ({ key, entry: entry! }));
  const learn = (some: readonly State[], became: readonly Entry[] | boolean | undefined) => {
    if (!Array.isArray(became)) return;
    some.forEach(({ last }, at) => {
      outcomes[last] = { ...outcomes[last]!, entry: became[at] as Entry };
    });
  };
  if (removed.length > 0)
    await table.remove(
      session,
      removed.map(({ key }) => key),
    );
  if (rest.length > 0) learn(rest, await table.put(session, keyed(rest)));
  if (fresh.length > 0) {
    const inserted = await table.insert(session, keyed(fresh));
    // Others have put there what was found absent: look again.
    if (inserted === false) throw new Refusal('retry', new Error('others wrote at the same time'));
    learn(fresh, inserted);
  }
}
