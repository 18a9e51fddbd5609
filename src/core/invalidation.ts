import type { Clock } from './clock.js';
import type { Schema } from './schema.js';

/** Who keeps values in process, and is told when those in the store have changed. None of the calls may throw. */
export interface Listening {
  /** The entities that are kept. */
  readonly schemas: readonly Schema[];
  /** The entries may have changed: what was kept of them, and what is being read now, may not be kept on. */
  changed(schema: Schema, ids: readonly string[]): void;
  /** Messages may have been missed: nothing that was kept, of any entity, nor what is being read now, may be kept on. */
  doubt(): void;
  /** The state is another one now. */
  onState?(status: InvalidationStatus): void;
  readonly clock: Clock;
}

/** Whether changes by other processes are heard of. */
export interface InvalidationStatus {
  /** `down`: what is kept may be older than its store, until its TTL. */
  readonly state: 'up' | 'down';
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** Why it is down, as the last try had it. */
  readonly cause?: unknown;
}

/** An open channel on which processes tell each other which entries they have changed: keys, never values. */
export interface Invalidation {
  status(): InvalidationStatus;
  /** Nothing is told after it. */
  close(): Promise<void>;
}
