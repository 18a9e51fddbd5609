import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import { jsonToPlain, type Plain, plainToJson } from '../core/plain.js';
import type { FieldPart } from '../core/schema.js';
import { faultWithin, ValueFault } from './value-fault.js';

/** A codec whose stored form is a JSON document, and which can be a part of a larger one. */
export interface TreeCodec extends Codec {
  /** All that the stored form depends on; goes into the schema's fingerprint. */
  readonly shape: string;
  toTree(value: unknown): unknown;
  fromTree(tree: unknown): unknown;
  /** The value itself where it is an instance of the class, a new instance where it is a plain object. */
  toInstance(value: unknown): unknown;
}

const isTree = (codec: Codec): codec is TreeCodec => 'toTree' in codec;

/** A codec that can make instances of what a user gives as plain objects. */
export type InstanceCodec = Codec & Pick<TreeCodec, 'toInstance'>;
const makesInstances = (codec: Codec): codec is InstanceCodec => 'toInstance' in codec;

/** All that the stored form of a codec depends on. */
export const shapeOf = (codec: Codec): string => (isTree(codec) ? codec.shape : `${codec.storage}:${codec.name}`);

const encodeTree = (codec: Codec, value: unknown): unknown =>
  isTree(codec) ? codec.toTree(value) : plainToJson(codec.storage, codec.encode(value));

const decodeTree = (codec: Codec, tree: unknown): unknown =>
  isTree(codec) ? codec.fromTree(tree) : codec.decode(jsonToPlain(codec.storage, tree) as never);

/** The value with instances in place of plain objects, where the codec is of a class. @throws ValueFault */
export const instanceOf = (codec: Codec, value: unknown): unknown =>
  makesInstances(codec) ? codec.toInstance(value) : value;

const treeCodec = (parts: Pick<TreeCodec, 'name' | 'shape' | 'toTree' | 'fromTree' | 'toInstance'>): TreeCodec => ({
  ...parts,
  storage: 'json',
  encode: (value) => JSON.stringify(parts.toTree(value)),
  decode: (plain) => parts.fromTree(JSON.parse(plain as string)),
});

/** An array of values of one codec, as a JSON array. */
export function arrayCodec(element: Codec): TreeCodec {
  const each = (items: readonly unknown[], convert: (codec: Codec, item: unknown) => unknown): unknown[] => {
    const converted = new Array<unknown>(items.length);
    for (let at = 0; at < items.length; at++) {
      try {
        converted[at] = convert(element, items[at]);
      } catch (error) {
        throw faultWithin(`[${at}]`, error);
      }
    }
    return converted;
  };
  const array = (value: unknown): readonly unknown[] =>
    Array.isArray(value) ? value : refuse(`an array of ${element.name}`, value);
  return treeCodec({
    name: `${element.name}[]`,
    shape: `[${shapeOf(element)}]`,
    toTree: (value) => each(array(value), encodeTree),
    fromTree: (tree) => each(array(tree), decodeTree),
    toInstance: (value) => each(array(value), instanceOf),
  });
}

/** An instance of a class with fields of its own, as a JSON object. Plain objects of the same shape are taken too. */
export function nestedCodec(type: Function, parts: readonly FieldPart[]): TreeCodec {
  const names = new Set(parts.map((part) => part.name));
  const construct = type as unknown as new () => Record<string, unknown>;
  const wanted = `an instance of ${type.name} or a plain object of its shape`;

  const toTree = (value: unknown): Record<string, unknown> => {
    if (!(value instanceof type)) checkPlain(value, names, wanted);
    const tree: Record<string, unknown> = {};
    for (const part of parts) {
      try {
        const inner = encodePart(part, (value as Record<string, unknown>)[part.name]);
        if (inner !== undefined) tree[part.column] = inner;
      } catch (error) {
        throw faultWithin(`.${part.name}`, error);
      }
    }
    return tree;
  };

  const fromTree = (tree: unknown): object => {
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return refuse('an object', tree);
    const entity = new construct();
    for (const part of parts) {
      const inner = Object.hasOwn(tree, part.column) ? (tree as Record<string, unknown>)[part.column] : undefined;
      if (inner === undefined) {
        // What was not stored must not come back as an initialiser's value.
        if (entity[part.name] !== undefined) entity[part.name] = undefined;
        continue;
      }
      try {
        entity[part.name] = inner === null ? null : decodeTree(part.codec, inner);
      } catch (error) {
        throw faultWithin(`.${part.name}`, error);
      }
    }
    return entity;
  };

  const shape = `{${parts.map((part) => `${part.column}:${shapeOf(part.codec)}`).join(',')}}`;
  const toInstance = (value: unknown): unknown => (value instanceof type ? value : fromTree(toTree(value)));
  return treeCodec({ name: type.name, shape, toTree, fromTree, toInstance });
}

function encodePart(part: FieldPart, given: unknown): unknown {
  const { codec } = part;
  const value = given === undefined ? part.defaultValue?.() : given;
  if (value === undefined) return undefined;
  if (value === null) return checkNull(part);
  return isTree(codec) ? codec.toTree(value) : plainToJson(codec.storage, checkLength(part, codec.encode(value)));
}

function checkPlain(value: unknown, names: ReadonlySet<string>, wanted: string): void {
  if (typeof value !== 'object' || value === null) refuse(wanted, value);
  const proto = Object.getPrototypeOf(value) as unknown;
  if (proto !== Object.prototype && proto !== null) refuse(wanted, value);
  for (const name of Object.keys(value as object))
    if (!names.has(name)) throw new ValueFault(`.${name}`, `is not known (there are: ${[...names].join(', ')})`);
}

/** `null`, where the field can be null. @throws ValueFault */
export function checkNull(part: FieldPart): null {
  if (part.nullable) return null;
  throw new ValueFault('', `must be of type ${part.codec.name}, got null; it is not declared nullable`);
}

/** The value, where it is no longer than the field may be. @throws ValueFault */
export function checkLength<P extends Plain>({ length }: FieldPart, plain: P): P {
  if (length === undefined || (typeof plain !== 'string' && !(plain instanceof Uint8Array))) return plain;
  let long: number = plain.length;
  // A database counts characters, JavaScript UTF-16 units.
  if (long > length && typeof plain === 'string') long = [...plain].length;
  if (long <= length) return plain;
  const unit = typeof plain === 'string' ? 'characters' : 'bytes';
  throw new ValueFault('', `must be at most ${length} ${unit} long, got ${long}`);
}

function refuse(wanted: string, value: unknown): never {
  throw new ValueFault('', `must be ${wanted}, got ${describe(value)}`);
}
