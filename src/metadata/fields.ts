import type { Codec } from '../core/codec.js';
import { codecs } from '../core/codecs.js';
import type { Kind } from '../core/kind.js';
import type { FieldPart, KeyPart, KeyType } from '../core/schema.js';
import { type DeclaredProperty, declaredOf } from './declared.js';
import type { FaultList } from './faults.js';
import { fieldCodec, type TypePlace } from './field-type.js';
import { checkPropertyName } from './names.js';
import { nestedCodec } from './nested.js';
import type { FieldOptions, KeyOptions, MemberOptions } from './options.js';
import { ValueFault } from './value-fault.js';

const KEY_TYPES: readonly KeyType[] = ['string', 'number', 'integer', 'bigint', 'date'];

function placeOf(property: DeclaredProperty, faults: FaultList, around: readonly Function[]): TypePlace {
  const nested = (type: Function): Codec | 'none' | undefined => nestedOf(type, property, faults, around);
  return { subject: property.subject, decorator: property.decorator, faults, nested };
}

/** A stored property, or `undefined` where it has faults. */
export function fieldPart(
  property: DeclaredProperty,
  faults: FaultList,
  around: readonly Function[] = [],
): FieldPart | undefined {
  const { name, subject, decorator } = property;
  const options = property.options as FieldOptions;
  const column = options.name ?? name;
  const named = checkPropertyName(name, column, subject, decorator, faults);
  const codec = fieldCodec(options.type, property.designType, placeOf(property, faults, around));
  if (!codec || !named) return undefined;
  const { length, index = false, nullable = false } = options;
  if (length !== undefined) checkLengthOption(length, codec, subject, faults);
  if (index && (codec.storage === 'json' || codec.storage === 'bytes'))
    faults.add(
      subject,
      `has an index, but is stored as ${codec.storage}.`,
      'Leave out index; only single values can have one.',
    );
  const part = {
    name,
    column,
    codec,
    storage: codec.storage,
    nullable,
    index,
    ...(length === undefined ? {} : { length }),
  };
  if (options.default === undefined) return part;
  return { ...part, defaultValue: defaultOf(options.default, codec, nullable, subject, faults) };
}

function checkLengthOption(length: unknown, codec: Codec, subject: string, faults: FaultList): void {
  if (codec.storage !== 'text' && codec.storage !== 'bytes')
    faults.add(
      subject,
      `has a length, but is stored as ${codec.storage}.`,
      'Leave out length; it is for strings and bytes.',
    );
  else if (!Number.isSafeInteger(length) || (length as number) < 1)
    faults.add(subject, `has the length ${String(length)}.`, 'Give a whole number of 1 or more, or leave it out.');
}

function defaultOf(given: unknown, codec: Codec, nullable: boolean, subject: string, faults: FaultList): () => unknown {
  if (typeof given === 'function') return given as () => unknown;
  if (given === null) {
    if (!nullable) faults.add(subject, 'has the default null, but is not nullable.', 'Add nullable: true.');
  } else if (typeof given === 'object') {
    faults.add(
      subject,
      'has an object for a default, which all entities would share.',
      'Give a function: default: () => ….',
    );
  } else {
    try {
      codec.encode(given);
    } catch (error) {
      const fact = error instanceof ValueFault ? error.fact : (error as Error).message;
      faults.add(subject, `has a default that it cannot have: it ${fact}.`, 'Give one of its type.');
    }
  }
  return () => given;
}

/** A key property, or `undefined` where it has faults. */
export function keyPart(property: DeclaredProperty, faults: FaultList): KeyPart | undefined {
  const { name, subject, decorator } = property;
  const options = property.options as KeyOptions;
  const column = options.name ?? name;
  const named = checkPropertyName(name, column, subject, decorator, faults);
  const { generate } = options;
  if (generate !== undefined && generate !== 'uuid' && generate !== 'ulid')
    faults.add(subject, `has generate: ${String(generate)}.`, "It is 'uuid' or 'ulid'.");
  const type = keyType(property, options, faults);
  if (!type || !named) return undefined;
  if (generate && type !== 'string')
    faults.add(
      subject,
      `is of type ${type}, but is generated, which makes strings.`,
      "Make it a string, or leave out 'generate'.",
    );
  return { name, column, type, storage: codecs[type].storage, ...(generate ? { generate } : {}) };
}

