import type { Actor } from './actor.js';
import type { Context } from './context.js';
import type { ScoredLabel, TransitionLabel } from './transition-label.js';

/** Whether to take a transition. One that throws does not hold. */
export type Condition = (context: Context, actor: Actor) => boolean | Promise<boolean>;
/** Where a transition leads, found out in the turn; nothing where it leads nowhere. */
export type LabelFunction = (
  context: Context,
  actor: Actor,
) => TransitionTarget | null | undefined | Promise<TransitionTarget | null | undefined>;
/** What a {@link LabelFunction} returns. */
export type TransitionTarget = Exclude<TransitionLabel, LabelFunction>;
/** What is answered, found out in the turn. */
export type ResponseFunction = (context: Context, actor: Actor) => unknown;
/** Changes the context or the current node. One that throws is logged and passed over. */
export type Processing = (
  context: Context,
  actor: Actor,
  // biome-ignore lint/suspicious/noConfusingVoidType: functions without a return are meant
) => Context | void | undefined | Promise<Context | void | undefined>;
/** Functions by name: one of a node takes the place of one of the same name of its flow. */
export type ProcessingSteps = Record<string, Processing | null>;

/** One way out of a node. */
export interface Transition {
  readonly label: ScoredLabel | LabelFunction;
  readonly condition: Condition;
}

/** A node of a script, in a turn together with what its flow and the script say for all nodes. */
export interface Node {
  transitions: readonly Transition[];
  /** A value, or a function that makes it; `undefined` or `null` where there is none. */
  response: unknown;
  preTransitionsProcessing: ProcessingSteps;
  preResponseProcessing: ProcessingSteps;
  misc: Record<string, unknown>;
}

/** A node that says nothing. */
export const emptyNode = (): Node => ({
  transitions: [],
  response: undefined,
  preTransitionsProcessing: {},
  preResponseProcessing: {},
  misc: {},
});
