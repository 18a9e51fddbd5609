import type { AnyCodec, Codec } from './codec.js';
import { jsonFault } from './json-fault.js';

/** Names of the built-in field types. */
export type FieldTypeName = 'string' | 'text' | 'number' | 'integer' | 'bigint' | 'boolean' | 'date' | 'bytes' | 'json';

const FIRST_DATE = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_DATE = Date.parse('9999-12-31T23:59:59.999Z');

/** What a value is, as errors say it. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}

const refuse = (wanted: string, value: unknown): never => {
  throw new Error(`must be ${wanted}, got ${describe(value)}`);
};

function wellFormed(value: unknown): string {
  if (typeof value !== 'string') return refuse('a string', value);
  if (!value.isWellFormed())
    throw new Error(
      'holds a lone surrogate, which no store can keep; replace it (String.prototype.toWellFormed) or use type bytes',
    );
  return value;
}

const string: Codec<string> = {
  name: 'string',
  storage: 'text',
  identity: true,
  encode: wellFormed,
  decode: (plain) => plain as string,
};

const number: Codec<number> = {
  name: 'number',
  storage: 'number',
  identity: true,
  // -0 becomes 0: not every store can tell them apart.
  encode: (value) =>
    typeof value === 'number' && Number.isFinite(value) ? value + 0 : refuse('a finite number', value),
  decode: (plain) => plain as number,
};

const integer: Codec<number> = {
  name: 'integer',
  storage: 'integer',
  identity: true,
  encode: (value) => (Number.isSafeInteger(value) ? value + 0 : refuse('a safe integer', value)),
  decode: (plain) => plain as number,
};

const bigint: Codec<bigint> = {
  name: 'bigint',
  storage: 'bigint',
  identity: true,
  encode: (value) => {
    if (typeof value !== 'bigint') return refuse('a bigint', value);
    if (BigInt.asIntN(64, value) !== value) throw new Error(`must fit in 64 bits, got ${value}`);
    return value;
  },
  decode: (plain) => plain as bigint,
};

const boolean: Codec<boolean> = {
  name: 'boolean',
  storage: 'boolean',
  identity: true,
  encode: (value) => (typeof value === 'boolean' ? value : refuse('a boolean', value)),
  decode: (plain) => plain as boolean,
};

const date: Codec<Date> = {
  name: 'date',
  storage: 'date',
  encode: (value) => {
    const at = value instanceof Date ? value.getTime() : Number.NaN;
    if (Number.isNaN(at)) return refuse('a valid Date', value);
    if (at < FIRST_DATE || at > LAST_DATE)
      throw new Error(`must lie in the years 1 to 9999, got ${value.toISOString()}`);
    return at;
  },
  decode: (plain) => new Date(plain as number),
};

const bytes: Codec<Uint8Array> = {
  name: 'bytes',
  storage: 'bytes',
  encode: (value) => (value instanceof Uint8Array ? new Uint8Array(value) : refuse('a Uint8Array or Buffer', value)),
  decode: (plain) => Buffer.from(plain as Uint8Array),
};

const json: Codec<unknown> = {
  name: 'json',
  storage: 'json',
  encode: (value) => {
    const fault = jsonFault(value);
    if (fault)
      throw new Error(`cannot be stored as JSON: ${fault.path ? `at ${fault.path} it holds ` : 'it is '}${fault.fact}`);
    return JSON.stringify(value);
  },
  decode: (plain) => JSON.parse(plain as string),
};

/** The built-in codecs by type name. */
export const codecs: Readonly<Record<FieldTypeName, AnyCodec>> = {
  string,
  text: { ...string, name: 'text' },
  number,
  integer,
  bigint,
  boolean,
  date,
  bytes,
  json,
};