function keyType(property: DeclaredProperty, options: KeyOptions, faults: FaultList): KeyType | undefined {
  const { subject, designType } = property;
  if (options.type === undefined && options.generate && (designType === undefined || designType === Object))
    return 'string';
  const before = faults.found.length;
  const codec = fieldCodec(options.type, designType, { ...placeOf(property, faults, []), nested: () => 'none' });
  if (!codec) {
    // What a field would be told (a codec, a nested class) does not help a key.
    const told = faults.found.splice(before);
    if (told.length > 0) faults.add(subject, told[0]!.fact, `A key is one of ${keyTypes}: @Key({ type: 'string' }).`);
    return undefined;
  }
  const name = codec.name === 'text' ? 'string' : codec.name;
  if (codec === codecs[codec.name as KeyType] && KEY_TYPES.includes(name as KeyType)) return name as KeyType;
  faults.add(subject, `is of type ${codec.name}, which a key cannot have.`, `A key is one of ${keyTypes}.`);
  return undefined;
}

const keyTypes = KEY_TYPES.join(', ');

/** The property that counts versions. */
export function versionPart(property: DeclaredProperty, faults: FaultList): FieldPart | undefined {
  const { name, subject, designType } = property;
  const named = checkPropertyName(name, name, subject, 'Version', faults);
  if (designType !== undefined && designType !== Number && designType !== Object)
    faults.add(subject, `counts versions, but is of type ${(designType as Function).name}.`, 'Make it a number.');
  return named
    ? { name, column: name, codec: codecs.integer, storage: 'integer', nullable: false, index: false }
    : undefined;
}

/** The property that holds the value of a kind without fields: one that every entity has. */
export function valuePart(
  property: DeclaredProperty,
  { property: value, structure }: Kind,
  limit: number | undefined,
  faults: FaultList,
): FieldPart | undefined {
  const { name, subject, decorator, designType } = property;
  const { type, codec: codecOf } = value!;
  const { name: column = name, type: memberType = 'string' } = property.options as MemberOptions;
  const named = checkPropertyName(name, column, subject, decorator, faults);
  const member = structure ? fieldCodec(memberType, undefined, placeOf(property, faults, [])) : codecs.string;
  // Of its own type the compiler leaves nothing.
  if (designType !== undefined && designType !== Object)
    faults.add(subject, `is of type ${(designType as Function).name}.`, `Declare it as ${type}.`);
  if (!named || !member) return undefined;
  const codec = codecOf(member, limit);
  const part = { name, column, codec, storage: codec.storage, nullable: false, index: false, required: true };
  return structure ? { ...part, member } : part;
}

/** The fields of a nested class as a codec. */
function nestedOf(
  type: Function,
  property: DeclaredProperty,
  faults: FaultList,
  around: readonly Function[],
): Codec | 'none' | undefined {
  const declared = declaredOf(type, faults);
  if (!declared || declared.properties.length === 0) return 'none';
  const { subject, decorator } = property;
  if (around.includes(type)) {
    const remedy = `Use type 'json', or a Codec: @${decorator}({ type }).`;
    faults.add(subject, `is of type ${declared.className}, which it is itself a part of.`, remedy);
    return undefined;
  }
  if (type.length > 0) {
    const remedy = 'Make its constructor take none, or give a Codec for it.';
    faults.add(
      declared.className,
      'is made without arguments when it is read, but its constructor takes some.',
      remedy,
    );
  }
  const inner = declared.properties.map((part) => innerPart(part, faults, [...around, type]));
  checkColumns(declared.className, inner, false, faults);
  return inner.includes(undefined) ? undefined : nestedCodec(type, inner as FieldPart[]);
}

// A class can be an entity of its own and a part of another: then its key is a part like any other.
function innerPart(property: DeclaredProperty, faults: FaultList, around: readonly Function[]): FieldPart | undefined {
  if (property.role === 'version') return versionPart(property, faults);
  if (property.role === 'field') return fieldPart(property, faults, around);
  if (property.role === 'value') {
    const remedy = 'Use @Field() for it: what is nested has fields.';
    faults.add(
      property.subject,
      `is declared with @${property.decorator}(), but its class is part of another.`,
      remedy,
    );
    return undefined;
  }
  const key = keyPart(property, faults);
  return (
    key && {
      name: key.name,
      column: key.column,
      codec: codecs[key.type],
      storage: key.storage,
      nullable: false,
      index: false,
    }
  );
}

/** No two properties may have one name in a store; where a database is behind it, not even but for case. */
export function checkColumns(
  className: string,
  parts: readonly ({ readonly name: string; readonly column: string } | undefined)[],
  caseless: boolean,
  faults: FaultList,
): void {
  const taken = new Map<string, { readonly name: string; readonly column: string }>();
  for (const part of parts) {
    if (!part) continue;
    const column = caseless ? part.column.toLowerCase() : part.column;
    const other = taken.get(column);
    if (other && other.name !== part.name) {
      const fact =
        other.column === part.column
          ? `is stored as '${other.column}', as ${className}.${part.name} is.`
          : `is stored as '${other.column}', which a database may not tell from '${part.column}' of ${className}.${part.name}.`;
      faults.add(`${className}.${other.name}`, fact, "Give one another name: @Field({ name: 'another' }).");
    }
    taken.set(column, part);
  }
}
