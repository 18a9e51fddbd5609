import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, HashForm, RowChange } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { entryOf, otherType, type Raw } from './raw.js';

/** One key's part of a write. */
export interface Step {
  /** Of the script. */
  readonly args: readonly string[];
  /** Whether it needs no memory. */
  readonly frees: boolean;
  /** Whether other processes may keep the entry, and are told. */
  readonly tells: boolean;
}

/** Whether what a change makes does not depend on the value that is there. */
export function isBlind(change: RowChange): boolean {
  return change.type === 'delete' || (change.type === 'put' && typeof change.expect !== 'object');
}

/** Whether processes keep entries of the schema beside the store. */
export const isKept = (schema: Schema): boolean => schema.cache !== undefined;

/** One key of a write that has been thought through on what was read. */
export class Draft {
  readonly schema: Schema;
  readonly key: string;
  readonly #raw: Raw;
  #entry: Entry | null;
  #replaced = false;
  #parsed = false;

  constructor(schema: Schema, key: string, raw: Raw) {
    this.schema = schema;
    this.key = key;
    this.#raw = raw;
    this.#entry = raw === null ? null : { value: undefined };
  }

  /** What the change makes of the entry as the changes before left it. @throws CorruptEntryError */
  apply(change: RowChange) {
    if (!isBlind(change) && !this.#parsed && !this.#replaced) {
      this.#entry = entryOf(this.schema, this.key, undefined, this.#raw);
      this.#parsed = true;
    }
    const outcome = this.schema.kind.apply(this.schema, this.#entry, change);
    if (outcome.status === 'done') {
      this.#entry = outcome.entry;
      if (change.type === 'put' || change.type === 'delete') this.#replaced = true;
    }
    return outcome;
  }

  /** What must still be there, and what to make of it. */
  step(): Step {
    const change = this.#change();
    return { args: [...this.#check(), ...change], frees: change.length === 1, tells: isKept(this.schema) };
  }

  #check(): string[] {
    const raw = this.#raw;
    if (raw === null) return ['absent'];
    if ('type' in raw) return ['-'];
    const { redis } = this.schema.kind;
    if (redis.type === 'string') return ['is', raw.texts[0]!];
    if (redis.type !== 'hash') throw new Error(`a ${redis.type} is to come`);
    const names = redis.fields(this.schema, undefined);
    return ['same', String(names.length), ...names, ...raw.texts.map((text) => (text === null ? '' : `=${text}`))];
  }

  #change(): string[] {
    if (this.#entry === null) return [this.#raw === null ? 'keep' : 'delete'];
    const { redis } = this.schema.kind;
    if (this.#replaced || redis.type !== 'hash') return putArgs(this.schema, this.#entry);
    return this.#setArgs(redis, this.#entry);
  }

  /** Only what differs, so that fields which another version of the class has stay. */
  #setArgs(form: HashForm, entry: Entry): string[] {
    const raw = this.#raw;
    if (raw === null || 'type' in raw) throw otherType(this.schema, this.key, raw?.type ?? 'none');
    const names = form.fields(this.schema, undefined);
    const texts = form.format(this.schema, entry.value);
    const after = new Map<string, string>();
    for (let at = 0; at < texts.length; at += 2) after.set(texts[at]!, texts[at + 1]!);
    const set: string[] = [];
    const removed: string[] = [];
    names.forEach((name, at) => {
      const text = after.get(name);
      if (text === undefined) {
        if (raw.texts[at] !== null) removed.push(name);
      } else if (text !== raw.texts[at]) set.push(name, text);
    });
    if (set.length + removed.length === 0) return ['keep'];
    return ['set', String(set.length), ...set, String(removed.length), ...removed];
  }
}

/** The arguments that make the entry what it is to be. */
export function putArgs(schema: Schema, { value, expiresAt }: Entry): string[] {
  const { redis } = schema.kind;
  const until = expiresAt === undefined ? '' : String(Math.min(Math.max(Math.floor(expiresAt), 1), 2 ** 52));
  if (redis.type === 'string') return ['text', until, redis.format(schema, value)];
  if (redis.type !== 'hash') throw new Error(`a ${redis.type} is to come`);
  const texts = redis.format(schema, value);
  return ['put', until, String(texts.length), ...texts];
}

/** Applies all changes to what was read, in their order; `names` says which draft each is about. */
export function think(
  changes: readonly KeyedChange[],
  names: readonly string[],
  drafts: ReadonlyMap<string, Draft>,
): WriteResult {
  const outcomes: Done[] = [];
  for (const [index, { change }] of changes.entries()) {
    const outcome = drafts.get(names[index]!)!.apply(change as RowChange);
    if (outcome.status !== 'done') return { done: false, index, outcome };
    outcomes.push(outcome);
  }
  return { done: true, outcomes };
}
