import type { Codec } from '../core/codec.js';
import type { FieldTypeName } from '../core/codecs.js';
import type { Duration } from '../core/duration.js';
import type { KeyType, MapLike } from '../core/schema.js';
import type { Class } from './types.js';

/** Data whose shape only the user's own code knows. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where TypeScript leaves no other way.
export type Loose = any;

/** What `@Entity` takes. */
export interface EntityOptions {
  /** The entity's name in every store; the class's name in snake_case where left out. */
  readonly name?: string;
  /** The property that tells the variants apart. */
  readonly by?: string;
  /** One class for each value of the property `by`. */
  readonly variants?: () => Readonly<Record<string, Class<object>>>;
  /** Makes an entity of a class whose constructor takes arguments. The properties are assigned afterwards. */
  readonly create?: (data: Loose) => object;
}

/** What `@Key` takes. */
export interface KeyOptions {
  /** Needed where the compiler emits no `design:type`. */
  readonly type?: KeyType;
  /** Fills an empty key at the first save. Strings only. */
  readonly generate?: 'uuid' | 'ulid';
  /** Its name in a store; the property's where left out. */
  readonly name?: string;
}

/** What an array's element or a field can be: a type's name, a class with fields of its own, or a codec. */
export type ElementType = FieldTypeName | Class<object> | Codec<Loose>;

/** What a field can be declared as. A function is called at `open()`, for classes declared further down. */
export type FieldType = ElementType | readonly [ElementType] | (() => ElementType | readonly [ElementType]);

/** What `@Field` takes. */
export interface FieldOptions {
  /** Needed where the compiler emits no `design:type`, or one that says too little: a union, an interface. */
  readonly type?: FieldType;
  /** Whether `null` can be stored. */
  readonly nullable?: boolean;
  /** Its name in a store; the property's where left out. */
  readonly name?: string;
  /** What `create` and `save` put where the property is undefined: a value, or a function that makes one. */
  readonly default?: unknown;
  /** Most characters of a string, or bytes. */
  readonly length?: number;
  /** Whether a table has an index on it. */
  readonly index?: boolean;
}

/** What `@Value` takes. */
export interface ValueOptions {
  /** Its name in a store; the property's where left out. */
  readonly name?: string;
}

/** How long an entity's entries stay hot. */
export interface HotOptions {
  /** For ever where left out. */
  readonly ttl?: Duration;
  /** How long "does not exist" is remembered. 30 s where left out. */
  readonly absentTtl?: Duration;
  /** 0 to 1: by how much of itself a TTL is shortened at random. 0.1 where left out. */
  readonly jitter?: number;
}

/** What `@SortedSet` takes. */
export interface SortedSetOptions extends HotOptions {
  /** Most members: beyond that those with the lowest scores go. No limit where left out. */
  readonly maxSize?: number;
}

/** What `@RedisList` takes. */
export interface ListOptions extends HotOptions {
  /** Most items: beyond that those at the other end than the new ones go. No limit where left out. */
  readonly maxLength?: number;
}

/** What a member of a collection can be. A function is called at `open()`, for classes declared further down. */
export type MemberType = ElementType | (() => ElementType);

/** What `@Members`, `@Points` and `@Items` take. */
export interface MemberOptions {
  /** What a member is; a string where left out. */
  readonly type?: MemberType;
  /** Its name in a store; the property's where left out. */
  readonly name?: string;
}

/** What `@Fallback` takes beside the name. */
export interface FallbackOptions {
  /** `'typeorm'` goes by TypeORM's own repository: listeners, subscribers, relations. For classes that TypeORM maps. */
  readonly through?: 'typeorm';
  /** `'behind'`: the hot tier acknowledges, the durable store follows. */
  readonly write?: 'through' | 'behind';
}

/** What `@Cached` takes: the in-process cache. */
export interface CachedOptions {
  /** Most entries; 10 000 where left out. */
  readonly max?: number;
  /** 5 s where left out. */
  readonly ttl?: Duration;
  /** 0 to 1; 0.1 where left out. */
  readonly jitter?: number;
  /** For how long after its TTL an entry is still served while every tier fails; 0 where left out. */
  readonly staleIfError?: Duration;
  /** A cache of your own instead of the LRU. */
  readonly store?: MapLike;
}

/** Settings of one circuit breaker. */
export interface BreakerOptions {
  /** Percentage of faults at which it opens; 50 where left out. */
  readonly errorThresholdPercentage?: number;
  /** Fewest calls before it can open; 5 where left out. */
  readonly volumeThreshold?: number;
  /** How long it stays open before it lets a call through; 10 s where left out. */
  readonly resetTimeout?: Duration;
  /** How long a call may take; 500 ms for the hot tier, 5 s for the durable one where left out. */
  readonly timeout?: Duration;
  /** Whether an error counts as the tier's fault. */
  readonly isFault?: (error: unknown) => boolean;
}

/** What `@CircuitBreaker` takes: settings for both tiers, and those of one tier alone. */
export interface CircuitBreakerOptions extends BreakerOptions {
  readonly hot?: BreakerOptions;
  readonly durable?: BreakerOptions;
}
