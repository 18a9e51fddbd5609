import type { LabelFunction } from './node.js';

/**
 * Where a transition leads: a node of the same flow, a flow and a node, either with a priority, or a function that says so in the turn.
 */
export type TransitionLabel =
  | string
  | readonly [node: string, priority: number]
  | readonly [flow: string, node: string]
  | readonly [flow: string, node: string, priority: number]
  | LabelFunction;

/** A label with a priority. An empty flow is the one that the transition stands in; without a number the actor's priority counts. */
export interface ScoredLabel {
  readonly flow: string;
  readonly node: string;
  readonly priority: number | undefined;
}

/** A label in full; `undefined` where it is none. */
export function scoredLabel(given: unknown): ScoredLabel | undefined {
  if (typeof given === 'string') return { flow: '', node: given, priority: undefined };
  if (!Array.isArray(given)) return undefined;
  const [first, second, third] = given as unknown[];
  if (typeof first !== 'string' || given.length > 3) return undefined;
  if (given.length === 2 && isPriority(second)) return { flow: '', node: first, priority: second };
  if (typeof second !== 'string') return undefined;
  if (given.length === 2) return { flow: first, node: second, priority: undefined };
  return isPriority(third) ? { flow: first, node: second, priority: third } : undefined;
}

const isPriority = (given: unknown): given is number => typeof given === 'number' && !Number.isNaN(given);
