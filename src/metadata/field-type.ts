import type { Codec } from '../core/codec.js';
import { codecs, type FieldTypeName } from '../core/codecs.js';
import type { StorageType } from '../core/plain.js';
import type { FaultList } from './faults.js';
import { arrayCodec } from './nested.js';
import { ownCodec } from './own-codec.js';

/** Where a type is resolved. */
export interface TypePlace {
  /** `Person.address`. */
  readonly subject: string;
  /** The decorator in which another type can be given. */
  readonly decorator: string;
  readonly faults: FaultList;
  /** The codec of a class with fields of its own; `'none'` where it has none, `undefined` where they have faults. */
  readonly nested: (type: Function) => Codec | 'none' | undefined;
}

const BUILT_IN = new Map<unknown, FieldTypeName>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [BigInt, 'bigint'],
  [Date, 'date'],
  [Buffer, 'bytes'],
  [Uint8Array, 'bytes'],
  [Array, 'json'],
]);
const TYPE_NAMES = Object.keys(codecs) as FieldTypeName[];
const STORAGE: readonly StorageType[] = ['text', 'number', 'integer', 'bigint', 'boolean', 'date', 'bytes', 'json'];
const list = TYPE_NAMES.map((name) => `'${name}'`).join(', ');

const isClass = (type: unknown): type is Function =>
  typeof type === 'function' && 'prototype' in type && type.prototype !== undefined;
const isNativeClass = (type: Function): boolean => /^function \w+\(\) \{ \[native code\] \}$/.test(String(type));

/** The codec of a declared type, or of the one that the compiler emitted where none is declared. */
export function fieldCodec(declared: unknown, designType: unknown, place: TypePlace): Codec | undefined {
  if (declared !== undefined) return declaredCodec(declared, place);
  const { subject, decorator, faults } = place;
  if (designType === undefined) {
    faults.add(
      subject,
      'has no type: the compiler emitted none (design:type).',
      `Give one: @${decorator}({ type: 'string' }).`,
    );
    return undefined;
  }
  if (designType === Object) {
    const remedy = `Give the type: @${decorator}({ type: 'string' }), or 'json' for data of any shape.`;
    faults.add(
      subject,
      'is of a union, an interface or another type of which nothing is left when it runs, or its type is not written.',
      remedy,
    );
    return undefined;
  }
  if (typeof designType === 'object' && designType !== null) return enumCodec(designType, place);
  return declaredCodec(designType, place);
}

function declaredCodec(type: unknown, place: TypePlace): Codec | undefined {
  const { subject, decorator, faults } = place;
  if (typeof type === 'string') {
    if (Object.hasOwn(codecs, type)) return codecs[type as FieldTypeName];
    faults.add(subject, `is of type '${type}', which there is not.`, `Types are ${list}, a class, or a Codec.`);
    return undefined;
  }
  if (Array.isArray(type)) {
    if (type.length !== 1) {
      faults.add(
        subject,
        `has an array of ${type.length} types for a type.`,
        'Give the type of the elements alone, as in [Address].',
      );
      return undefined;
    }
    const element = declaredCodec(type[0], place);
    return element && arrayCodec(element);
  }
  const builtIn = BUILT_IN.get(type);
  if (builtIn) return codecs[builtIn];
  if (isClass(type)) return classCodec(type, place);
  if (typeof type === 'function') return lazyCodec(type as () => unknown, place);
  if (typeof type === 'object' && type !== null) return checkedCodec(type as Codec, place);
  faults.add(subject, `has ${String(type)} for a type.`, `@${decorator}({ type }) takes ${list}, a class, or a Codec.`);
  return undefined;
}

function lazyCodec(type: () => unknown, place: TypePlace): Codec | undefined {
  let found: unknown;
  let why = 'returns undefined';
  try {
    found = type();
  } catch (error) {
    why = `throws: ${(error as Error)?.message}`;
  }
  const isLazy = typeof found === 'function' && !isClass(found) && !BUILT_IN.has(found);
  if (found !== undefined && !isLazy) return declaredCodec(found, place);
  const fact = `has a function for a type that ${isLazy ? 'returns another function' : why}.`;
  place.faults.add(
    place.subject,
    fact,
    'It must return a class, as in () => Address; look for modules that import each other.',
  );
  return undefined;
}

function classCodec(type: Function, place: TypePlace): Codec | undefined {
  const { subject, decorator, faults } = place;
  const codec = place.nested(type);
  if (codec !== 'none') return codec;
  if (isNativeClass(type)) {
    const remedy = `Give @${decorator}({ type }) a Codec, or 'json' and keep plain data in it.`;
    faults.add(subject, `is of type ${type.name}, which cannot be stored.`, remedy);
  } else {
    const remedy = `Put @Field() on its properties, or give @${decorator}({ type }) a Codec.`;
    faults.add(subject, `is of type ${type.name}, a class without a @Field().`, remedy);
  }
  return undefined;
}

function enumCodec(type: object, place: TypePlace): Codec | undefined {
  // A numeric enum also maps its numbers back to their names.
  const values = Object.entries(type).filter(([name]) => Number.isNaN(Number(name)));
  if (values.length > 0 && values.every(([, value]) => typeof value === 'string')) return codecs.string;
  if (values.length > 0 && values.every(([, value]) => typeof value === 'number')) return codecs.number;
  const remedy = `Give one: @${place.decorator}({ type: 'json' }).`;
  place.faults.add(place.subject, 'is of an enum of strings and numbers, which has no type of its own.', remedy);
  return undefined;
}

function checkedCodec(codec: Partial<Codec>, place: TypePlace): Codec | undefined {
  const lacks =
    typeof codec.name !== 'string' || codec.name === ''
      ? 'a name'
      : !STORAGE.includes(codec.storage as StorageType)
        ? `a storage (one of ${STORAGE.join(', ')})`
        : typeof codec.encode !== 'function' || typeof codec.decode !== 'function'
          ? 'encode and decode'
          : undefined;
  if (!lacks) return ownCodec(codec as Codec);
  place.faults.add(
    place.subject,
    `has a codec for a type that lacks ${lacks}.`,
    'A Codec is { name, storage, encode, decode }.',
  );
  return undefined;
}
