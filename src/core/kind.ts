import type { Codec } from './codec.js';
import type { Answer, CollectionQuery, Delta, Member, MemberChange, Structure } from './collection.js';
import type { Members } from './members.js';
import type { FieldPart, Key, Row, Schema } from './schema.js';

/**
 * What a stack carries for one key: a {@link Row}, of a collection of one cell that holds its {@link Members}; of a part of a
 * collection that was asked for, an {@link Answer}. Only its kind looks inside.
 */
export type Value = unknown;
/** What is asked of a value; `undefined` for all of it. Of rows the indexes of fields, of a collection a {@link CollectionQuery}. */
export type Query = unknown;

/** A stored value and when it ends. */
export interface Entry {
  readonly value: Value;
  /** Milliseconds since 1970; `undefined` for never. */
  readonly expiresAt?: number | undefined;
}

/** A change to one key. Each kind has changes of its own beside `delete`. */
export interface Change {
  readonly type: string;
}

/** What a store must find for a `put` to be made. */
export type Expectation = 'absent' | { readonly version: number };

/**
 * The changes of a value that is a {@link Row}: of a hash, and but for `increment` of a flag. Where the schema has a version,
 * `patch`, `increment` and `modify` add one to it; `put` carries it.
 */
export type RowChange =
  | {
      readonly type: 'put';
      readonly row: Row;
      readonly expect?: Expectation | undefined;
      readonly expiresAt?: number | undefined;
    }
  /** Field index and new value (`undefined` is never in it). */
  | { readonly type: 'patch'; readonly set: ReadonlyMap<number, Row[number]>; readonly version?: number | undefined }
  | { readonly type: 'increment'; readonly field: number; readonly by: number | bigint }
  /** `change` is pure and may run several times; it throws to give the whole write up. */
  | { readonly type: 'modify'; readonly change: (row: Row) => Row }
  | { readonly type: 'delete' };

/** The changes of a collection: as a whole, or of some of its members. */
export type CollectionChange = Exclude<RowChange, { readonly type: 'increment' }> | MemberChange;

/** What came of a change. Only `done` leaves a trace; any other undoes the whole write that it was part of. */
export type Outcome =
  | {
      readonly status: 'done';
      /**
       * What the key holds now; `null` where it holds nothing. After a member change, stores that keep members by themselves leave
       * the value of the entry `undefined`.
       */
      readonly entry: Entry | null;
      /** Whether it held anything before; stores may leave it false for a `put`. */
      readonly existed: boolean;
      /** Of a member change: what it did to the members. */
      readonly delta?: Delta;
      /** Of a member change: what its caller is told. */
      readonly answer?: Answer;
    }
  /** Wanted absent, but there is one. */
  | { readonly status: 'exists' }
  /** Wanted to change it, but there is none. */
  | { readonly status: 'missing' }
  /** At another version. */
  | { readonly status: 'conflict' }
  /** The change cannot be made to what is there: an increment out of range, a field that another variant has. `fact` says what and what to do. */
  | { readonly status: 'invalid'; readonly fact: string };

/** The only outcome that leaves a trace. */
export type Done = Extract<Outcome, { status: 'done' }>;

/** What a kind's repository calls are given to work with. */
export interface EntityAccess {
  readonly schema: Schema;
  /** @throws ValidationError */
  key(key: unknown): Key;
  /** @throws ValidationError */
  field(name: string): { readonly index: number; readonly part: FieldPart };
  /** Until when an entry lives that is written now, by the options of a save. @throws ValidationError */
  expiresAt(saveOptions: unknown): number | undefined;
}

/** A repository call that changes one key: what to apply, and what the caller gets of the outcome. */
export interface ChangeCall {
  readonly key: Key;
  readonly change: Change;
  /** Where it takes the options of a save: what it was given of them, not checked. */
  readonly saveOptions?: unknown;
  result(outcome: Done): unknown;
}

/** A repository call that reads: of which keys, what to ask, and what the caller gets of the answers (`null`: there is no such entity). */
export interface QueryCall {
  readonly keys: readonly Key[];
  readonly query: Query;
  /** The options of a read as it was given them, not checked. */
  readonly readOptions?: unknown;
  result(values: readonly (Value | null)[]): unknown;
}

