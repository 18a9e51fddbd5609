import type { FieldPart, Key, Row, Schema } from './schema.js';

/** What a stack carries for one key: of a hash, its {@link Row}. Only its kind looks inside. */
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

/** The changes of a hash. Where the schema has a version, `patch`, `increment` and `modify` add one to it; `put` carries it. */
export type HashChange =
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
}

/** A repository call that changes one key: what to apply, and what the caller gets of the outcome. */
export interface ChangeCall {
  readonly key: Key;
  readonly change: Change;
  result(outcome: Done): unknown;
}

/** A repository call that reads one key: what to ask, and what the caller gets of the answer (`null`: there is no such entity). */
export interface QueryCall {
  readonly key: Key;
  readonly query: Query;
  result(value: Value | null): unknown;
}

/**
 * One data type, pure and without I/O: what a change does to a value, what a query selects from it, and how the value is
 * written as a Redis hash. In-process stores run `apply` and `select` themselves; Redis and the databases are held to the
 * same answers by the conformance suite.
 */
export interface Kind {
  readonly name: string;
  /** What `change` makes of `entry` (`null`: nothing there). */
  apply(schema: Schema, entry: Entry | null, change: Change): Outcome;
  /** The part of `value` that `query` asks for. */
  select(schema: Schema, value: Value, query: Query): Value;
  /** The fields of the entry's Redis hash that `query` needs, in the order in which `parse` expects their texts. */
  redisFields(schema: Schema, query: Query): readonly string[];
  /** Field, text, field, text … of the whole value. */
  format(schema: Schema, value: Value): string[];
  /** The value of the texts of `redisFields`. @throws CorruptPlain */
  parse(schema: Schema, query: Query, texts: readonly (string | null)[]): Value;
  /** The same value. */
  same(a: Value, b: Value): boolean;
  /** The calls that the kind's repository, and a batch, has beside the common ones: by name, what each changes. */
  readonly changes: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => ChangeCall>>;
  /** Likewise, what each asks. */
  readonly queries: Readonly<Record<string, (access: EntityAccess, ...args: never[]) => QueryCall>>;
}
