import { createHash } from 'node:crypto';
import { codecs, type FieldTypeName } from '../core/codecs.js';
import type { Structure } from '../core/collection.js';
import { keyOf } from '../core/key-text.js';
import type { Kind } from '../core/kind.js';
import type { Plain, StorageType } from '../core/plain.js';
import type { FieldPart, Key, KeyPart, KeyType, Row, Schema } from '../core/schema.js';
import { flag } from '../kinds/flag.js';
import { geoSet } from '../kinds/geo-set.js';
import { hash } from '../kinds/hash.js';
import { list } from '../kinds/list.js';
import { set } from '../kinds/set.js';
import { sortedSet } from '../kinds/sorted-set.js';

/** One field of a sample schema: its type, or its type and what else is to differ. */
export type SampleField =
  | FieldTypeName
  | { readonly type: FieldTypeName; readonly nullable?: boolean; readonly column?: string; readonly length?: number };

/** The kinds that there are samples of. */
export type SampleKind = 'hash' | 'flag' | Structure;

const KINDS: Readonly<Record<SampleKind, Kind>> = { hash, flag, list, set, 'sorted-set': sortedSet, 'geo-set': geoSet };

/** What differs from the default sample. */
export interface SampleOptions {
  /** `sample` if left out. */
  readonly name?: string;
  /** `hash` if left out. */
  readonly kind?: SampleKind;
  /** Key properties and their types, in order; `{ id: 'string' }` if left out. */
  readonly keys?: Readonly<Record<string, KeyType>>;
  /** Fields and their types, in order; if left out, of a hash one of every type, of a collection the one that its members are in. */
  readonly fields?: Readonly<Record<string, SampleField>>;
  /** The name of the version field, which is added after `fields`. */
  readonly version?: string;
  /** Anything else of the schema: `ttl`, `absentTtl`, `fallback` … */
  readonly schema?: Partial<Schema>;
}

const KEY_STORAGE: Readonly<Record<KeyType, StorageType>> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  bigint: 'bigint',
  date: 'date',
};

const EVERY_TYPE: Readonly<Record<string, SampleField>> = {
  name: 'string',
  age: 'integer',
  score: 'number',
  big: 'bigint',
  active: 'boolean',
  born: 'date',
  data: 'bytes',
  tags: 'json',
  note: { type: 'text', nullable: true },
};

/** A schema made by hand, of a collection one of strings, for the conformance suites of stores: no class, no decorators, no registry. */
export function sampleSchema(options: SampleOptions = {}): Schema {
  const { name = 'sample', kind = 'hash', keys = { id: 'string' }, version } = options;
  const { structure } = KINDS[kind];
  const fields =
    options.fields ?? (structure ? { members: 'json' } : kind === 'flag' ? { seen: 'boolean' } : EVERY_TYPE);
  const parts = Object.entries(fields).map(([field, given]) => sampleField(field, given, kind !== 'hash'));
  if (structure) parts[0] = { ...parts[0]!, member: codecs.string };
  if (version !== undefined) parts.push(sampleField(version, 'integer'));
  const keyParts = Object.entries(keys).map(
    ([key, type]): KeyPart => ({ name: key, column: key, type, storage: KEY_STORAGE[type] }),
  );
  class Sample {}
  Object.defineProperty(Sample, 'name', { value: name.charAt(0).toUpperCase() + name.slice(1) });
  return {
    name,
    target: Sample,
    kind: KINDS[kind],
    keys: keyParts,
    fields: parts,
    version: version === undefined ? undefined : parts.length - 1,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([keyParts, parts.map((part) => [part.column, part.codec.name])]))
      .digest('hex')
      .slice(0, 8),
    ttl: undefined,
    absentTtl: 60_000,
    jitter: 0,
    fallback: undefined,
    throughTypeorm: false,
    mappedByTypeorm: false,
    cache: undefined,
    breakers: undefined,
    construct: () => new Sample(),
    variants: undefined,
    ...options.schema,
  };
}

function sampleField(name: string, given: SampleField, required = false): FieldPart {
  const { type, nullable = false, column = name, length } = typeof given === 'string' ? { type: given } : given;
  const codec = codecs[type];
  return {
    name,
    column,
    codec,
    storage: codec.storage,
    nullable,
    index: false,
    required,
    ...(length === undefined ? {} : { length }),
  };
}

/** The key of the given parts: their texts escaped and joined, so that no two keys are alike. */
export function sampleKey(...parts: readonly Exclude<Plain, null>[]): Key {
  return keyOf(parts);
}

/** Texts that make odd keys. */
export const ODD_IDS: readonly string[] = [
  'a:b',
  'not-found:x',
  '*',
  '',
  '%',
  '%25',
  '{a}',
  '}{',
  ' ',
  'a b',
  'null',
  '__proto__',
  '\n\r\0',
  'ä',
  'a\u0308',
  '漢字',
  '👩‍👩‍👧',
  '?[a-z]\\',
  'x'.repeat(10_240),
  `${'x'.repeat(10_239)}y`,
];

/** A row of plain values given by field name; what is left out is absent. @throws Error for a name the schema does not have */
export function sampleRow(schema: Schema, values: Readonly<Record<string, Plain>>): Row {
  const row = new Array<Plain | undefined>(schema.fields.length).fill(undefined);
  for (const [name, plain] of Object.entries(values)) {
    const index = schema.fields.findIndex((field) => field.name === name);
    if (index < 0) throw new Error(`The sample schema ${schema.name} has no field ${name}.`);
    row[index] = plain;
  }
  return row;
}
