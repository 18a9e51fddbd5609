import { type Member, type MemberChange, membersOf, valueOfMembers } from '../../core/collection.js';
import type { CollectionChange, Entry, Outcome } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import { madeOf, neededFor } from '../documents/member-changes.js';
import type { CollectionReads } from './collection-reads.js';
import { type Head, type MemberLayout, newGeneration } from './member-layout.js';
import type { Mutation, PathElement } from './wire.js';

// More members than this are not changed one by one: the collection is written anew, and takes its place in one step.
const MOST_CHANGED = 400;

/** A new generation of members, to be written in the same commit or ahead of it. */
export interface NewGeneration {
  readonly generation: string;
  readonly members: Members;
  readonly expiresAt: number | undefined;
}

/** What a draft comes to. */
export interface Draft {
  /** The head, where it has to be written. */
  readonly head: readonly Mutation[];
  readonly members: readonly Mutation[];
  /** Set where `members` are those of a new generation. */
  readonly fresh: NewGeneration | undefined;
  /** The generation that is no longer used. */
  readonly old: string | undefined;
}

const isMemberChange = ({ type }: CollectionChange): boolean =>
  type === 'add' || type === 'remove' || type === 'increment' || type === 'push' || type === 'pop';

/** One collection in a write: what is known of it, and what the changes have made of it. */
export class CollectionDraft {
  readonly #layout: MemberLayout;
  readonly #path: readonly PathElement[];
  readonly #head: Head | undefined;
  /** Where the collection was there, what is known of it as it was. */
  readonly #before: { readonly members: Members; readonly whole: boolean } | undefined;
  #live: boolean;
  /** Whether its members are made of nothing that was there. */
  #replaced = false;
  /** Whether all members are known. */
  #whole: boolean;
  #members: Members;
  #size: number;
  #expiresAt: number | undefined;

  private constructor(
    layout: MemberLayout,
    path: readonly PathElement[],
    head: Head | undefined,
    live: boolean,
    before: { readonly members: Members; readonly whole: boolean } | undefined,
  ) {
    this.#layout = layout;
    this.#path = path;
    this.#head = head;
    this.#before = before;
    this.#live = live;
    this.#members = before?.members ?? Members.of(layout.structure, []);
    this.#whole = before === undefined || before.whole;
    this.#size = live && !this.#whole && head?.size !== undefined ? head.size : this.#members.size;
    this.#expiresAt = live ? head?.expiresAt : undefined;
  }

  /** Reads as much as the changes need, of a collection whose head is known. */
  static async of(
    layout: MemberLayout,
    path: readonly PathElement[],
    head: Head | undefined,
    reads: CollectionReads | undefined,
    changes: readonly CollectionChange[],
  ): Promise<CollectionDraft> {
    const before = reads && head ? await known(layout, head, reads, changes) : undefined;
    return new CollectionDraft(layout, path, head, reads !== undefined, before);
  }

  apply(change: CollectionChange): Outcome {
    return isMemberChange(change) ? this.#changeMembers(change as MemberChange) : this.#changeWhole(change);
  }

  #changeMembers(change: MemberChange): Outcome {
    const size = this.#whole ? this.#members.size : this.#size;
    const part = this.#live ? { members: this.#members, size, expiresAt: this.#expiresAt } : null;
    const made = madeOf(this.#layout.schema, part, change);
    if (made.outcome.status !== 'done' || made.outcome.entry === null) return made.outcome;
    const { put, remove } = made as Extract<typeof made, { put: unknown }>;
    this.#members = this.#members.without(remove).with(put);
    this.#size = (made as Extract<typeof made, { size: unknown }>).size;
    this.#make(made.outcome.entry.expiresAt);
    return made.outcome;
  }

