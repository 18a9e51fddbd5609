import { CorruptEntryError } from '../../index.js';
import { Context, type ContextData } from '../context.js';
import { type ContextId, wholeNumber } from '../context-id.js';
import type { ContextJson } from '../context-json.js';
import { userKey } from '../user-key.js';
import type { Head } from './backend.js';
import { contextWith, snapshotOf } from './snapshot.js';
import type { TurnItem } from './turn-item.js';

/** A context in a JSON file: as the engine writes it, with what it does not look at. */
export type FileContext = ContextJson & {
  readonly holdfast?: {
    readonly version: number;
    readonly mark?: number;
    readonly until?: number;
    readonly turnsUntil?: number;
    readonly bigint?: true;
  };
};

/** A context of a JSON file, in parts. */
export interface FileEntry {
  readonly head: Head;
  readonly items: readonly TurnItem[];
  /** When it expires, in milliseconds since 1970. */
  readonly until: number | undefined;
}

/** @throws CorruptEntryError */
export function entryOf(user: string, document: FileContext): FileEntry {
  try {
    const { holdfast, ...json } = document;
    const context = Context.cast({ ...json, id: exactId(user, document) } as ContextData);
    const { items, ...rest } = snapshotOf(context, user);
    // What Python wrote has no version: it is one that was written once.
    const version = holdfast?.version ?? 1;
    const last = items.at(-1)?.turn ?? -1;
    const head = {
      ...rest,
      user,
      version,
      turns: items.length,
      last,
      mark: items.length === 0 ? 0 : (holdfast?.mark ?? version),
      turnsUntil: holdfast?.turnsUntil ?? null,
      archived: 0,
      part: 0,
    };
    return { head, items, until: holdfast?.until };
  } catch (cause) {
    throw new CorruptEntryError('Context', user, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Who has the key, in a file of contexts by user; only of a long or odd id that is not the key itself. */
export function usersOf(contexts: ReadonlyMap<string, unknown>, key: string): string[] {
  if (contexts.has(key) && userKey(key) === key) return [key];
  return key.startsWith('#') ? [...contexts.keys()].filter((user) => userKey(user) === key) : [];
}

// JSON.parse has rounded what Python wrote in digits; what was a bigint here is written as a text.
function exactId(user: string, { id, holdfast }: FileContext): ContextId {
  const isRounded = typeof id === 'number' && !Number.isSafeInteger(id);
  if (isRounded && /^-?\d+$/.test(user)) return wholeNumber(user);
  return holdfast?.bigint ? BigInt(id) : id;
}

/** A context as it goes into the file. */
export function documentOf({ head, items, until }: FileEntry): FileContext {
  return {
    ...contextWith(head, items).toJSON(),
    holdfast: {
      version: head.version,
      mark: head.mark,
      ...(head.turnsUntil !== null && { turnsUntil: head.turnsUntil }),
      ...(until !== undefined && { until }),
      ...(typeof head.contextId === 'bigint' && { bigint: true }),
    },
  };
}
