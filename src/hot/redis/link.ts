import type { StoreFault } from '../../core/fallback-driver.js';
import type { ScriptCall } from './script.js';

/** What came of a script: the reply, or why there is none. */
export type Answer =
  | { readonly reply: unknown; readonly fault?: undefined }
  | { readonly fault: StoreFault; readonly reply?: undefined };

/** Every place that keys may lie in, and why it could not be asked. */
export type Places = ReadonlyMap<string, StoreFault | undefined>;

/** Is told of a place whether it is connected now. */
export type Watcher = (place: string, there: boolean) => void;

/** An open way to Redis: to one server, also by way of Sentinel, or to the nodes of a cluster. */
export interface RedisLink {
  /** `host:port`, for what errors say. */
  readonly address: string;
  /** Where true, the keys of a script must lie in one slot. */
  readonly cluster: boolean;
  /** What the client puts before every key. */
  readonly keyPrefix: string;
  /** The number of the database. */
  readonly database: number;
  /** Why nothing can be sent now, to no place; `undefined` where it can. */
  refusal(): StoreFault | undefined;
  /** Runs the scripts, each answering for itself, in one round trip to each node. Never rejects. */
  run(calls: readonly ScriptCall[]): Promise<readonly Answer[]>;
  /** The keys that match a glob pattern, of all nodes, in no order; a key may come twice. @throws StoreFault */
  scan(pattern: string): AsyncIterable<readonly string[]>;
  /** Where a key lies: the `host:port` of a cluster's node, `nobody` where none serves it; `''` where there is one server. */
  place(key: string): string;
  /** Runs a script at every place: one of those that `probe` gives, whose keys differ in what stands between braces. Never rejects. */
  places(probe: (index: number) => ScriptCall): Promise<Places>;
  /** Tells when the connection to a place is lost, and when it is there again; returns what ends that. */
  watch(heard: Watcher): () => void;
  /** What waits for an answer is refused. A client that was given, not made here, stays open. */
  close(): Promise<void>;
}
