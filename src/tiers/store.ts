import type { KeyedChange, Scanned, WriteResult } from '../core/fallback-driver.js';
import type { CommitMode } from '../core/hot-store.js';
import type { Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import type { TierStatus } from './tier-status.js';

/** Tells the outcome of one load: an error, or the entry that was found (`null`: there is none). The first that is told counts. */
export type Settle = (index: number, error: unknown, entry: Entry | null) => void;

/**
 * The tiers of one source: what repositories read from and write to, whether one store is behind it or two. It throws
 * `StoreUnavailableError` where no tier can answer.
 */
export interface Store {
  /** The name of the durable store. */
  readonly name: string;
  /** Whether several changes are all or none. */
  readonly transactions: boolean;
  /** Whether a load is first asked of a store without a network between. */
  readonly inProcess: boolean;
  /** Whether a put can carry `expiresAt`. */
  readonly ttl: boolean;
  /** Loads many keys of one entity, of each what its query asks for (without queries: all); `settle` is called for each, as soon as it is known. Never throws. */
  load(schema: Schema, keys: readonly Key[], queries: readonly Query[] | undefined, settle: Settle): void;
  /** Past every cache. */
  read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]>;
  /** All or none. `mode` is what an acknowledged write leaves hot. */
  write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult>;
  /** Makes the keys cold. */
  drop(schema: Schema, keys: readonly Key[]): Promise<void>;
  /** How its tiers stand; `hot` where there is one before a durable store. */
  status(): { readonly hot?: TierStatus; readonly durable: TierStatus };
  scan(schema: Schema): AsyncIterable<Scanned>;
  count(schema: Schema): Promise<number>;
  /** Waits for what is under way. Whoever opened the stores behind it closes them. */
  close(): Promise<void>;
}

/** Called when keys are about to change, and again when they have: nothing read between the two may be kept. */
export type Changed = (schema: Schema, keys: readonly Key[]) => void;
