import type {
  GeoPoints,
  HasKind,
  KeyOf,
  ListItems,
  Point,
  Scored,
  SetItems,
  SortedSetMembers,
} from '../metadata/types.js';
import type { BatchRepository, ReadOptions, Repository } from './types.js';

/** What the members of an entity's collection are. */
export type MemberOf<E> = {
  [P in keyof E]-?: HasKind<E[P]> extends true ? MemberIn<NonNullable<E[P]>> : never;
}[keyof E];
type MemberIn<V> =
  V extends SortedSetMembers<infer M>
    ? M
    : V extends GeoPoints<infer M>
      ? M
      : V extends ListItems<infer M>
        ? M
        : V extends SetItems<infer M>
          ? M
          : never;

interface NoPages {
  readonly page?: undefined;
  readonly pageSize?: undefined;
}
interface NoOffsets {
  readonly offset?: undefined;
  readonly limit?: undefined;
}

/** Which part of those in order: so many without the first `offset`, or a page. */
export type Paging =
  | (NoPages & {
      /** How many to leave out; 0 by default. */
      readonly offset?: number;
      /** Most members; all by default. */
      readonly limit?: number;
    })
  | (NoOffsets & {
      /** From 1 on; 1 by default. */
      readonly page?: number;
      /** 20 by default. */
      readonly pageSize?: number;
    });

/** Which members of a sorted set, and what to tell of them. */
export type RangeOptions<S extends boolean = boolean, Z extends boolean = boolean> = ReadOptions &
  Paging & {
    /** From the highest score down; false by default. */
    readonly reverse?: boolean;
    /** The lowest score, included. */
    readonly minScore?: number;
    /** The highest score, included. */
    readonly maxScore?: number;
    /** Gives members with their scores; false by default. */
    readonly withScores?: S;
    /** Also tells how many have a score within the bounds; false by default. */
    readonly withSize?: Z;
  };

/** What `range` gives of a member: the member, or with `withScores` its score too. */
export type Ranged<M, S extends boolean> = S extends true ? Scored<M> : M;
/** What `range` gives: items in order, or with `withSize` also how many there are in all. */
export type RangeOf<M, S extends boolean, Z extends boolean> = Z extends true
  ? { items: Ranged<M, S>[]; size: number }
  : Ranged<M, S>[];

/** The repository of a `@SortedSet`: members with scores, in their order, those of one score by the bytes of the members. */
export interface SortedSetRepository<E> extends Repository<E> {
  /**
   * Members in order of their scores; none where there is no such entity, or no such page.
   *
   * @throws ValidationError for a page together with an offset or a limit
   * @example
   * await playlists.range('x', { reverse: true, page: 2, pageSize: 10, withScores: true });
   */
  range<S extends boolean = false, Z extends boolean = false>(
    key: KeyOf<E>,
    options?: RangeOptions<S, Z>,
  ): Promise<RangeOf<MemberOf<E>, S, Z>>;
  /** Puts members, or their new scores, and makes the entity where there is none. How many members were not there before. */
  add(key: KeyOf<E>, ...members: readonly Scored<MemberOf<E>>[]): Promise<number>;
  /** How many of them there were. The last one leaves an empty set, which exists. */
  remove(key: KeyOf<E>, ...members: readonly MemberOf<E>[]): Promise<number>;
  /** Adds to a score, atomically in every tier, and returns the sum; a member that is not there had 0. `by` defaults to 1. */
  incrementScore(key: KeyOf<E>, member: MemberOf<E>, by?: number): Promise<number>;
  /** `undefined` where it is not there. */
  score(key: KeyOf<E>, member: MemberOf<E>, options?: ReadOptions): Promise<number | undefined>;
  /** How many members come before it, or with `reverse` after it; `undefined` where it is not there. */
  rank(
    key: KeyOf<E>,
    member: MemberOf<E>,
    options?: ReadOptions & { readonly reverse?: boolean },
  ): Promise<number | undefined>;
  /** How many members there are; 0 where there is no such entity. */
  size(key: KeyOf<E>, options?: ReadOptions): Promise<number>;
  /** How many have a score from `min` to `max`, both included. */
  countBetween(key: KeyOf<E>, min: number, max: number, options?: ReadOptions): Promise<number>;
}

/** A unit of length: metres, kilometres, miles or feet. */
export type LengthUnit = 'm' | 'km' | 'mi' | 'ft';

interface AroundPlace {
  readonly longitude: number;
  readonly latitude: number;
  readonly member?: undefined;
}
interface AroundMember<M> {
  readonly member: M;
  readonly longitude?: undefined;
  readonly latitude?: undefined;
}
interface WithinCircle {
  readonly radius: number;
  readonly width?: undefined;
  readonly height?: undefined;
}
interface WithinBox {
  /** From west to east, with the centre in the middle. */
  readonly width: number;
  /** From south to north. */
  readonly height: number;
  readonly radius?: undefined;
}

/** Where to look in a geo set, and what to tell of what is there. */
export type SearchOptions<
  M,
  D extends boolean = boolean,
  C extends boolean = boolean,
  H extends boolean = boolean,
> = ReadOptions &
  (AroundPlace | AroundMember<M>) &
  (WithinCircle | WithinBox) & {
    /** Of radius, width, height and distances; metres by default. */
    readonly unit?: LengthUnit;
    /** Most members; all by default. */
    readonly limit?: number;
    /** Nearest first, or furthest first; `'asc'` by default. */
    readonly sort?: 'asc' | 'desc';
    /** Tells how far each is from the centre; false by default. */
    readonly withDistance?: D;
    /** Tells where each is; false by default. */
    readonly withCoordinates?: C;
    /** Tells the geohash of each; false by default. */
    readonly withHash?: H;
  };