  #changeWhole(change: CollectionChange): Outcome {
    const { schema } = this.#layout;
    const entry: Entry | null = this.#live
      ? { value: valueOfMembers(this.#members), expiresAt: this.#expiresAt }
      : null;
    const outcome = schema.kind.apply(schema, entry, change);
    if (outcome.status !== 'done') return outcome;
    if (outcome.entry === null) {
      [this.#live, this.#replaced, this.#whole] = [false, true, true];
      this.#members = Members.of(this.#layout.structure, []);
      return outcome;
    }
    const members = membersOf(outcome.entry.value);
    if (members !== this.#members && !this.#whole) this.#replaced = true;
    [this.#members, this.#size, this.#whole] = [members, members.size, true];
    this.#make(outcome.entry.expiresAt);
    return outcome;
  }

  #make(expiresAt: number | undefined): void {
    if (!this.#live) this.#replaced = true;
    this.#live = true;
    this.#expiresAt = expiresAt;
  }

  /** What has to be written. @throws ValidationError for members that the service cannot keep */
  draft(path: readonly PathElement[] = this.#path): Draft {
    const layout = this.#layout;
    const head = this.#head;
    if (!this.#live) {
      const gone = head ? [{ delete: layout.head.wireKey(path) }] : [];
      return { head: gone, members: [], fresh: undefined, old: head?.generation };
    }
    const kept = head && !this.#replaced && this.#before ? this.#difference(head, this.#before.members) : undefined;
    if (kept) return kept;
    const fresh = { generation: newGeneration(), members: this.#members, expiresAt: this.#expiresAt };
    return {
      head: [{ upsert: layout.headEntity(path, this.#headOf(fresh.generation, edgeOf(this.#members))) }],
      members: generationOf(layout, fresh),
      fresh,
      old: head?.generation,
    };
  }

  /** What is different, where it is so little that it is written by itself. */
  #difference(head: Head, before: Members): Draft | undefined {
    // When a member ends is written in each of them.
    if (head.expiresAt !== this.#expiresAt) return undefined;
    const layout = this.#layout;
    const put = lacking(this.#members, before, true);
    const remove = lacking(before, this.#members, false);
    if (put.length + remove.length > MOST_CHANGED) return undefined;
    const members: Mutation[] = [
      ...put.map((member) => ({ upsert: layout.member(head.generation, member, head.expiresAt) })),
      ...remove.map((member) => ({ delete: layout.memberKey(head.generation, member)! })),
    ];
    if (!layout.counts) return { head: [], members, fresh: undefined, old: undefined };
    const next = this.#headOf(head.generation, firstOf(head, put, remove));
    return { head: [{ upsert: layout.headEntity(this.#path, next) }], members, fresh: undefined, old: undefined };
  }

  #headOf(generation: string, first: number): Head {
    const { counts, structure } = this.#layout;
    return {
      generation,
      expiresAt: this.#expiresAt,
      size: counts ? this.#size : undefined,
      first: structure === 'list' ? first : undefined,
    };
  }
}

/** The mutations that write a generation. @throws ValidationError */
export const generationOf = (layout: MemberLayout, { generation, members, expiresAt }: NewGeneration): Mutation[] =>
  [...members.ordered].map((member) => ({ upsert: layout.member(generation, member, expiresAt) }));

const edgeOf = (members: Members): number => members.ordered.slice(0, 1)[0]?.score ?? 0;

/** The first position of a list after a change of its ends. */
function firstOf({ first, size }: Head, put: readonly Member[], remove: readonly Member[]): number {
  if (first === undefined) return 0;
  const gone = new Set(remove.map(({ score }) => score));
  let left = first;
  while (left < first + size! && gone.has(left)) left++;
  const edges = put.map(({ score }) => score);
  if (left < first + size!) edges.push(left);
  return edges.length === 0 ? 0 : edges.reduce((least, one) => Math.min(least, one));
}

/** What the changes have to know of a collection. */
async function known(
  { schema, structure, counts }: MemberLayout,
  head: Head,
  reads: CollectionReads,
  changes: readonly CollectionChange[],
): Promise<{ readonly members: Members; readonly whole: boolean }> {
  const all = async () => ({ members: await reads.members(), whole: true });
  const nothing = { members: Members.of(structure, []), whole: false };
  const members = changes.filter(isMemberChange) as MemberChange[];
  // Whoever puts another in its place does not ask what is in it.
  const [first] = changes as readonly [CollectionChange];
  if (first.type === 'put' || first.type === 'delete' || (first.type === 'patch' && first.set.has(0))) return nothing;
  if (members.length < changes.length) return all();
  const size = head.size ?? 0;
  const needed = members.map((change) => neededFor(schema, change, size));
  const texts = [...new Set(needed.flatMap((one) => one.texts))];
  const touched = members.reduce((sum, change) => sum + touchedBy(change), 0);
  if (touched > MOST_CHANGED) return all();
  const found = reads.find(texts);
  if (!counts) return { members: Members.of(structure, await found), whole: false };
  // Each change may take from the ends what the one before it left there.
  const margin = members.length === 1 ? 0 : 2 * touched + Math.max(0, size - (schema.limit ?? size));
  const atEnd = (end: 'first' | 'last') => Math.min(size, Math.max(...needed.map((one) => one[end])) + margin);
  const [low, high] = [atEnd('first'), structure === 'list' ? atEnd('last') : 0];
  if (low + high >= size) return all();
  const parts = await Promise.all([found, reads.edge('first', low), reads.edge('last', high)]);
  const unique = new Map(parts.flat().map((member) => [structure === 'list' ? member.score : member.text, member]));
  return { members: Members.of(structure, [...unique.values()]), whole: false };
}

function touchedBy(change: MemberChange): number {
  switch (change.type) {
    case 'add':
      return change.members.length;
    case 'remove':
    case 'push':
      return change.texts.length;
    default:
      return 1;
  }
}

/** The members that the other has not; with `scores` also those that have another score there. */
function lacking(members: Members, other: Members, scores: boolean): Member[] {
  if (members === other) return [];
  const list = members.structure === 'list';
  return [...members.ordered].filter((member) => {
    const there = list ? other.ordered.get(member) : other.get(member.text);
    if (there === undefined) return true;
    if (list) return scores && there.text !== member.text;
    return scores && !Object.is(there.score, member.score);
  });
}
