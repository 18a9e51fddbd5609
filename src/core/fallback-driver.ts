import type { Clock } from './clock.js';
import type { Change, Done, Entry, Outcome, Query } from './kind.js';
import type { Logger } from './logger.js';
import type { Key, Schema } from './schema.js';

/** What a store can do. Declared, never guessed; `open()` refuses an entity that asks for more. */
export interface DriverCapabilities {
  /** Several changes are made all or none. */
  readonly transactions: boolean;
  /** Single entries expire at a time of their own. */
  readonly ttl: boolean;
  /** Other processes can write to the same data. */
  readonly shared: boolean;
  /** Whether it answers without a network between. Default: false. */
  readonly inProcess?: boolean;
  /** Whether a statement ends before the process does anything else: then there is none to give up, nor two at once. Default: false. */
  readonly synchronous?: boolean;
  /** Whether counting goes through all that the server has, a part at a time: then it has no limit, as a scan has none. Default: false. */
  readonly countsByScan?: boolean;
  /** Whether it can store the character U+0000. */
  readonly nul: boolean;
  /** Most characters of one text part of a key; `undefined` for no limit. */
  readonly keyPartLength?: number;
  /** Most UTF-8 bytes of all text parts of a key together; `undefined` for no limit. */
  readonly keyBytes?: number;
  /** Most keys that one write may change; `undefined` for no limit. */
  readonly keysAtOnce?: number;
  /** Most bytes of one entry of fields, as the store counts them; `undefined` for no limit. */
  readonly entryBytes?: number;
}

/** What a driver is opened with. */
export interface DriverOptions {
  /** Create what is missing in the store; `undefined` leaves it to the driver's own default. */
  readonly synchronize: boolean | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** No statement may run longer than this, in milliseconds: bounded in the server where it can be. */
  readonly statementTimeout: number;
}

/** One change to one key of one entity. */
export interface KeyedChange {
  readonly schema: Schema;
  readonly key: Key;
  readonly change: Change;
}

/** All were made, or none: then `index` says which could not be. */
export type WriteResult =
  | { readonly done: true; readonly outcomes: readonly Done[] }
  | { readonly done: false; readonly index: number; readonly outcome: Exclude<Outcome, Done> };

/** What `scan` yields. */
export interface Scanned {
  readonly key: Key;
  readonly entry: Entry;
}

/**
 * A durable store. It throws {@link StoreFault} where it could not be reached or does not answer, `ValidationError` for a
 * value it cannot keep, and nothing else on purpose. An entry whose `expiresAt` has passed does not exist.
 */
export interface FallbackDriver {
  /** What errors and health call it: `sqlite`, `postgres`, `file`. */
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  open(schemas: readonly Schema[], options: DriverOptions): Promise<void>;
  /** As long as `keys` and in their order; `null` where there is none. One round trip. */
  read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]>;
  /** In order, in one transaction where there are several; one round trip where there is one. */
  write(changes: readonly KeyedChange[]): Promise<WriteResult>;
  /** All entries in the order of their keys, in bounded memory. */
  scan(schema: Schema): AsyncIterable<Scanned>;
  count(schema: Schema): Promise<number>;
  close(): Promise<void>;
}

/** A store's fault, as opposed to an answer: it could not be reached, refused for reasons of its own, or did not answer in time. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  constructor(
    message: string,
    /** `none`: certainly nothing was written. `unknown`: it may have been, or may yet be within `unknownFor` milliseconds. */
    readonly outcome: 'none' | 'unknown',
    options?: {
      cause?: unknown;
      unknownFor?: number;
      settled?: Promise<unknown>;
      open?: boolean;
      refused?: boolean;
      retryAt?: number;
    },
  ) {
    super(message, { cause: options?.cause });
    this.unknownFor = options?.unknownFor ?? 0;
    this.settled = options?.settled;
    this.open = options?.open ?? false;
    this.refused = options?.refused ?? this.open;
    this.retryAt = options?.retryAt;
  }
  readonly unknownFor: number;
  /**
   * Of a call that was given up: fulfilled when it really ends, with the error it ended in, or `undefined` where it
   * succeeded after all. Never rejected.
   */
  readonly settled: Promise<unknown> | undefined;
  /** True where the store was not called, because its circuit breaker is open. */
  readonly open: boolean;
  /** True where the store was not called, because of its breaker or because too many calls are under way: it says nothing new of the store. */
  readonly refused: boolean;
  /** When the breaker lets a call through again, in milliseconds since 1970; `undefined` where nothing is known. */
  readonly retryAt: number | undefined;
}