type Flat<T> = { [P in keyof T]: T[P] };
/** What `search` gives of a member: what it was asked for. */
export type FoundPoint<M, D extends boolean, C extends boolean, H extends boolean> = Flat<
  { member: M } & (D extends true ? { distance: number } : {}) &
    (C extends true ? { longitude: number; latitude: number } : {}) &
    (H extends true ? { hash: string } : {})
>;

/** The repository of a `@GeoSet`: members with places on earth, each in the middle of its cell of Redis's geohash, which is less than a metre wide. */
export interface GeoSetRepository<E> extends Repository<E> {
  /**
   * Members within an area, nearest first; none where there is no such entity, or no such member to look around.
   *
   * @example
   * await maps.search('cities', { longitude: 2.35, latitude: 48.85, radius: 50, unit: 'km', limit: 10, withDistance: true });
   */
  search<D extends boolean = false, C extends boolean = false, H extends boolean = false>(
    key: KeyOf<E>,
    options: SearchOptions<MemberOf<E>, D, C, H>,
  ): Promise<FoundPoint<MemberOf<E>, D, C, H>[]>;
  /** Puts members, or moves them, and makes the entity where there is none. How many members were not there before. */
  add(key: KeyOf<E>, ...points: readonly Point<MemberOf<E>>[]): Promise<number>;
  /** How many of them there were. The last one leaves an empty set, which exists. */
  remove(key: KeyOf<E>, ...members: readonly MemberOf<E>[]): Promise<number>;
  /** How far two members are from each other, in metres or the unit given; `undefined` where one is not there. */
  distance(
    key: KeyOf<E>,
    from: MemberOf<E>,
    to: MemberOf<E>,
    unit?: LengthUnit,
    options?: ReadOptions,
  ): Promise<number | undefined>;
  /** `undefined` where it is not there. */
  position(
    key: KeyOf<E>,
    member: MemberOf<E>,
    options?: ReadOptions,
  ): Promise<{ longitude: number; latitude: number } | undefined>;
  /** The standard geohash of 11 characters; `undefined` where it is not there. */
  hash(key: KeyOf<E>, member: MemberOf<E>, options?: ReadOptions): Promise<string | undefined>;
  /** How many members there are; 0 where there is no such entity. */
  size(key: KeyOf<E>, options?: ReadOptions): Promise<number>;
}

/** The repository of a `@RedisList`: items one after the other. */
export interface ListRepository<E> extends Repository<E> {
  /** Puts items behind the last, and makes the entity where there is none. How long the list is then; with no items, as it is. */
  push(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): Promise<number>;
  /** Puts items before the first: the list then begins with them, in the order in which they were given. How long it is then. */
  unshift(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): Promise<number>;
  /** Takes the last item; `undefined` where there is none. */
  pop(key: KeyOf<E>): Promise<MemberOf<E> | undefined>;
  /** Takes the first item; `undefined` where there is none. */
  shift(key: KeyOf<E>): Promise<MemberOf<E> | undefined>;
  /** Items from index `start` to `stop`, both included; below 0 counted from the end. All by default. */
  range(key: KeyOf<E>, start?: number, stop?: number, options?: ReadOptions): Promise<MemberOf<E>[]>;
  /** The item at an index, below 0 counted from the end; `undefined` where there is none. */
  at(key: KeyOf<E>, index: number, options?: ReadOptions): Promise<MemberOf<E> | undefined>;
  /** How many items there are; 0 where there is no such entity. */
  length(key: KeyOf<E>, options?: ReadOptions): Promise<number>;
}

/** The repository of a `@RedisSet`: items of which each is there once. */
export interface SetRepository<E> extends Repository<E> {
  /** Puts items, and makes the entity where there is none. How many were not there before. */
  add(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): Promise<number>;
  /** How many of them there were. The last one leaves an empty set, which exists. */
  remove(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): Promise<number>;
  has(key: KeyOf<E>, item: MemberOf<E>, options?: ReadOptions): Promise<boolean>;
  /** As long as `items` and in their order. */
  hasMany(key: KeyOf<E>, items: readonly MemberOf<E>[], options?: ReadOptions): Promise<boolean[]>;
  /** How many items there are; 0 where there is no such entity. */
  size(key: KeyOf<E>, options?: ReadOptions): Promise<number>;
  /**
   * Goes through all items in bounded memory, about `batch` (500 by default) of them at a time, past every cache. What is there from
   * beginning to end comes at least once.
   */
  scan(key: KeyOf<E>, options?: { readonly batch?: number }): AsyncIterable<MemberOf<E>>;
}

/** Records calls of a `@SortedSet` within a batch. */
export interface SortedSetBatchRepository<E> extends BatchRepository<E> {
  add(key: KeyOf<E>, ...members: readonly Scored<MemberOf<E>>[]): void;
  remove(key: KeyOf<E>, ...members: readonly MemberOf<E>[]): void;
  incrementScore(key: KeyOf<E>, member: MemberOf<E>, by?: number): void;
}

/** Records calls of a `@GeoSet` within a batch. */
export interface GeoSetBatchRepository<E> extends BatchRepository<E> {
  add(key: KeyOf<E>, ...points: readonly Point<MemberOf<E>>[]): void;
  remove(key: KeyOf<E>, ...members: readonly MemberOf<E>[]): void;
}

/** Records calls of a `@RedisList` within a batch. */
export interface ListBatchRepository<E> extends BatchRepository<E> {
  push(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): void;
  unshift(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): void;
  pop(key: KeyOf<E>): void;
  shift(key: KeyOf<E>): void;
}

/** Records calls of a `@RedisSet` within a batch. */
export interface SetBatchRepository<E> extends BatchRepository<E> {
  add(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): void;
  remove(key: KeyOf<E>, ...items: readonly MemberOf<E>[]): void;
}
