import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import type { Value } from '../core/kind.js';
import type { CacheSettings, Key, MapLike } from '../core/schema.js';
import { coarseNow } from './coarse-now.js';

/** What the in-process cache says of one key. */
export interface Cached {
  readonly key: Key;
  /** The text that the key is; `undefined` where it is not one text. */
  readonly text: string | undefined;
  /** `null`: known not to exist. */
  readonly entry: Value | null;
  /** False where the TTL is over: good only while every tier fails. */
  readonly fresh: boolean;
}

/** The in-process cache of one entity. It never throws, and has no timers to stop. */
export interface EntityCache {
  get(id: string): Cached | undefined;
  /** Keeps `entry` for the cache's TTL, but no longer than `ttlLimit` milliseconds, then `staleIfError` more within that limit. */
  set(key: Key, entry: Value | null, ttlLimit?: number): void;
  delete(id: string): void;
  clear(): void;
  /** `undefined` where a cache of the user's own does not tell. */
  readonly size: number | undefined;
}

class Slot implements Cached {
  fresh = true;
  readonly text: string | undefined;
  /** Times are whole milliseconds since the cache was made: small numbers, which lie in the slot itself. */
  constructor(
    readonly owner: object,
    readonly key: Key,
    readonly entry: Value | null,
    readonly freshUntil: number,
    readonly goneAt: number,
  ) {
    const [part] = key.parts;
    this.text = key.parts.length === 1 && typeof part === 'string' ? part : undefined;
  }
}

/** `absentTtl` in milliseconds bounds "known not to exist"; that is never stale, for an outage must not become "not found". */
export function entityCache(
  settings: CacheSettings,
  absentTtl: number,
  clock: Clock,
  random: () => number = Math.random,
): EntityCache {
  return new MapCache(settings, absentTtl, clock, random);
}

class MapCache implements EntityCache {
  readonly #settings: CacheSettings;
  readonly #absentTtl: number;
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #store: MapLike;
  // Only slots of this owner are ours: not those of another entity in the same cache of a user, and none from before a
  // deletion that failed.
  #owner = {};

  constructor(settings: CacheSettings, absentTtl: number, clock: Clock, random: () => number) {
    this.#settings = settings;
    this.#absentTtl = absentTtl;
    this.#random = random;
    const now = coarseNow(clock);
    const start = now();
    this.#now = () => now() - start;
    this.#store = settings.store ?? new LRUCache<string, Slot>({ max: settings.max });
  }

  get(id: string): Cached | undefined {
    let slot: Slot | null | undefined;
    try {
      slot = this.#store.get(id) as Slot | null | undefined;
    } catch {
      return undefined;
    }
    if (slot?.owner !== this.#owner) return undefined;
    const now = this.#now();
    if (now < slot.freshUntil) return slot;
    slot.fresh = false;
    return now < slot.goneAt ? slot : undefined;
  }

  set(key: Key, entry: Value | null, ttlLimit = Number.POSITIVE_INFINITY): void {
    const { id } = key;
    const { ttl, jitter, staleIfError } = this.#settings;
    const full = entry === null ? Math.min(ttl, this.#absentTtl) : ttl;
    const fresh = Math.floor(Math.min(full * (1 - jitter * this.#random()), ttlLimit));
    const kept = entry === null ? fresh : Math.min(fresh + staleIfError, ttlLimit);
    const now = this.#now();
    try {
      if (kept > 0) this.#store.set(id, new Slot(this.#owner, key, entry, now + fresh, now + kept));
      else this.#store.delete(id);
    } catch {
      this.delete(id);
    }
  }

  delete(id: string): void {
    try {
      this.#store.delete(id);
    } catch {
      this.#owner = {};
    }
  }

  clear(): void {
    this.#owner = {};
    try {
      this.#store.clear();
    } catch {
      // What is left in it has no owner any more.
    }
  }

  get size(): number | undefined {
    try {
      const { size } = this.#store as { size?: unknown };
      return typeof size === 'number' ? size : undefined;
    } catch {
      return undefined;
    }
  }
}
