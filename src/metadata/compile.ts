import type { Codec } from '../core/codec.js';
import type { Plain } from '../core/plain.js';
import type { FieldPart, Key, KeyPart, Row } from '../core/schema.js';

/** Makes an entity of a stored row. */
export type Hydrate = (key: Key, row: Row) => object;

/** What a hydrator is made for: one class, and which fields of the row it has. */
export interface HydrateShape {
  readonly keys: readonly KeyPart[];
  readonly fields: readonly FieldPart[];
  /** Indexes in `fields`. */
  readonly indexes: readonly number[];
  /** Takes the data where it has a parameter. */
  readonly construct: (data: Record<string, unknown>) => object;
}

type Properties = Record<string, unknown>;

/** Whether this process may make functions of text: some content policies and flags forbid it. */
export function mayGenerate(): boolean {
  try {
    return new Function('return true')() as boolean;
  } catch {
    return false;
  }
}

/** The fastest hydrator that can be made here. `generate` is false where no code may be generated. */
export function compileHydrate(shape: HydrateShape, generate: boolean): Hydrate {
  if (shape.construct.length > 0) return withData(shape);
  return generate ? generated(shape) : closures(shape);
}

const decodePart = (part: FieldPart, plain: Plain): unknown => {
  if (plain === null || part.codec.identity) return plain;
  return part.codec.decode(plain);
};
const decodeKey = (part: KeyPart, plain: Plain): unknown => (part.type === 'date' ? new Date(plain as number) : plain);

// A property that was not stored is undefined, whatever the class's initialiser says: it must not come back as a default.
// A constructor that left it undefined is not given a property that it does not have.
function generated({ keys, fields, indexes, construct }: HydrateShape): Hydrate {
  const lines = keys.map((key, at) => {
    const plain = `parts[${at}]`;
    return `entity[${JSON.stringify(key.name)}] = ${key.type === 'date' ? `new Date(${plain})` : plain};`;
  });
  for (const index of indexes) {
    const { name, codec } = fields[index]!;
    const property = `entity[${JSON.stringify(name)}]`;
    const value = codec.identity ? 'plain' : `plain === null ? null : codecs[${index}].decode(plain)`;
    lines.push(`plain = row[${index}];`);
    lines.push(
      `if (plain !== undefined) ${property} = ${value}; else if (${property} !== undefined) ${property} = undefined;`,
    );
  }
  const body = `'use strict';
    return function hydrate(key, row) {
      const entity = construct();
      const parts = key.parts;
      let plain;
      ${lines.join('\n')}
      return entity;
    };`;
  const make = new Function('construct', 'codecs', body) as (c: unknown, codecs: readonly Codec[]) => Hydrate;
  return make(
    construct,
    fields.map((field) => field.codec),
  );
}

function closures({ keys, fields, indexes, construct }: HydrateShape): Hydrate {
  return (key, row) => {
    const entity = construct({}) as Properties;
    for (let at = 0; at < keys.length; at++) entity[keys[at]!.name] = decodeKey(keys[at]!, key.parts[at]!);
    for (const index of indexes) {
      const part = fields[index]!;
      const plain = row[index];
      if (plain !== undefined) entity[part.name] = decodePart(part, plain);
      else if (entity[part.name] !== undefined) entity[part.name] = undefined;
    }
    return entity;
  };
}

// The class's own `create` may have set some properties already, of which some may be readonly: only others are assigned.
function withData(shape: HydrateShape): Hydrate {
  return (key, row) => {
    const data = partOf(shape, key, row, shape.indexes);
    const entity = shape.construct(data) as Properties;
    for (const { name } of shape.keys) if (entity[name] !== data[name]) entity[name] = data[name];
    for (const index of shape.indexes) {
      const { name } = shape.fields[index]!;
      if (entity[name] !== data[name]) entity[name] = data[name];
    }
    return entity;
  };
}

/** A plain object of the key and those of the asked fields that are not absent. */
export function partOf(
  { keys, fields }: Pick<HydrateShape, 'keys' | 'fields'>,
  key: Key,
  row: Row,
  indexes: readonly number[],
): Record<string, unknown> {
  const part: Properties = {};
  for (let at = 0; at < keys.length; at++) part[keys[at]!.name] = decodeKey(keys[at]!, key.parts[at]!);
  for (const index of indexes) {
    const plain = row[index];
    if (plain !== undefined) part[fields[index]!.name] = decodePart(fields[index]!, plain);
  }
  return part;
}
