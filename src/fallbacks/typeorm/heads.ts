import type { CollectionChange, Entry } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import type { CollectionStatements } from './collection-statements.js';
import { chunks } from './parameters.js';
import { Refusal } from './sessions.js';
import type { Steps } from './steps.js';

/** What is known of one collection in a transaction that has it locked. */
export interface Head {
  readonly key: Key;
  /** Whether it is there. */
  live: boolean;
  /** Whether it has a row, which may have expired. */
  held: boolean;
  /** Whether it has just been made, so that nothing is in it. */
  fresh: boolean;
  expiresAt: number | undefined;
}

/** A collection that is about to be changed. */
export interface Wanted {
  readonly key: Key;
  /** Whether a change is about it as a whole; otherwise others may change members of it at the same time. */
  readonly alone: boolean;
  /** Whether a change makes it where it is absent. */
  readonly makes: boolean;
}

const MAX_KEYS = 1_000;

/** What changes of one collection need of it. */
export function wanted(schema: Schema, key: Key, changes: readonly CollectionChange[]): Wanted {
  return {
    key,
    alone: !changes.every(
      ({ type }) => type === 'remove' || (schema.limit === undefined && (type === 'add' || type === 'increment')),
    ),
    makes: changes.some(({ type }) => type === 'add' || type === 'increment' || type === 'push'),
  };
}

/** Locks collections until the transaction ends, in the order given. */
export function* lockHeads(sql: CollectionStatements, all: readonly Wanted[], now: number): Steps<Head[]> {
  const heads: Head[] = [];
  for (let from = 0; from < all.length; ) {
    const { alone } = all[from]!;
    let to = from + 1;
    while (to < all.length && all[to]!.alone === alone) to++;
    for (const part of chunks(all.slice(from, to), MAX_KEYS)) heads.push(...(yield* lockPart(sql, part, alone, now)));
    from = to;
  }
  return heads;
}

function* lockPart(sql: CollectionStatements, part: readonly Wanted[], alone: boolean, now: number): Steps<Head[]> {
  const found = new Map<string, Entry>();
  const keysOf = (some: readonly Wanted[]) => some.map(({ key }) => key);
  if (!alone) yield* readHeads(sql, keysOf(part), found, now);
  // What has to be made is made by one alone.
  const rest = part.filter(({ key, makes }) => (alone || makes) && !found.has(key.id));
  if (rest.length > 0) yield* readHeads(sql, keysOf(rest), found);
  return part.map(({ key }) => {
    const entry = found.get(key.id);
    const live = entry !== undefined && (entry.expiresAt === undefined || entry.expiresAt > now);
    return { key, live, held: entry !== undefined, fresh: false, expiresAt: live ? entry.expiresAt : undefined };
  });
}

/** Reads and locks: with `now` those that live, to share them, else all. */
function* readHeads(
  { heads, layout }: CollectionStatements,
  keys: readonly Key[],
  found: Map<string, Entry>,
  now?: number,
): Steps<void> {
  const { head } = layout;
  const { list, entry } = head.select(undefined);
  const { rows } = yield now === undefined ? heads.selectMany(keys, list, true) : heads.selectShared(keys, list, now);
  for (const values of rows) found.set(head.key(values).id, entry(values.slice(head.keys.length)));
}

/** Makes a collection that is not there, of which one alone has the lock. */
export function* makeHead(sql: CollectionStatements, head: Head, expiresAt: number | undefined): Steps<void> {
  const { key } = head;
  if (head.held) {
    // Members that have expired with it.
    yield sql.clear(key);
    yield sql.setExpiry(key, expiresAt);
  } else {
    const row = [...sql.layout.keyValues(key), expiresAt ?? null];
    yield* insertOr(() => sql.heads.insert([row]), 1);
  }
  Object.assign(head, { live: true, held: true, fresh: true, expiresAt });
}

/** Inserts rows that nobody has put there; where somebody was faster, the transaction has to look again. @throws Refusal */
export function* insertOr(insert: () => ReturnType<CollectionStatements['clear']>, rows: number): Steps<void> {
  let affected: number;
  try {
    ({ affected } = yield insert());
  } catch (error) {
    if (error instanceof Refusal && error.verdict === 'duplicate') throw faster(error);
    throw error;
  }
  if (affected < rows) throw faster(undefined);
}

const faster = (cause: unknown): Refusal => new Refusal('retry', cause ?? new Error('others wrote at the same time'));
