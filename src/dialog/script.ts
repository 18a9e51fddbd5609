import type {
  GLOBAL,
  LOCAL,
  MISC,
  PRE_RESPONSE_PROCESSING,
  PRE_TRANSITIONS_PROCESSING,
  RESPONSE,
  TRANSITIONS,
} from './keywords.js';
import type { Condition, Node, ProcessingSteps } from './node.js';
import type { TransitionLabel } from './transition-label.js';

/** Transitions by the node they lead to, or where that is more than a name, as pairs: `[[forward(), isTrue()]]`. */
export type Transitions =
  | Readonly<Record<string, Condition>>
  | readonly (readonly [label: TransitionLabel, condition: Condition])[]
  | ReadonlyMap<TransitionLabel, Condition>;

/** One node of a script, as it is written. */
export interface NodeScript {
  readonly [TRANSITIONS]?: Transitions;
  readonly [RESPONSE]?: unknown;
  readonly [MISC]?: Readonly<Record<string, unknown>>;
  readonly [PRE_TRANSITIONS_PROCESSING]?: Readonly<ProcessingSteps>;
  readonly [PRE_RESPONSE_PROCESSING]?: Readonly<ProcessingSteps>;
}

/** One flow: nodes by name, and what holds for all of them. */
export interface FlowScript {
  readonly [LOCAL]?: NodeScript;
  readonly [node: string]: NodeScript;
}

/**
 * A dialog: flows by name, and what holds in all of them.
 *
 * @example
 * const script: Script = {
 *   greeting: {
 *     start: { [TRANSITIONS]: { hello: exactMatch('Hi') } },
 *     hello: { [RESPONSE]: 'Hi, how are you?' },
 *   },
 * };
 */
export interface Script {
  readonly [GLOBAL]?: NodeScript;
  readonly [flow: string]: FlowScript;
}

/** One flow, read. */
export interface ReadFlow {
  readonly local: Node;
  readonly nodes: ReadonlyMap<string, Node>;
}

/** A script, read. */
export interface ReadScript {
  readonly global: Node;
  readonly flows: ReadonlyMap<string, ReadFlow>;
}
