import type { Codec } from './codec.js';
import type { Kind } from './kind.js';
import type { Plain, StorageType } from './plain.js';

/** Types a key property can have. */
export type KeyType = 'string' | 'number' | 'integer' | 'bigint' | 'date';

/** One property of the key. */
export interface KeyPart {
  /** The property's name. */
  readonly name: string;
  /** Its name in a store. */
  readonly column: string;
  readonly type: KeyType;
  readonly storage: StorageType;
  readonly generate?: 'uuid' | 'ulid';
}

/** One stored property that is not part of the key. */
export interface FieldPart {
  readonly name: string;
  readonly column: string;
  readonly codec: Codec;
  readonly storage: StorageType;
  readonly nullable: boolean;
  /** Whether every entity has it: without it none can be saved, and none read. Default: false. */
  readonly required?: boolean;
  /** Most characters (strings) or bytes; `undefined` for no limit of its own. */
  readonly length?: number;
  readonly index: boolean;
  /** What `create` and the first save put where the property is undefined. */
  readonly defaultValue?: () => unknown;
  /** Of a collection: the codec of one member. */
  readonly member?: Codec;
}

/** The value of an entity: plain values in the order of `schema.fields`; `undefined` is absent. */
export type Row = readonly (Plain | undefined)[];

/** Circuit breaker settings, durations in milliseconds. */
export interface BreakerSettings {
  readonly errorThresholdPercentage: number;
  readonly volumeThreshold: number;
  readonly resetTimeout: number;
  readonly timeout: number;
  readonly isFault?: (error: unknown) => boolean;
}

/** In-process cache settings, durations in milliseconds. */
export interface CacheSettings {
  readonly max: number;
  readonly ttl: number;
  readonly jitter: number;
  readonly staleIfError: number;
  /** A cache of the user's own. */
  readonly store?: MapLike;
}

/** As much of a Map as a cache must have. */
export interface MapLike {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
  clear(): void;
}

/** One declared entity, checked and frozen. Everything below the repositories works from this. */
export interface Schema {
  /** The entity's name in every store: `person`. */
  readonly name: string;
  readonly target: Function;
  readonly kind: Kind;
  readonly keys: readonly KeyPart[];
  readonly fields: readonly FieldPart[];
  /** Of a collection: most members; beyond that the lowest go, of a list those at the other end. `undefined` for no limit. */
  readonly limit?: number | undefined;
  /** Index in `fields` of the version, where there is one. */
  readonly version: number | undefined;
  /** 8 hex characters over names, types and order: hot entries of another fingerprint are cold. */
  readonly fingerprint: string;
  /** How long an entry stays hot, in milliseconds; `undefined` for ever. */
  readonly ttl: number | undefined;
  /** How long "known absent" stays hot, in milliseconds. */
  readonly absentTtl: number;
  /** 0 to 1: by how much of itself a TTL is shortened at random. */
  readonly jitter: number;
  /** The durable home's name in `open({ fallbacks })`; `undefined` where the hot tier is the truth. */
  readonly fallback: string | undefined;
  /** True where an entity goes by TypeORM's own repository. */
  readonly throughTypeorm: boolean;
  /** The class is mapped by TypeORM already: its table is the durable home. */
  readonly mappedByTypeorm: boolean;
  readonly cache: CacheSettings | undefined;
  /** Breakers of the entity's own; `undefined` shares the tier's. */
  readonly breakers: { readonly hot?: BreakerSettings; readonly durable?: BreakerSettings } | undefined;
  /** Makes an empty entity. */
  readonly construct: (data: Record<string, unknown>) => object;
  /** One class for each value of a field; `undefined` where the entity has one class. */
  readonly variants: { readonly field: number; readonly classes: ReadonlyMap<string, Function> } | undefined;
}

/** A checked key: its parts in order, and its text, which is unique within the entity. */
export interface Key {
  readonly id: string;
  readonly parts: readonly Exclude<Plain, null>[];
}
