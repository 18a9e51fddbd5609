import { randomBytes } from 'node:crypto';
import type { Member, Structure } from '../../core/collection.js';
import { ValidationError } from '../../core/errors.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { escapeText, MOST_BYTES, numberText, unescapeText } from './key-name.js';
import { isOver, type Layout } from './layout.js';
import { timeOf, timestampOf } from './values.js';
import type { Found, Properties, PropertyFilter, WireEntity, WireKey, WireValue } from './wire.js';

/** What is known of a collection beside its members: its own entity. */
export interface Head {
  /** Which members are its: those of this generation. */
  readonly generation: string;
  readonly expiresAt: number | undefined;
  /** How many members there are, and of a list the first position; only of lists, and of those with a limit. */
  readonly size: number | undefined;
  readonly first: number | undefined;
}

const GENERATION = 16;
const ORDER = 'order';
const SCORE = 'score';
const TEXT = 'text';

/** A generation of members that nobody has used before. */
export const newGeneration = (): string => randomBytes(8).toString('hex');

// What comes after all texts that begin with this one, which ends in an ASCII character.
const after = (start: string): string =>
  start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1);

/** From a text on, up to another, which is not included. */
export type Range = readonly [from: string, to: string];

/**
 * How the members of a collection lie in the store: each in an entity of its own, which has its place in the property `order`: the
 * generation, the score and the text. So every question is about one range of one property, for which the service has an index by itself.
 */
export class MemberLayout {
  readonly head: Layout;
  readonly structure: Structure;
  /** The kind of members. */
  readonly kind: string;
  /** The kind of what tells of generations that are to be deleted. */
  readonly noteKind: string;
  /** Whether heads say how many members there are: then every change of members is one of the head. */
  readonly counts: boolean;

  constructor(head: Layout) {
    const { schema } = head;
    this.head = head;
    this.structure = schema.kind.structure!;
    this.kind = `${schema.name}_${schema.fields[0]!.column}`;
    this.noteKind = `${this.kind}_old`;
    this.counts = this.structure === 'list' || schema.limit !== undefined;
  }

  get schema(): Schema {
    return this.head.schema;
  }

  /** The head of an entity; `undefined` where there is none. @throws CorruptEntryError */
  headOf(id: string, found: Found | undefined): Head | undefined {
    if (!found) return undefined;
    const { properties } = found.entity;
    return this.head.guarded(id, () => {
      const generation = properties.members?.stringValue;
      if (generation?.length !== GENERATION) throw new CorruptPlain('it does not say which members are its');
      return {
        generation,
        expiresAt: this.head.expiry(properties),
        size: this.counts ? countOf(properties.size) : undefined,
        first: this.structure === 'list' ? countOf(properties.first) : undefined,
      };
    });
  }

  headEntity(path: WireKey['path'], { generation, expiresAt, size, first }: Head): WireEntity {
    const properties: Record<string, WireValue> = { members: { stringValue: generation, excludeFromIndexes: true } };
    if (size !== undefined) properties.size = { integerValue: String(size), excludeFromIndexes: true };
    if (first !== undefined) properties.first = { integerValue: String(first), excludeFromIndexes: true };
    if (expiresAt !== undefined) properties[this.head.expiresAt] = timestampOf(expiresAt);
    return { key: this.head.wireKey(path), properties };
  }

  isLive(head: Head | undefined, now: number): head is Head {
    return head !== undefined && !isOver(head.expiresAt, now);
  }

  /** The key of the member of a text, of a list of the one at a position; `undefined` where no member is that long. */
  memberKey(generation: string, { text, score }: Member): WireKey | undefined {
    const name = generation + (this.structure === 'list' ? numberText(score) : escapeText(text));
    return name.length * 3 > MOST_BYTES && Buffer.byteLength(name) > MOST_BYTES
      ? undefined
      : this.head.wireKey([{ kind: this.kind, name }]);
  }

  /** The entity of a member. @throws ValidationError for one that is too long */
  member(generation: string, member: Member, expiresAt: number | undefined): WireEntity {
    const key = this.memberKey(generation, member);
    const order = this.#order(generation, member);
    if (!key || (order.length * 3 > MOST_BYTES && Buffer.byteLength(order) > MOST_BYTES))
      throw this.#tooLong(member.text);
    const properties: Record<string, WireValue> = { [ORDER]: { stringValue: order } };
    if (this.structure !== 'set') properties[SCORE] = { doubleValue: member.score, excludeFromIndexes: true };
    if (this.structure === 'list') properties[TEXT] = { stringValue: member.text, excludeFromIndexes: true };
    if (expiresAt !== undefined) properties[this.head.expiresAt] = timestampOf(expiresAt);
    return this.head.checked({ key, properties });
  }

