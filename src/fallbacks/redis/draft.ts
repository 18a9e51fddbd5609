import type { Change, CollectionForm, Entry, HashForm, Outcome, RowChange, StringForm } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { putMembersArgs, untilText } from './members-steps.js';
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
export function isBlind(change: Change): boolean {
  return change.type === 'delete' || (change.type === 'put' && typeof (change as Put).expect !== 'object');
}

type Put = RowChange & { readonly type: 'put' };

/** Whether processes keep entries of the schema beside the store. */
export const isKept = (schema: Schema): boolean => schema.cache !== undefined;

/** One key of a write that has been thought through on what was read. */
export class Draft {
  readonly schema: Schema;
  readonly key: string;
  readonly #raw: Raw;
  #entry: Entry | null;
  /** As it was read. */
  #found: Entry | null = null;
  #replaced = false;
  #parsed = false;

  constructor(schema: Schema, key: string, raw: Raw) {
    this.schema = schema;
    this.key = key;
    this.#raw = raw;
    this.#entry = raw === null ? null : { value: undefined };
  }

  /** What the change makes of the entry as the changes before left it. @throws CorruptEntryError */
  apply(change: Change): Outcome {
    if (!isBlind(change) && !this.#parsed && !this.#replaced) {
      this.#found = entryOf(this.schema, this.key, undefined, this.#raw);
      this.#entry = this.#found;
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
    return { args: [...this.#check(), ...change], frees: this.#entry === null, tells: isKept(this.schema) };
  }

  #check(): string[] {
    const raw = this.#raw;
    const { redis, structure } = this.schema.kind;
    if (raw === null) return structure === undefined ? ['absent'] : ['members', '', 'none'];
    if ('type' in raw) return ['-'];
    if ('replies' in raw) return ['members', redis.type, 'same', raw.digest!];
    if (redis.type === 'string') return ['is', raw.texts[0]!];
    const names = (redis as HashForm).fields(this.schema, undefined);
    return ['same', String(names.length), ...names, ...raw.texts.map((text) => (text === null ? '' : `=${text}`))];
  }

  #change(): string[] {
    const { redis, structure } = this.schema.kind;
    if (this.#entry === null && this.#raw === null) return ['keep'];
    if (structure !== undefined) return this.#membersArgs(redis as CollectionForm);
    if (this.#entry === null) return ['delete'];
    if (this.#replaced || redis.type !== 'hash') return putArgs(this.schema, this.#entry);
    return this.#setArgs(redis, this.#entry);
  }

  #membersArgs(form: CollectionForm): string[] {
    const { schema } = this;
    const [found, entry] = [this.#found, this.#entry];
    if (entry === null) return ['members', '1', 'delete'];
    if (found?.expiresAt === entry.expiresAt && found && schema.kind.same(found.value, entry.value)) return ['keep'];
    return ['members', '1', ...putMembersArgs(form, entry)];
  }

  /** Only what differs, so that fields which another version of the class has stay. */
  #setArgs(form: HashForm, entry: Entry): string[] {
    const raw = this.#raw;
    if (raw === null || !('texts' in raw))
      throw otherType(this.schema, this.key, raw && 'type' in raw ? raw.type : 'none');
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

/** The arguments that make the entry of a row what it is to be. */
export function putArgs(schema: Schema, { value, expiresAt }: Entry): string[] {
  const { redis } = schema.kind;
  const until = untilText(expiresAt);
  if (redis.type !== 'hash') return ['text', until, (redis as StringForm).format(schema, value)];
  const texts = redis.format(schema, value);
  return ['put', until, String(texts.length), ...texts];
}
