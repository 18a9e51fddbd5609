import { ValidationError } from '../core/errors.js';
import type { ChangeCall, EntityAccess, Entry, HashChange, Kind, Outcome, Value } from '../core/kind.js';
import { type Plain, plainToText, samePlain, textToPlain } from '../core/plain.js';
import type { Row, Schema } from '../core/schema.js';
import { variantFault } from '../metadata/variant-fault.js';

/** What is asked of a hash: field indexes in ascending order; `undefined` for all. */
export type HashQuery = readonly number[] | undefined;

type Fields = Iterable<readonly [index: number, plain: Plain | undefined]>;

const done = (entry: Entry | null, existed: boolean): Outcome => ({ status: 'done', entry, existed });

/** `entry` with the changed fields, at the next version. */
function changed(schema: Schema, entry: Entry, set: Fields): Outcome {
  const row = entry.value as Row;
  const next = [...row];
  for (const [index, plain] of set) next[index] = plain;
  if (schema.version !== undefined) next[schema.version] = Number(row[schema.version] ?? 0) + 1;
  return done({ ...entry, value: next }, true);
}

/** As {@link changed}, where the entry's variant has these fields. */
function changedOwn(schema: Schema, entry: Entry, set: Fields): Outcome {
  const fact = variantFault(schema, entry.value as Row, set);
  return fact === undefined ? changed(schema, entry, set) : { status: 'invalid', fact };
}

/** The sum, or what is wrong with it. */
function incremented(
  schema: Schema,
  field: number,
  current: Plain | undefined,
  by: number | bigint,
): { value: number | bigint } | { fact: string } {
  const part = schema.fields[field]!;
  if (part.storage === 'bigint') {
    const sum = BigInt((current ?? 0n) as bigint) + BigInt(by);
    return BigInt.asIntN(64, sum) === sum
      ? { value: sum }
      : { fact: `${part.name} would be ${sum}, which does not fit in 64 bits. Change it by less` };
  }
  const sum = Number(current ?? 0) + Number(by);
  const fits = part.storage === 'integer' ? Number.isSafeInteger(sum) : Number.isFinite(sum);
  return fits
    ? { value: sum }
    : { fact: `${part.name} would be ${sum}, which is out of range for type ${part.codec.name}. Change it by less` };
}

function apply(schema: Schema, entry: Entry | null, change: HashChange): Outcome {
  const existed = entry !== null;
  switch (change.type) {
    case 'put': {
      const { expect } = change;
      if (expect === 'absent' && existed) return { status: 'exists' };
      if (typeof expect === 'object' && (!existed || (entry.value as Row)[schema.version!] !== expect.version))
        return { status: 'conflict' };
      return done({ value: change.row, expiresAt: change.expiresAt }, existed);
    }
    case 'delete':
      return done(null, existed);
  }
  if (!existed) return { status: 'missing' };
  const row = entry.value as Row;
  switch (change.type) {
    case 'patch':
      if (change.version !== undefined && row[schema.version!] !== change.version) return { status: 'conflict' };
      return changedOwn(schema, entry, change.set);
    case 'modify': {
      const made = change.change(row);
      const by = schema.variants?.field;
      const fact = by === undefined ? undefined : variantFault(schema, row, [[by, made[by]]]);
      return fact === undefined ? changed(schema, entry, made.entries()) : { status: 'invalid', fact };
    }
    case 'increment': {
      const sum = incremented(schema, change.field, row[change.field], change.by);
      if ('fact' in sum) return { status: 'invalid', fact: sum.fact };
      return changedOwn(schema, entry, [[change.field, sum.value]]);
    }
  }
}

const columnsOf = new WeakMap<Schema, readonly string[]>();

/** The names of all fields in a store, made once for each schema. */
function columns(schema: Schema): readonly string[] {
  let names = columnsOf.get(schema);
  if (!names) {
    names = schema.fields.map((field) => field.column);
    columnsOf.set(schema, names);
  }
  return names;
}

function parse(schema: Schema, query: HashQuery, texts: readonly (string | null)[]): Row {
  const { fields } = schema;
  const row = new Array<Plain | undefined>(fields.length).fill(undefined);
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at];
    const index = query ? query[at]! : at;
    if (text !== null && text !== undefined) row[index] = textToPlain(fields[index]!.storage, text);
  }
  return row;
}

/** A Redis hash: one field for each property. */
export const hash: Kind = {
  name: 'hash',
  apply: (schema, entry, change) => apply(schema, entry, change as HashChange),
  select(schema, value, query) {
    if (query === undefined) return value;
    const row = value as Row;
    const part = new Array<Plain | undefined>(schema.fields.length).fill(undefined);
    for (const index of query as number[]) part[index] = row[index];
    return part;
  },
  redisFields: (schema, query) =>
    query === undefined ? columns(schema) : (query as number[]).map((index) => schema.fields[index]!.column),
  format(schema, value) {
    const texts: string[] = [];
    (value as Row).forEach((plain, index) => {
      if (plain !== undefined) texts.push(schema.fields[index]!.column, plainToText(plain));
    });
    return texts;
  },
  parse: (schema, query, texts) => parse(schema, query as HashQuery, texts),
  same: (a: Value, b: Value) => {
    const left = a as Row;
    const right = b as Row;
    return left.length === right.length && left.every((plain, index) => samePlain(plain, right[index]));
  },
  changes: { increment },
  queries: {},
};

function increment(access: EntityAccess, key: unknown, name: string, by: number | bigint = 1): ChangeCall {
  const { schema } = access;
  const { index, part } = access.field(name);
  const subject = `${schema.target.name}.${name}`;
  if (index === schema.version)
    throw new ValidationError(`${subject} is the version, which Holdfast counts itself. Increment another field.`);
  if (part.storage !== 'number' && part.storage !== 'integer' && part.storage !== 'bigint')
    throw new ValidationError(
      `${subject} is of type ${part.codec.name}, which cannot be incremented. Use update() with a function.`,
    );
  const fits =
    part.storage === 'number'
      ? typeof by === 'number' && Number.isFinite(by)
      : typeof by === 'bigint' || Number.isSafeInteger(by);
  if (!fits)
    throw new ValidationError(
      `${subject} cannot be incremented by ${String(by)}. Give a ${part.storage === 'number' ? 'finite number' : 'whole number'}.`,
    );
  const change: HashChange = {
    type: 'increment',
    field: index,
    by: part.storage === 'bigint' ? BigInt(by) : Number(by),
  };
  return { key: access.key(key), change, result: ({ entry }) => (entry!.value as Row)[index] };
}
