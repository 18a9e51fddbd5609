import { codecs } from '../core/codecs.js';
import { ValidationError } from '../core/errors.js';
import type { ChangeCall, EntityAccess, Kind, QueryCall, RowChange, Value } from '../core/kind.js';
import { CorruptPlain, plainToText } from '../core/plain.js';
import type { Key, Row } from '../core/schema.js';
import { applyToRow, sameRow, selectOfRow } from './row.js';

/** A boolean: a row of one field, which every entity has. In Redis one string. */
export const flag: Kind = {
  name: 'flag',
  property: { decorator: 'Value', type: 'FlagValue', codec: () => codecs.boolean },
  redis: {
    type: 'string',
    format: (_, value) => plainToText((value as Row)[0]!),
    parse: (schema, query, text) => selectOfRow(schema, [parse(text)], query),
  },
  apply: (schema, entry, change) =>
    applyToRow(schema, entry, change as Exclude<RowChange, { readonly type: 'increment' }>),
  select: selectOfRow,
  nothing: [],
  same: sameRow,
  changes: { set: setTo(true), unset: setTo(false) },
  queries: { get, isSet, isSetMany },
};

function parse(text: string): boolean {
  if (text === '1' || text === '0') return text === '1';
  throw new CorruptPlain(
    `${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)} is not a stored boolean`,
  );
}

function setTo(to: boolean) {
  return (access: EntityAccess, key: unknown, saveOptions?: unknown): ChangeCall => {
    const change: RowChange = { type: 'put', row: [to], expiresAt: access.expiresAt(saveOptions) };
    return { key: access.key(key), change, saveOptions, result: () => undefined };
  };
}

/** True, false, or `undefined` where it was never set. */
const seenIn = (value: Value | null | undefined) => (value as Row | null)?.[0];

const asking = (keys: readonly Key[], readOptions: unknown, result: QueryCall['result']): QueryCall => ({
  keys,
  query: undefined,
  readOptions,
  result,
});

function get(access: EntityAccess, key: unknown, readOptions?: unknown): QueryCall {
  return asking([access.key(key)], readOptions, ([value]) => seenIn(value));
}

function isSet(access: EntityAccess, key: unknown, readOptions?: unknown): QueryCall {
  return asking([access.key(key)], readOptions, ([value]) => seenIn(value) === true);
}

function isSetMany(access: EntityAccess, keys: readonly unknown[], readOptions?: unknown): QueryCall {
  if (!Array.isArray(keys))
    throw new ValidationError(
      `isSetMany() of ${access.schema.target.name} takes an array of keys, got ${typeof keys}. Use isSet() for one.`,
    );
  const asked = keys.map((key) => access.key(key));
  return asking(asked, readOptions, (values) => values.map((value) => seenIn(value) === true));
}
