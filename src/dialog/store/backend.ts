import type { ContextId } from '../context-id.js';
import type { TicketQueue } from './ticket-queue.js';

/** What is kept of a context beside its turns. */
export interface Head {
  /** The id that it was stored under, as text. */
  readonly user: string;
  readonly contextId: ContextId;
  /** Counted on by every write. */
  readonly version: number;
  readonly validation: boolean;
  /** JSON. */
  readonly misc: string;
  /** JSON. */
  readonly states: string;
  /** How many turns there are. */
  readonly turns: number;
  /** The number of the last turn, -1 where there is none. */
  readonly last: number;
  /** The version whose write put the last turn there: by it a reader sees whether head and turns belong together. */
  readonly mark: number;
  /** When the turns expire, in milliseconds since 1970. */
  readonly turnsUntil: number | null;
  /** How many of the first turns lie in an archive; a backend's own affair. */
  readonly archived: number;
  /** How many turns a part of the archive has. */
  readonly part: number;
}

/** A head and its last turns, as they were at one time. */
export interface Stored {
  readonly head: Head;
  /** Turns as {@link turnItem} writes them, oldest first. */
  readonly items: readonly string[];
}

/** What one write makes of the turns: all of them anew, or some taken from the end and others put there. */
export type TurnsWrite =
  | { readonly all: readonly string[] }
  | { readonly drop: number; readonly push: readonly string[] };

/** One atomic write of one context. */
export interface ContextWrite {
  readonly key: string;
  /** As it is to be; its version is one above the one that must be there, and 1 for a new one. */
  readonly head: Head;
  /** As it was; `undefined` for a new context. */
  readonly before: Head | undefined;
  readonly turns: TurnsWrite | undefined;
  /** Changes the user's queue in the same write; what it throws refuses the write. */
  readonly queue?: ((queue: TicketQueue) => void) | undefined;
}

/** A user by the key of his context, and by his id as text. */
export interface User {
  readonly key: string;
  readonly user: string;
}

/** Where contexts are kept. Every backend gives the same results and the same errors. */
export interface Backend {
  /** The head, and its last `window` turns; one round trip. `durable` goes past every cache. */
  load(key: string, window: number, durable: boolean): Promise<Stored | undefined>;
  /** Turns from position `start`, below 0 counted from the end, to `stop`, both included; without it, to the last. */
  items(key: string, start: number, stop: number | undefined, durable: boolean): Promise<readonly string[]>;
  /** All or nothing; the head as it is then. @throws VersionConflictError; StoreUnavailableError */
  write(write: ContextWrite): Promise<Head>;
  /** Removes every trace. */
  remove(keys: readonly string[]): Promise<void>;
  exists(key: string): Promise<boolean>;
  count(): Promise<number>;
  /** All users, in bounded memory. */
  users(): AsyncIterable<User>;
  /** The keys of all users for whom there is a queue. */
  queues(): AsyncIterable<string>;
  queue(key: string): Promise<TicketQueue | undefined>;
  /** Changes a user's queue atomically, makes it where there is none, and gives what it is then. */
  changeQueue(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue>;
  close(): Promise<void>;
}
