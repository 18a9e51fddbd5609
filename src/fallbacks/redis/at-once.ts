import type { KeyedChange } from '../../core/fallback-driver.js';
import type { CollectionChange, CollectionForm, Done, Outcome, RowChange } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { isKept, putArgs, type Step } from './draft.js';
import { areSteps, checkArgs, outcomeOf, refusalOf, type StepChange, stepArgs } from './members-steps.js';
import { otherType } from './raw.js';
import type { KeyAnswer } from './write-answer.js';

/** One key's changes that Redis makes without anything having been read before. */
export interface AtOnce {
  step(): Step;
  outcomes(answer: KeyAnswer): readonly Done[];
  /** What the first of them came to, where the key's check failed. @throws CorruptEntryError where it is of another type */
  refusal(fact: string): Exclude<Outcome, Done>;
}

/** The changes of one key, where Redis can make them at once. */
export function atOnce(schema: Schema, key: string, changes: readonly KeyedChange[]): AtOnce | undefined {
  const given = changes.map(({ change }) => change);
  if (schema.kind.structure === undefined)
    return given.length === 1 ? rowAtOnce(schema, key, given[0] as RowChange) : undefined;
  return areSteps(given as readonly CollectionChange[])
    ? stepsAtOnce(schema, key, given as readonly StepChange[])
    : undefined;
}

function rowAtOnce(schema: Schema, key: string, change: RowChange): AtOnce | undefined {
  if (change.type === 'delete')
    return {
      step: () => ({ args: ['-', 'delete'], frees: true, tells: isKept(schema) }),
      outcomes: ({ existed }) => [{ status: 'done', entry: null, existed }],
      refusal: (fact) => failed(schema, key, fact),
    };
  if (change.type !== 'put') return undefined;
  const { row, expect, expiresAt } = change;
  const entry = { value: row, expiresAt };
  const check =
    expect === undefined
      ? ['-']
      : expect === 'absent'
        ? ['absent']
        : ['version', schema.fields[schema.version!]!.column, String(expect.version)];
  return {
    step: () => ({ args: [...check, ...putArgs(schema, entry)], frees: false, tells: isKept(schema) }),
    outcomes: () => [{ status: 'done', entry, existed: typeof expect === 'object' }],
    refusal: (fact) => failed(schema, key, fact),
  };
}

function stepsAtOnce(schema: Schema, key: string, changes: readonly StepChange[]): AtOnce {
  const form = schema.kind.redis as CollectionForm;
  const [first] = changes as readonly [StepChange];
  return {
    step: () => ({
      args: [
        ...checkArgs(form, first),
        'members',
        String(changes.length),
        ...changes.flatMap((change) => stepArgs(schema, form, change)),
      ],
      frees: changes.every(({ type }) => type === 'delete' || type === 'remove' || type === 'pop'),
      tells: isKept(schema),
    }),
    outcomes: ({ steps }) => changes.map((change, at) => outcomeOf(change, steps[at]!)),
    refusal: (fact) => refusalOf(first, fact) ?? failed(schema, key, fact),
  };
}

function failed(schema: Schema, key: string, fact: string): Exclude<Outcome, Done> {
  if (fact === 'exists' || fact === 'conflict') return { status: fact };
  throw otherType(schema, key, fact.slice(1));
}
