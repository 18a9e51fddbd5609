import type { AnyBulkWriteOperation, ClientSession, Document } from 'mongodb';
import type { KeyedChange } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Done, Entry, Outcome, RowChange } from '../../core/kind.js';
import type { Key, Row } from '../../core/schema.js';
import { EXPIRES } from './layout.js';
import type { Rows } from './rows.js';

/** The first change that cannot be made. */
export interface NotDone {
  readonly done: false;
  readonly index: number;
  readonly outcome: Exclude<Outcome, Done>;
}

/** One key in the course of a batch. */
interface State {
  readonly rows: Rows;
  readonly key: Key;
  /** Whether what is there counts. */
  looks: boolean;
  found: Document | undefined;
  entry: Entry | null;
  /** Whether it is another document than the one that was found. */
  replaced: boolean;
}

/** Rows that are changed together: read at once, thought through, and written at once. */
export class RowBatch {
  readonly #states = new Map<Rows, Map<string, State>>();
  readonly #session: ClientSession;
  readonly #now: number;

  constructor(session: ClientSession, now: number) {
    this.#session = session;
    this.#now = now;
  }

  /** Reads what the changes need, one round trip an entity. */
  async read(changes: readonly (readonly [rows: Rows, change: KeyedChange])[]): Promise<void> {
    for (const [rows, { key, change }] of changes) {
      const state = this.#state(rows, key);
      state.looks ||= change.type !== 'put' || (change as RowChange & { type: 'put' }).expect !== undefined;
    }
    for (const [rows, states] of this.#states) {
      const looking = [...states.values()].filter(({ looks }) => looks);
      if (looking.length === 0) continue;
      const found = await rows.found(
        looking.map(({ key }) => key),
        { session: this.#session },
      );
      for (const state of looking) {
        state.found = found.get(state.key.id);
        const entry = state.found && rows.layout.entry(state.key, state.found);
        state.entry = entry && (entry.expiresAt === undefined || entry.expiresAt > this.#now) ? entry : null;
      }
    }
  }

  #state(rows: Rows, key: Key): State {
    return getOrMake(
      getOrMake(this.#states, rows, () => new Map<string, State>()),
      key.id,
      () => ({ rows, key, looks: false, found: undefined, entry: null, replaced: false }),
    );
  }

  /** What the kind makes of what the changes before have left. */
  apply(rows: Rows, { schema, key, change }: KeyedChange): Outcome {
    const state = this.#state(rows, key);
    const outcome = schema.kind.apply(schema, state.entry, change);
    if (outcome.status === 'done') {
      state.entry = outcome.entry;
      state.replaced ||= change.type === 'put' || change.type === 'delete';
    }
    return outcome;
  }

  /** Writes what has come of it, one bulk write an entity. */
  async write(): Promise<void> {
    for (const [rows, states] of this.#states) {
      const operations = [...states.values()].flatMap((state) => operationOf(state));
      if (operations.length > 0) await rows.collection.bulkWrite(operations, { session: this.#session, ordered: true });
    }
  }
}

function operationOf({ rows, key, looks, found, entry, replaced }: State): AnyBulkWriteOperation<Document>[] {
  const filter = { _id: rows.layout.id(key) } as Document;
  if (entry === null) return looks && !found ? [] : [{ deleteOne: { filter } }];
  if (replaced || !found) {
    const { _id, ...replacement } = rows.layout.document(key, entry);
    return [{ replaceOne: { filter, replacement, upsert: true } }];
  }
  const before = rows.layout.entry(key, found).value as Row;
  const update = rows.differences(before, entry.value as Row);
  return update ? [{ updateOne: { filter, update } }] : [];
}

/** Whether a document has ended. */
export const hasEnded = (document: Document, now: number): boolean => {
  const end: unknown = document[EXPIRES];
  return end instanceof Date && end.getTime() <= now;
};
