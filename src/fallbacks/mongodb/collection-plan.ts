import type { Member, MemberChange } from '../../core/collection.js';
import { membersOf, valueOfMembers } from '../../core/collection.js';
import type { CollectionChange, Outcome } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Schema } from '../../core/schema.js';
import { madeOf, type NeededMembers, neededFor } from '../documents/member-changes.js';

/** What is to be done about a change. */
export type Plan =
  /** It cannot be made, or there is nothing to do. */
  | { readonly type: 'nothing'; readonly outcome: Outcome }
  | {
      readonly type: 'touch';
      readonly outcome: Outcome;
      readonly put: readonly Member[];
      readonly remove: readonly Member[];
      readonly size: number;
    }
  | {
      readonly type: 'replace';
      readonly outcome: Outcome;
      readonly members: Members | readonly Member[];
      readonly size: number;
      readonly expiresAt: number | undefined;
    }
  | { readonly type: 'delete'; readonly outcome: Outcome };

/** A collection that is there, and how its members are read. */
export interface Found {
  readonly size: number;
  readonly expiresAt: number | undefined;
  readonly needed: (needed: NeededMembers) => Promise<Members>;
  readonly all: () => Promise<Members>;
}

type Replace = Extract<Plan, { readonly type: 'replace' }>;

/** The members that take the place of others, in their order. */
export const replacing = ({ members }: Replace): Iterable<Member> =>
  members instanceof Members ? members.ordered : members;

const isAboutMembers = (change: CollectionChange): change is MemberChange =>
  ['add', 'remove', 'increment', 'push', 'pop'].includes(change.type);

/** What a change makes of a collection; `null` where there is none. */
export async function planOf(schema: Schema, found: Found | null, change: CollectionChange): Promise<Plan> {
  return isAboutMembers(change) ? ofMembers(schema, found, change) : ofWhole(schema, found, change);
}

async function ofMembers(schema: Schema, found: Found | null, change: MemberChange): Promise<Plan> {
  const part = found && {
    size: found.size,
    expiresAt: found.expiresAt,
    members: await found.needed(neededFor(schema, change, found.size)),
  };
  const made = madeOf(schema, part, change);
  if (!('put' in made) || made.outcome.entry === null) return { type: 'nothing', outcome: made.outcome };
  const { outcome, put, remove, size } = made;
  if (found)
    return put.length + remove.length === 0
      ? { type: 'nothing', outcome }
      : { type: 'touch', outcome, put, remove, size };
  return { type: 'replace', outcome, members: put, size, expiresAt: outcome.entry!.expiresAt };
}

async function ofWhole(
  schema: Schema,
  found: Found | null,
  change: Exclude<CollectionChange, MemberChange>,
): Promise<Plan> {
  // Whoever puts another in its place does not ask what is in it.
  const asks = change.type === 'modify' || (change.type === 'patch' && !change.set.has(0));
  const before = found && asks ? await found.all() : undefined;
  const value = before ? valueOfMembers(before) : [];
  const outcome = schema.kind.apply(schema, found && { value, expiresAt: found.expiresAt }, change);
  if (outcome.status !== 'done') return { type: 'nothing', outcome };
  if (outcome.entry === null) return { type: 'delete', outcome };
  const after = membersOf(outcome.entry.value);
  if (before && after.structure !== 'list') return { type: 'touch', outcome, ...difference(before, after) };
  return { type: 'replace', outcome, members: after, size: after.size, expiresAt: outcome.entry.expiresAt };
}

function difference(before: Members, after: Members) {
  return {
    put: [...after.ordered].filter(({ text, score }) => !Object.is(before.get(text)?.score, score)),
    remove: [...before.ordered].filter(({ text }) => !after.get(text)),
    size: after.size,
  };
}
