import type { Comparison } from './measure.js';
import type { Room } from './room.js';

/** Where the servers are, and what is ours on them. */
export interface BenchContext {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  /** The prefix of every key in Redis, and of every table. */
  readonly ownName: string;
  /** Whether commits wait for the disk. */
  readonly disk: boolean;
  /** A folder for files, removed at the end. */
  readonly folder: string;
}

/** One subject of the benchmarks. */
export interface BenchCase {
  readonly name: string;
  readonly needs: readonly ('redis' | 'postgres')[];
  /** Fills the stores, and gives what is to be compared; `close` ends every connection. */
  open(context: BenchContext): Promise<OpenCase>;
}

export interface OpenCase {
  readonly comparisons: readonly Comparison[];
  /** How much room things take. */
  readonly rooms?: readonly Room[];
  close(): Promise<void>;
}
