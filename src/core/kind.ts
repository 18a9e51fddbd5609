import type { Codec } from './codec.js';
import type { FieldPart, Key, Row, Schema } from './schema.js';

/** What a stack carries for one key: of a hash and of a flag, a {@link Row}. Only its kind looks inside. */
export type Value = unknown;
/** What is asked of a value; `undefined` for all of it. Only the kind looks inside. */
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

/** What came of a change. Only `done` leaves a trace; any other undoes the whole write that it was part of. */
export type Outcome =
  | {
      readonly status: 'done';
      /** What the key holds now; `null` where it holds nothing. */
      readonly entry: Entry | null;
      /** Whether it held anything before; stores may leave it false for a `put`. */
      readonly existed: boolean;
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

/** The property that holds an entity's value, of kinds whose entities have no fields. */
export interface ValueProperty {
  /** Its decorator: `Value`. */
  readonly decorator: string;
  /** Its type, as a class declares it. */
  readonly type: string;
  readonly codec: Codec;
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
  readonly redis: HashForm | StringForm;
  /** What `change` makes of `entry` (`null`: nothing there). */
  apply(schema: Schema, entry: Entry | null, change: Change): Outcome;
  /** The part of `value` that `query` asks for. */
  select(schema: Schema, value: Value, query: Query): Value;
  /** The same value. */
  same(a: Value, b: Value): boolean;
  /** The calls that the kind's repository, and a batch, has beside the common ones: by name, what each changes. */
  readonly changes: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => ChangeCall>>;
  /** Likewise, what each asks. */
  readonly queries: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => QueryCall>>;
}
