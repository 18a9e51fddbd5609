import type { Members } from './members.js';

/** What holds a collection together: scores, places on earth, the order of the items, or nothing but being in it. */
export type Structure = 'sorted-set' | 'geo-set' | 'list' | 'set';

/** One member of a collection, as every store keeps it. */
export interface Member {
  /** What it is, as text: of a set the same text is the same member, in a list the same item may be there twice. */
  readonly text: string;
  /** What members are ordered by, then by the bytes of their texts: a score, a geohash of 52 bits, the position in a list, 0 in a set. */
  readonly score: number;
}

/** So many members are read, or put in place, by one step; of more it takes several. */
export const MEMBERS_AT_ONCE = 2000;

/** The beginning of a list, or its end. */
export type End = 'first' | 'last';

/**
 * A change of some members of a collection, made to it whatever else is in it. `expiresAt` counts where it makes the
 * collection: one that is there keeps its own.
 */
export type MemberChange =
  /** Each text once. Of a set, a member that is there takes the new score. */
  | { readonly type: 'add'; readonly members: readonly Member[]; readonly expiresAt?: number | undefined }
  | { readonly type: 'remove'; readonly texts: readonly string[] }
  /** Adds to the score of one member, which counts as 0 where there is none. */
  | {
      readonly type: 'increment';
      readonly text: string;
      readonly by: number;
      readonly expiresAt?: number | undefined;
    }
  /** One after the other, so that the last of them is outermost. */
  | {
      readonly type: 'push';
      readonly end: End;
      readonly texts: readonly string[];
      readonly expiresAt?: number | undefined;
    }
  /** Takes one item. */
  | { readonly type: 'pop'; readonly end: End };

/** What a member change did in the durable store, so that a copy of the collection as it was before takes it on. */
export type Delta =
  | { readonly type: 'members'; readonly put: readonly Member[]; readonly remove: readonly string[] }
  /** Of a list: `pop` items less at `end`, these more, then `trim` less at the other end. */
  | {
      readonly type: 'ends';
      readonly end: End;
      readonly pop: number;
      readonly push: readonly string[];
      readonly trim: number;
    };

/** What is asked of a collection; `undefined` for all of it. Queries of one `id` are the same query. */
export type CollectionQuery = { readonly id: string } & CollectionQuestion;

export type CollectionQuestion =
  /** Nothing but whether it is there. */
  | { readonly type: 'exists' }
  /** How many members it has. */
  | { readonly type: 'size' }
  /** How many have a score from `min` to `max`, both included. */
  | { readonly type: 'count'; readonly min: number; readonly max: number }
  /** The score of each text, in their order. */
  | { readonly type: 'scores'; readonly texts: readonly string[] }
  /** How many members come before this one, from the end where reversed. */
  | { readonly type: 'rank'; readonly text: string; readonly reverse: boolean }
  /**
   * In order, those with a score from `min` to `max`, without the first `offset` of them, and no more than `limit`; with `size`
   * also how many have such a score.
   */
  | {
      readonly type: 'slice';
      readonly min: number;
      readonly max: number;
      readonly offset: number;
      readonly limit: number | undefined;
      readonly reverse: boolean;
      readonly size: boolean;
    }
  /** Of a list: from index `start` to `stop`, both included; below 0 counted from its end. */
  | { readonly type: 'between'; readonly start: number; readonly stop: number }
  /** Of a geo set: those within an area, nearest first, or furthest first; at most `limit`. */
  | {
      readonly type: 'near';
      /** A place, or the text of the member that is there; around one that is not in the set there is nothing. */
      readonly center: { readonly longitude: number; readonly latitude: number } | string;
      readonly area: Area;
      readonly limit: number | undefined;
      readonly sort: 'asc' | 'desc';
    }
  /** Some members, for who goes through all: those that come after `after` (`''`: from the first one on), about `limit`. */
  | { readonly type: 'scan'; readonly after: string; readonly limit: number };

/** In metres. */
export type Area = { readonly radius: number } | { readonly width: number; readonly height: number };

/** What a collection answers. What a query does not ask for is empty. */
export interface Answer {
  /** `slice`, `between`, `near`, `scan`: those that were asked for, in order. `pop`: the item. */
  readonly members: readonly Member[];
  /**
   * `size`, `count`, and `slice` with `size`: how many. `scores`: one for each. `rank`: the rank. `near`: for each member how many
   * metres away, to a tenth of a millimetre. `add`: how many were not there before; `remove`: how many were; `increment`: the new score;
   * `push`: how long the list is now.
   */
  readonly numbers: readonly (number | undefined)[];
  /** `scan`: what to go on after; `undefined` where there is no more. */
  readonly next?: string | undefined;
}

/** A value is one cell, so that collections are written, cached and hydrated as rows are. */
export const membersOf = (value: unknown): Members => (value as readonly [Members])[0];

/** The value of these members. */
export const valueOfMembers = (members: Members): unknown => [members];

/** What is wrong with adding to the score of a member where the sum is none. */
export const notANumber = (text: string, by: number): string =>
  `the score of ${JSON.stringify(text)} is the opposite infinity, so that ${by} more is no number. Add it with a score instead`;
