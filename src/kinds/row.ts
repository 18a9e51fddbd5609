import type { Entry, Outcome, RowChange, Value } from '../core/kind.js';
import { type Plain, samePlain } from '../core/plain.js';
import type { Row, Schema } from '../core/schema.js';
import { variantFault } from '../metadata/variant-fault.js';

/** What is asked of a row: field indexes in ascending order; `undefined` for all. */
export type RowQuery = readonly number[] | undefined;

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

/** `entry` with the changed fields, at the next version, where its variant has these fields. */
export function changedOwn(schema: Schema, entry: Entry, set: Fields): Outcome {
  const fact = variantFault(schema, entry.value as Row, set);
  return fact === undefined ? changed(schema, entry, set) : { status: 'invalid', fact };
}

/** What a change that every kind of row has makes of an entry. */
export function applyToRow(
  schema: Schema,
  entry: Entry | null,
  change: Exclude<RowChange, { type: 'increment' }>,
): Outcome {
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
  }
}

/** The row with the asked fields alone. */
export function selectOfRow(schema: Schema, value: Value, query: unknown): Value {
  if (query === undefined) return value;
  const row = value as Row;
  const part = new Array<Plain | undefined>(schema.fields.length).fill(undefined);
  for (const index of query as NonNullable<RowQuery>) part[index] = row[index];
  return part;
}

/** Whether two rows are the same. */
export function sameRow(a: Value, b: Value): boolean {
  const left = a as Row;
  const right = b as Row;
  return left.length === right.length && left.every((plain, index) => samePlain(plain, right[index]));
}
