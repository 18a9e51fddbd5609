import { ValidationError } from '../core/errors.js';
import type { ChangeCall, EntityAccess, Entry, Kind, Outcome, RowChange } from '../core/kind.js';
import { type Plain, plainToText, textToPlain } from '../core/plain.js';
import type { Row, Schema } from '../core/schema.js';
import { applyToRow, changedOwn, type RowQuery, sameRow, selectOfRow } from './row.js';

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

function apply(schema: Schema, entry: Entry | null, change: RowChange): Outcome {
  if (change.type !== 'increment') return applyToRow(schema, entry, change);
  if (entry === null) return { status: 'missing' };
  const sum = incremented(schema, change.field, (entry.value as Row)[change.field], change.by);
  if ('fact' in sum) return { status: 'invalid', fact: sum.fact };
  return changedOwn(schema, entry, [[change.field, sum.value]]);
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

function parse(schema: Schema, query: RowQuery, texts: readonly (string | null)[]): Row {
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
  redis: {
    type: 'hash',
    fields: (schema, query) =>
      query === undefined ? columns(schema) : (query as number[]).map((index) => schema.fields[index]!.column),
    format(schema, value) {
      const texts: string[] = [];
      (value as Row).forEach((plain, index) => {
        if (plain !== undefined) texts.push(schema.fields[index]!.column, plainToText(plain));
      });
      return texts;
    },
    parse: (schema, query, texts) => parse(schema, query as RowQuery, texts),
  },
  apply: (schema, entry, change) => apply(schema, entry, change as RowChange),
  select: selectOfRow,
  nothing: [],
  same: sameRow,
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
  const change: RowChange = {
    type: 'increment',
    field: index,
    by: part.storage === 'bigint' ? BigInt(by) : Number(by),
  };
  return { key: access.key(key), change, result: ({ entry }) => (entry!.value as Row)[index] };
}
