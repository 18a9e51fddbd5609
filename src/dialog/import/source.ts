import type { ContextLike } from '../context.js';
import type { ContextId } from '../context-id.js';

/** One user's context, from wherever. */
export interface SourceEntry {
  readonly id: ContextId;
  /** Made when it is needed: one that is skipped is not read. */
  context(): Promise<ContextLike | undefined>;
}

/** Where contexts are imported from. */
export interface ContextSource {
  /** As errors name it. */
  readonly name: string;
  count(): Promise<number>;
  /** All, or where they come in an order of their own, those after one. */
  entries(after: string | undefined): AsyncIterable<SourceEntry>;
  close(): Promise<void>;
}
