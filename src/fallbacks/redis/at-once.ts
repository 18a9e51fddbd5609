import type { KeyedChange } from '../../core/fallback-driver.js';
import type { CollectionChange, CollectionForm, Done, HashForm, Outcome, RowChange } from '../../core/kind.js';
import { plainToText } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { isKept, putArgs, type Step } from './draft.js';
import { areSteps, checkArgs, outcomeOf, refusalOf, type StepChange, stepArgs } from './members-steps.js';
import { entryOf, otherType, rawOf } from './raw.js';
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
  if (change.type === 'patch') return patchAtOnce(schema, key, change);
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

/** Only at a version that it names, and where no variant has a say in it. */
function patchAtOnce(
  schema: Schema,
  key: string,
  { set, version }: Extract<RowChange, { type: 'patch' }>,
): AtOnce | undefined {
  if (version === undefined || schema.variants) return undefined;
  const counter = schema.version!;
  const column = (field: number) => schema.fields[field]!.column;
  const texts = [...set].flatMap(([field, plain]) =>
    field === counter || plain === undefined ? [] : [column(field), plainToText(plain)],
  );
  texts.push(column(counter), plainToText(version + 1));
  const all = (schema.kind.redis as HashForm).fields(schema, undefined);
  const check = ['at', column(counter), plainToText(version)];
  return {
    step: () => ({
      args: [...check, 'patch', String(texts.length), ...texts, String(all.length), ...all],
      frees: false,
      tells: isKept(schema),
    }),
    outcomes: ({ steps }) => {
      const entry = entryOf(schema, key, undefined, rawOf(schema, steps[0] as object));
      return [{ status: 'done', entry, existed: true }];
    },
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
  if (fact === 'exists' || fact === 'missing' || fact === 'conflict') return { status: fact };
  throw otherType(schema, key, fact.slice(1));
}
