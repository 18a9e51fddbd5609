import { isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../index.js';
import type { Label } from './label.js';
import type { Condition } from './node.js';
import { lastFew } from './turns.js';

/** Holds where the last request is `match`, compared by content. */
export function exactMatch(match: unknown): Condition {
  return (context) => isDeepStrictEqual(context.lastRequest, match);
}

/** Holds where the last request is a text in which the pattern is found. */
export function regexp(pattern: string | RegExp, flags?: string): Condition {
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  const own = flags ?? (pattern instanceof RegExp ? pattern.flags : '');
  // A pattern with g or y remembers where it was.
  const compiled = new RegExp(source, own.replace(/[gy]/g, ''));
  return ({ lastRequest }) => typeof lastRequest === 'string' && compiled.test(lastRequest);
}

/** Always holds. */
export const isTrue = (): Condition => () => true;

/** Never holds. */
export const isFalse = (): Condition => () => false;

/**
 * Holds where `aggregate` says so of the answers of all conditions. Where one of them throws, it does not.
 *
 * @throws ValidationError where one is no function
 */
export function agg(
  conditions: readonly Condition[],
  aggregate: (answers: boolean[]) => boolean = (answers) => answers.includes(true),
): Condition {
  if (!Array.isArray(conditions) || conditions.some((condition) => typeof condition !== 'function'))
    throw new ValidationError('Conditions that are put together must be functions. Give a list: [exactMatch("Hi")].');
  return async (context, actor) => {
    const answers: boolean[] = [];
    for (const condition of conditions) answers.push(Boolean(await condition(context, actor)));
    return Boolean(aggregate(answers));
  };
}

/** The same as {@link agg}. */
export const aggregate = agg;

/** Holds where one of the conditions does. @throws ValidationError */
export const any = (conditions: readonly Condition[]): Condition => agg(conditions);

/** Holds where every condition does. @throws ValidationError */
export const all = (conditions: readonly Condition[]): Condition =>
  agg(conditions, (answers) => !answers.includes(false));

/** Holds where the condition does not. */
export function negation(condition: Condition): Condition {
  return async (context, actor) => !(await condition(context, actor));
}

/** The same as {@link negation}. */
export const neg = negation;

/** Where `hasLastLabels` looks, and for what. */
export interface LastLabels {
  /** Any node of these flows. */
  readonly flowLabels?: readonly string[];
  /** These nodes. */
  readonly labels?: readonly (readonly [flow: string, node: string])[];
  /** How many of the last labels count. Default 1. */
  readonly lastNIndices?: number;
}

/** Holds where one of the last labels is of one of the flows, or one of the nodes. */
export function hasLastLabels({ flowLabels = [], labels = [], lastNIndices = 1 }: LastLabels): Condition {
  return (context) =>
    lastFew(context.labels, lastNIndices).some(
      (last) => flowLabels.includes(last[0]) || labels.some((label) => same(label, last)),
    );
}

/** Holds where the dialog came through exactly these nodes last, in this order. */
export function lastLabels(labels: readonly (readonly [flow: string, node: string])[]): Condition {
  return (context) => {
    const last = lastFew(context.labels, labels.length);
    return last.length === labels.length && labels.every((label, at) => same(label, last[at]!));
  };
}

const same = (a: readonly [string, string], b: Label): boolean => a[0] === b[0] && a[1] === b[1];