/** A repository call that goes through a collection: what to ask first, what the caller gets of each answer, and what to ask next. */
export interface StreamCall {
  readonly key: Key;
  readonly query: Query;
  items(answer: Value): readonly unknown[];
  /** `undefined` at the end. */
  next(answer: Value): Query | undefined;
}

/** A value as one Redis hash. */
export interface HashForm {
  readonly type: 'hash';
  /** The fields that `query` needs, in the order in which `parse` expects their texts. */
  fields(schema: Schema, query: Query): readonly string[];
  /** Field, text, field, text … of the whole value. */
  format(schema: Schema, value: Value): string[];
  /** The value of the texts of `fields`. @throws CorruptPlain */
  parse(schema: Schema, query: Query, texts: readonly (string | null)[]): Value;
}

/** A value as one Redis string, of which it is one character: in the hot tier its marker is the rest. */
export interface StringForm {
  readonly type: 'string';
  /** One ASCII character, and no `-`. */
  format(schema: Schema, value: Value): string;
  /** What `query` asks for of the value of a text. @throws CorruptPlain */
  parse(schema: Schema, query: Query, text: string): Value;
}

/** A Redis command without its key, which comes after the name. */
export type RedisCommand = readonly [name: string, ...args: string[]];

/** What Redis answers to a command in a script: a text, a number, a list, or nothing. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** A collection as one Redis sorted set, list or set. Its marker lies beside it, in a key of its own. */
export interface CollectionForm {
  readonly type: 'zset' | 'list' | 'set';
  /** What answers `query`; `undefined` asks for all members. Each only reads. */
  ask(query: CollectionQuery | undefined): readonly RedisCommand[];
  /** Whether Redis may go through all members for it, however few it answers with. Default: not. */
  looksFar?(query: CollectionQuery): boolean;
  /** What `query` asks for, of the replies to its commands. @throws CorruptPlain */
  answer(query: CollectionQuery, replies: readonly RedisReply[]): Answer;
  /** All members, of the replies to the commands that ask for all. @throws CorruptPlain */
  parse(replies: readonly RedisReply[]): Members;
  /** Adds members, in their order, to what is there. */
  put(members: readonly Member[]): RedisCommand;
  /** Makes a copy of the collection as it was before take on a change. */
  change(delta: Delta): readonly RedisCommand[];
}

/** The property that holds an entity's value, of kinds whose entities have no fields. */
export interface ValueProperty {
  /** Its decorator: `Value`. */
  readonly decorator: string;
  /** Its type, as a class declares it. */
  readonly type: string;
  /** Its codec; of a collection, given the codec of a member and how many members it may have. */
  codec(member: Codec, limit: number | undefined): Codec;
}

/**
 * One data type, pure and without I/O: what a change does to a value, what a query selects from it, and how the value lies
 * in Redis. In-process stores run `apply` and `select` themselves; Redis and the databases are held to the
 * same answers by the conformance suite.
 */
export interface Kind {
  readonly name: string;
  /** What its entities have in place of fields; `undefined` where they have fields. */
  readonly property?: ValueProperty;
  /** How a value lies in Redis. */
  readonly redis: HashForm | StringForm | CollectionForm;
  /** Of a collection: what it is. Stores that can keep its members by themselves, and answer its queries where they lie. */
  readonly structure?: Structure;
  /** The query that asks for nothing but whether there is an entry. */
  readonly nothing: Query;
  /** What `change` makes of `entry` (`null`: nothing there). */
  apply(schema: Schema, entry: Entry | null, change: Change): Outcome;
  /** The part of `value` that `query` asks for. */
  select(schema: Schema, value: Value, query: Query): Value;
  /** The same value. */
  same(a: Value, b: Value): boolean;
  /** The texts of the members that a change is about; `undefined` where it is about the value as a whole. */
  touches?(schema: Schema, change: Change): readonly string[] | undefined;
  /** A value that takes on what a member change did to the value that it was. */
  merge?(value: Value, delta: Delta): Value;
  /**
   * The calls that the kind's repository, and a batch, has beside the common ones: by name, what each changes. One that was given
   * nothing to change asks instead, and writes nothing.
   */
  readonly changes: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => ChangeCall | QueryCall>>;
  /** Likewise, what each asks. */
  readonly queries: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => QueryCall>>;
  /** Likewise, what each goes through step by step, past every cache. */
  readonly streams?: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => StreamCall>>;
}
