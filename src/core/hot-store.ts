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

/** What a commit or fill leaves hot: a value, or `null` for "known absent"; and for how long, in milliseconds (`undefined`: for ever). */
export interface HotEntry {
  readonly key: Key;
  readonly value: Value | null;
  readonly ttl: number | undefined;
}

/** `set` puts the value, `ifPresent` only over a value that was hot, `drop` leaves the key cold. */
export type CommitMode = 'set' | 'ifPresent' | 'drop';

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
  open(schemas: readonly Schema[]): Promise<void>;
  /** Serves what is valid; takes `F token` on what is cold. */
  read(schema: Schema, keys: readonly Key[], query: Query, token: string): Promise<readonly HotReply[]>;
  /** Locks each key with `token` for `lockTime` milliseconds. */
  begin(schema: Schema, keys: readonly Key[], token: string, lockTime: number): Promise<readonly HotFault[]>;
  /** Lengthens the lock of `token` where it still holds it. */
  renew(schema: Schema, keys: readonly Key[], token: string, lockTime: number): Promise<readonly HotFault[]>;
  /** The write is durable: sets the entry where the lock is this token's alone, else leaves it dirty or cold. */
  commit(schema: Schema, entries: readonly HotEntry[], token: string, mode: CommitMode): Promise<readonly HotFault[]>;
  /** Takes `token` out of the lock; the last one out leaves the key cold. */
  abandon(schema: Schema, keys: readonly Key[], token: string): Promise<readonly HotFault[]>;
  /** Sets what was read from the durable store, only where `F token` still stands. */
  fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]>;
  /** Makes each key cold; a lock of others is marked dirty. */
  drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]>;
  close(): Promise<void>;
}
