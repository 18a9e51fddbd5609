/** The brand by which a property's type says to which kind it belongs. In types only. */
export declare const kind: unique symbol;

/** The brand of {@link Generated}. In types only. */
export declare const generated: unique symbol;

/**
 * Names the key properties in a class's type, in order; left out where the key is `id`.
 *
 * @example
 * class City {
 *   declare [KeyProps]?: ['country', 'cityId'];
 *   @Key() country!: string;
 *   @Key() cityId!: number;
 * }
 */
export const KeyProps: unique symbol = Symbol.for('holdfast.KeyProps');

/**
 * A property that Holdfast fills where it is left out: a generated key, a version, a field with a default. `save` and
 * `create` then take data without it; a plain `T` can be assigned to it and read from it.
 */
export type Generated<T> = T & { readonly [generated]?: true };

/** A member of a sorted set and its score. */
export interface Scored<M = string> {
  member: M;
  score: number;
}

/** A member of a geo set and where it is. */
export interface Point<M = string> {
  member: M;
  longitude: number;
  latitude: number;
}

/** The property of a sorted set. */
export interface SortedSetMembers<M = string> extends Array<Scored<M>> {
  readonly [kind]?: 'sorted-set';
}
/** The property of a geo set. */
export interface GeoPoints<M = string> extends Array<Point<M>> {
  readonly [kind]?: 'geo-set';
}
/** The property of a list. */
export interface ListItems<T = string> extends Array<T> {
  readonly [kind]?: 'list';
}
/** The property of a set. */
export interface SetItems<T = string> extends Set<T> {
  readonly [kind]?: 'set';
}
/** The property of a flag. */
export type FlagValue = boolean & { readonly [kind]?: 'flag' };

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The kind that a property's type carries; `never` for an ordinary one. */
export type KindOfProperty<P> =
  IsAny<P> extends true
    ? never
    : P extends unknown
      ? typeof kind extends keyof P
        ? Exclude<P[typeof kind], undefined>
        : never
      : never;

/** Whether a property's type carries a kind. */
export type HasKind<P> = [KindOfProperty<NonNullable<P>>] extends [never] ? false : true;

/** The kind of an entity, read from the types of its properties; `'hash'` where none carries another. */
export type KindOf<E> = [{ [P in keyof E]-?: KindOfProperty<NonNullable<E[P]>> }[keyof E]] extends [infer K]
  ? [K] extends [never]
    ? 'hash'
    : K
  : never;

/** A class whose instances are `E`, abstract or not. */
export type Class<E> = abstract new (...args: never[]) => E;

type IdName<E> = 'id' extends keyof E ? 'id' : never;
type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never;

/** The names of the key properties. */
export type KeyName<E> = E extends { [KeyProps]?: infer T }
  ? unknown extends T
    ? IdName<E>
    : Exclude<T, undefined> extends readonly (infer P)[]
      ? P & keyof E
      : Exclude<T, undefined> & keyof E
  : IdName<E>;

/** Values that can be a key property's. */
export type KeyValue = string | number | bigint | Date;

/** A key: the value itself where there is one key property, or an object of the key properties. */
export type KeyOf<E> = [KeyName<E>] extends [never]
  ? never
  : IsUnion<KeyName<E>> extends true
    ? Required<Pick<E, KeyName<E>>>
    : Exclude<E[KeyName<E>], undefined> | Required<Pick<E, KeyName<E>>>;

/** The names of an entity's properties, methods left out. */
export type DataNames<E> = {
  [P in keyof E]-?: IsAny<E[P]> extends true ? P : NonNullable<E[P]> extends (...args: never[]) => unknown ? never : P;
}[keyof E] &
  string;

/** An entity's properties, methods left out; optional ones stay optional. */
export type Data<E> = Pick<E, DataNames<E>>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsReadonly<E, P extends keyof E> = Same<{ [Q in P]: E[Q] }, { readonly [Q in P]: E[Q] }>;
type IsFilled<E, P extends keyof E> =
  IsAny<E[P]> extends true
    ? false
    : typeof generated extends keyof NonNullable<E[P]>
      ? true
      : P extends 'version'
        ? NonNullable<E[P]> extends number
          ? true
          : false
        : false;
// A getter looks like a readonly property, and cannot be given.
type IsOptional<E, P extends keyof E> =
  {} extends Pick<E, P> ? true : IsFilled<E, P> extends true ? true : P extends KeyName<E> ? false : IsReadonly<E, P>;
type RequiredNames<E> = { [P in DataNames<E>]: IsOptional<E, P> extends true ? never : P }[DataNames<E>];

/** The properties that a save fills in where they are left out: the key, {@link Generated} ones, a number named `version`. */
export type FilledNames<E> =
  | (KeyName<E> & DataNames<E>)
  | { [P in DataNames<E>]: IsFilled<E, P> extends true ? P : never }[DataNames<E>];

/**
 * What `create`, `save` and `insert` take beside an entity: its data as a plain object. These may be left out: optional
 * properties, {@link Generated} ones, a number named `version`, and readonly ones that are no key (a getter looks the same).
 */
export type EntityInput<E> = Pick<E, RequiredNames<E>> & {
  [P in Exclude<DataNames<E>, RequiredNames<E>>]?: E[P] | undefined;
};

/** What `update` takes: `undefined` leaves a property, `null` clears one that can be null. Key properties cannot change. */
export type Patch<E> = { [P in Exclude<DataNames<E>, KeyName<E>>]?: E[P] | undefined };
