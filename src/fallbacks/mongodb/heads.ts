import type { Document, ObjectId } from 'mongodb';
import type { Member, Structure } from '../../core/collection.js';

/** The document that says that there is a collection, and which members are its own. */
export interface Head {
  readonly _id: unknown;
  /** Its members are those of this generation: where all are replaced, there is another. */
  readonly generation: ObjectId;
  readonly count: number;
  /** Counts the changes of the generation. */
  readonly revision: number;
  readonly _expires_at?: Date;
  /** Without transactions: the change that the head has already, and its members get now. */
  readonly pending?: Pending;
}

export interface Pending {
  readonly put: readonly Member[];
  readonly remove: readonly Member[];
}

/** One member of a generation. */
export interface MemberDocument {
  readonly _id: MemberId;
  /** Left out where it was removed; then the document goes some time later. */
  readonly score?: number;
  readonly item?: string;
  /** The head's, when it was written. */
  readonly revision: number;
  readonly _expires_at?: Date;
}

/** Of a list its place, else its text. */
export type MemberId =
  | { readonly of: ObjectId; readonly member: string }
  | { readonly of: ObjectId; readonly at: number };

export function memberId(structure: Structure, of: ObjectId, { text, score }: Member): MemberId {
  return structure === 'list' ? { of, at: score } : { of, member: text };
}

export function memberOf({ _id, item, score }: MemberDocument): Member {
  return { text: 'member' in _id ? _id.member : String(item), score: score! };
}

/** What matches a head as long as it is what it was. */
export const unchanged = ({ _id, generation, revision }: Head): Document => ({ _id, generation, revision });