  #order(generation: string, { text, score }: Member): string {
    if (this.structure === 'set') return generation + escapeText(text);
    return generation + numberText(score) + (this.structure === 'list' ? '' : escapeText(text));
  }

  #tooLong(text: string): ValidationError {
    const most = MOST_BYTES - GENERATION - (this.structure === 'set' ? 0 : 16);
    const shown = JSON.stringify(`${text.slice(0, 40)}…`);
    return new ValidationError(
      `${this.schema.target.name} has a member of ${Buffer.byteLength(text)} bytes (${shown}), but Datastore takes at most ${most}; nothing was written. Use a shorter member, such as a hash of it.`,
    );
  }

  /** @throws CorruptEntryError */
  memberOf(id: string, { key, properties }: WireEntity): Member {
    return this.head.guarded(id, () => {
      const text =
        this.structure === 'list' ? properties[TEXT]?.stringValue : unescapeText(key.path[0]!.name!.slice(GENERATION));
      const score = this.structure === 'set' ? 0 : properties[SCORE]?.doubleValue;
      if (text === undefined || score === undefined) throw new CorruptPlain('a member of it has no text or no score');
      return { text, score };
    });
  }

  /** All members of a generation. */
  whole(generation: string): Range {
    return [generation, after(generation)];
  }

  /** Those with a score from `min` to `max`, both included; of a list those at these positions. */
  scores(generation: string, min: number, max: number): Range | undefined {
    if (!(min <= max)) return undefined;
    if (this.structure === 'set') return min <= 0 && max >= 0 ? this.whole(generation) : undefined;
    return [generation + numberText(min), after(generation + numberText(max))];
  }

  /** Those before a member, or those after it. */
  beside(generation: string, member: Member, side: 'before' | 'after'): Range {
    const order = this.#order(generation, member);
    const [from, to] = this.whole(generation);
    // No text comes between this one and itself with U+0000 behind it.
    return side === 'before' ? [from, order] : [`${order}\0`, to];
  }

  /** What finds a range of members in their order. */
  between([from, to]: Range): PropertyFilter[] {
    return [
      { property: { name: ORDER }, op: 'GREATER_THAN_OR_EQUAL', value: { stringValue: from } },
      { property: { name: ORDER }, op: 'LESS_THAN', value: { stringValue: to } },
    ];
  }

  /** What finds members by their keys: those of a generation, after a member where one is given. */
  keysAfter(generation: string, member?: Member): PropertyFilter[] {
    const [from, to] = this.whole(generation);
    const key = (name: string) => ({ keyValue: this.head.wireKey([{ kind: this.kind, name }]) });
    const last = member && this.memberKey(generation, member);
    return [
      last
        ? { property: { name: '__key__' }, op: 'GREATER_THAN', value: { keyValue: last } }
        : { property: { name: '__key__' }, op: 'GREATER_THAN_OR_EQUAL', value: key(from) },
      { property: { name: '__key__' }, op: 'LESS_THAN', value: key(to) },
    ];
  }

  get order(): string {
    return ORDER;
  }

  noteKey(generation: string): WireKey {
    return this.head.wireKey([{ kind: this.noteKind, name: generation }]);
  }

  /** What tells that a generation is to be deleted: one that is no collection's any more, or not yet. */
  note(generation: string, state: 'old' | 'new' | 'dying', at: number): WireEntity {
    return {
      key: this.noteKey(generation),
      properties: { state: { stringValue: state, excludeFromIndexes: true }, at: timestampOf(at) },
    };
  }
}

/** What a note says. */
export const noteOf = (properties: Properties): { readonly state: string | undefined; readonly at: number } => ({
  state: properties.state?.stringValue,
  at: properties.at ? timeOf(properties.at) : 0,
});

function countOf(value: WireValue | undefined): number {
  const count = Number(value?.integerValue ?? Number.NaN);
  if (!Number.isSafeInteger(count)) throw new CorruptPlain('it does not say how many members it has');
  return count;
}
