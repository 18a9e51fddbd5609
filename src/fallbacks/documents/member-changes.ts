import { type Member, type MemberChange, membersOf, valueOfMembers } from '../../core/collection.js';
import type { Done, Outcome } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Schema } from '../../core/schema.js';

/** Which members of a collection a change has to be told of; it says nothing of any other. */
export interface NeededMembers {
  /** Those of these texts, as far as they are there. */
  readonly texts: readonly string[];
  /** So many from the beginning of the collection's order: the lowest, of a list those with the lowest positions. */
  readonly first: number;
  /** So many from its end. */
  readonly last: number;
}

/** A collection of which some members are known. */
export interface PartOfCollection {
  /** At least those that are needed. */
  readonly members: Members;
  /** How many there are in all. */
  readonly size: number;
  readonly expiresAt?: number | undefined;
}

/** What a change of members comes to. */
export interface MadeOfMembers {
  readonly outcome: Done;
  /** Members to store: new ones, and those with another score. */
  readonly put: readonly Member[];
  /** Members to delete, as they were. */
  readonly remove: readonly Member[];
  /** How many there are then. */
  readonly size: number;
}

/** The change cannot be made. */
export interface NotMade {
  readonly outcome: Exclude<Outcome, Done>;
}

const FEW = { texts: [], first: 0, last: 0 } as const satisfies NeededMembers;

/** What must be read of a collection of `size` members before a change of it. */
export function neededFor({ limit }: Schema, change: MemberChange, size: number): NeededMembers {
  const over = (more: number) => Math.min(size, Math.max(0, size + more - (limit ?? Number.POSITIVE_INFINITY)));
  const lowest = (texts: readonly string[]): NeededMembers => {
    const gone = over(texts.length);
    // Of those that are the lowest now, some may get another score.
    return { ...FEW, texts, first: gone === 0 ? 0 : Math.min(size, gone + texts.length) };
  };
  switch (change.type) {
    case 'add':
      return lowest(change.members.map(({ text }) => text));
    case 'increment':
      return lowest([change.text]);
    case 'remove':
      return { ...FEW, texts: [...new Set(change.texts)] };
    case 'push': {
      const edge = Math.min(size, 1);
      return change.end === 'last'
        ? { ...FEW, first: over(change.texts.length), last: edge }
        : { ...FEW, first: edge, last: over(change.texts.length) };
    }
    case 'pop':
      return { ...FEW, [change.end]: Math.min(size, 1) };
  }
}

/** What a change makes of a collection, of which the members are known that it needs; `null` where there is none. */
export function madeOf(schema: Schema, part: PartOfCollection | null, change: MemberChange): MadeOfMembers | NotMade {
  const before = part?.members ?? Members.of(schema.kind.structure!, []);
  const unread = (part?.size ?? 0) - before.size;
  // Those that were not read stay, and count.
  const ofPart = schema.limit === undefined ? schema : { ...schema, limit: schema.limit - unread };
  const entry = part && { value: valueOfMembers(before), expiresAt: part.expiresAt };
  const outcome = schema.kind.apply(ofPart, entry, change);
  if (outcome.status !== 'done') return { outcome };
  if (outcome.entry === null) return { outcome, put: [], remove: [], size: 0 };
  const after = membersOf(outcome.entry.value);
  const { answer } = outcome;
  return {
    outcome: {
      ...outcome,
      entry: { value: undefined, expiresAt: outcome.entry.expiresAt },
      answer: change.type === 'push' ? { ...answer!, numbers: [after.size + unread] } : answer!,
    },
    put: lacking(after, before),
    remove: lacking(before, after, true),
    size: after.size + unread,
  };
}

/** The members that the other has not, or not with the same score; of a list those at other positions. */
function lacking(members: Members, other: Members, anyScore = false): Member[] {
  const list = members.structure === 'list';
  return [...members.ordered].filter((member) => {
    const there = list ? other.ordered.get(member) : other.get(member.text);
    if (there === undefined) return true;
    return list ? there.text !== member.text : !anyScore && !Object.is(there.score, member.score);
  });
}
