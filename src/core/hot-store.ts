import type { Delta, Member } from './collection.js';
import type { Query, Value } from './kind.js';
import type { Key, Schema } from './schema.js';

/** What the hot tier says of one key. */
export type HotReply =
  | { readonly state: 'value'; readonly value: Value }
  /** Known not to exist. */
  | { readonly state: 'absent' }
  /** Cold; the caller holds the right to fill it, under `token`. */
  | { readonly state: 'fill'; readonly token: string }
  /** Being written or filled by others: ask the durable store, do not fill. */
  | { readonly state: 'busy' }
  /** The entry was not readable and was dropped: ask the durable store. */
  | { readonly state: 'corrupt'; readonly fact: string }
  /** The node of this key did not answer. */
  | { readonly state: 'unreachable'; readonly error: unknown };

/** `undefined` where it was done, else why that key's node did not. */
export type HotFault = { readonly error: unknown } | undefined;

/** What lies in the hot tier under one key, looked at without touching it. */
export type HotPeek =
  | { readonly state: 'value'; readonly value: Value }
  | { readonly state: 'absent' }
  /** Nothing that would be served. */
  | { readonly state: 'cold' }
  /** Being written or filled. */
  | { readonly state: 'busy' }
  | { readonly state: 'corrupt'; readonly fact: string }
  | { readonly state: 'unreachable'; readonly error: unknown };

/** What a commit or fill leaves hot: a value, or `null` for "known absent"; and for how long, in milliseconds (`undefined`: for ever). */
export interface HotEntry {
  readonly key: Key;
  readonly value: Value | null;
  readonly ttl: number | undefined;
  /** The value is what was staged under the token, and `value` is `undefined`. */
  readonly staged?: boolean;
}

/** What a commit makes of the collection that is hot: what its member changes did, in order. Where none is hot, none becomes so. */
export interface HotDelta {
  readonly key: Key;
  readonly deltas: readonly Delta[];
}

/** `set` puts the value, `ifPresent` only over a value that was hot, `drop` leaves the key cold. */
export type CommitMode = 'set' | 'ifPresent' | 'drop';

/** How a hot store is opened. */
export interface HotOpenOptions {
  /** That it cannot be reached now is no fault: it is opened all the same, and {@link HotStore.places} says so until it is there. */
  readonly mayBeAway?: boolean;
}

/**
 * The hot tier, speaking the fenced protocol: one step is one atomic script for each key. Every method takes many keys of
 * one entity, costs one round trip (on a cluster, one for each node) and answers for each key by itself, in their order.
 * Every step is safe late and safe twice.
 */
export interface HotStore {
  /** `redis`, `memory`. */
  readonly name: string;
  /** Whether it answers without a network between, for this process alone. Default: false. */
  readonly inProcess?: boolean;
  /**
   * Names the data: stores of one scope, in whatever process, have the same entries; of two scopes, never. At most 255
   * characters.
   */
  readonly scope: string;
  /** @throws StoreFault where it cannot be reached, or refuses what it is needed for */
  open(schemas: readonly Schema[], options?: HotOpenOptions): Promise<void>;
  /** Serves what is valid, of each key what its query asks for (without queries: all); takes `F token` on what is cold. */
  read(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    token: string,
  ): Promise<readonly HotReply[]>;
  /**
   * Locks each key with `token` for `lockTime` milliseconds. What lies under a lock is served for `servedFor` of them, by
   * default all, then no more: its writer may be dead. `members` says for each key which members the write is about (`undefined`: all):
   * writers of other members do not mark each other's lock.
   */
  begin(
    schema: Schema,
    keys: readonly Key[],
    token: string,
    lockTime: number,
    servedFor?: number,
    members?: readonly (readonly string[] | undefined)[],
  ): Promise<readonly HotFault[]>;
  /**
   * Lengthens the lock of the token, one for all keys or one for each, where it still holds it; both times begin anew. A key may
   * be there several times: its tokens are renewed together.
   */
  renew(
    schema: Schema,
    keys: readonly Key[],
    token: string | readonly string[],
    lockTime: number,
  ): Promise<readonly HotFault[]>;
  /**
   * The write is durable: sets the entry where the lock is this token's alone, else leaves it dirty or cold. A delta is made to
   * the value beneath a lock that is not marked, also where others are in it; over anything but a value it leaves the key cold.
   */
  commit(
    schema: Schema,
    entries: readonly (HotEntry | HotDelta)[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]>;
  /**
   * Takes the token, one for all keys or one for each, out of the lock; the last one out leaves the key cold, and so is one
   * without a lock.
   */
  abandon(schema: Schema, keys: readonly Key[], token: string | readonly string[]): Promise<readonly HotFault[]>;
  /**
   * Puts members of a large collection aside, for the fill with this token that says they are staged; `false` where `F token` does
   * not stand any more, so that it is in vain to go on. Lengthens the right to fill.
   */
  stage(
    schema: Schema,
    key: Key,
    members: readonly Member[],
    token: string,
  ): Promise<boolean | { readonly error: unknown }>;
  /** Sets what was read from the durable store, only where `F token` still stands. */
  fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]>;
  /** Makes each key cold; a lock of others is marked dirty. */
  drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]>;
  /** What is hot, as it is: takes no right to fill, and changes nothing. */
  peek(schema: Schema, keys: readonly Key[]): Promise<readonly HotPeek[]>;
  /** The ids of the keys that have an entry of any kind, in no order; one may come twice. @throws StoreFault */
  ids(schema: Schema): AsyncIterable<readonly string[]>;
  /** Which of {@link places} holds the key: a node of a cluster. Always `''` where there is one place. */
  place(schema: Schema, key: Key): string;
  /** Every place that keys may lie in, and why it does not take writes now (`undefined` where it does). Never rejects. */
  places(): Promise<ReadonlyMap<string, HotFault>>;
  /**
   * Tells when the way to a place is lost, and when it is there again, also while nobody asks for anything; returns what ends
   * that. Absent where there is no way to lose.
   */
  watch?(heard: (place: string, there: boolean) => void): () => void;
  close(): Promise<void>;
}
