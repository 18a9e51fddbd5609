import type { Registered } from './classes.js';
import { CLASS, HOLE, MOST_ELEMENTS, SPARSE, SPECIALS } from './rich-form.js';
import { errorName, kindOf } from './shapes.js';

/** A part of the value cannot be stored. */
export class RefusedError extends Error {}

/** Gives the index of a part. */
type Index = (part: unknown) => number;

/** Writes a value in the rich form, however deep it is. @throws RefusedError; what a class's `encode` throws */
export function writeRich(value: unknown, classes: readonly Registered[]): string {
  const parts: unknown[] = [];
  const known = new Map<unknown, number>();
  const index: Index = (part) => {
    const special = specialOf(part);
    if (special !== undefined) return special;
    let at = known.get(part);
    if (at === undefined) {
      at = parts.push(part) - 1;
      known.set(part, at);
    }
    return at;
  };
  const first = index(value);
  if (first < 0) return String(first);
  const texts: string[] = [];
  // What a part holds is added behind it.
  for (let at = 0; at < parts.length; at++) texts.push(textOf(parts[at], index, classes));
  return `[${texts.join()}]`;
}

function specialOf(part: unknown): number | undefined {
  if (part !== undefined && (typeof part !== 'number' || (Number.isFinite(part) && part !== 0))) return undefined;
  for (const [index, special] of SPECIALS) if (Object.is(special, part)) return index;
  return undefined;
}

const text = (string: string) => JSON.stringify(string);
const tagged = (tag: string, ...rest: readonly (string | number)[]) => `[${[text(tag), ...rest].join()}]`;

function textOf(part: unknown, index: Index, classes: readonly Registered[]): string {
  switch (typeof part) {
    case 'string':
      return text(part);
    case 'number':
    case 'boolean':
      return String(part);
    case 'bigint':
      return tagged('BigInt', text(String(part)));
    case 'object':
      if (part === null) return 'null';
      // Most are plain, and no instance of anything.
      if (Object.getPrototypeOf(part) === Object.prototype) return objectText(part, index);
      return instanceText(part, index, classes) ?? objectText(part, index);
    default:
      throw new RefusedError(typeof part);
  }
}

/** Instances of registered classes, buffers and errors. */
function instanceText(part: object, index: Index, classes: readonly Registered[]): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(part);
  for (const one of classes) {
    if (one.prototype !== prototype) continue;
    if (one.encode) return tagged(CLASS + one.name, index(one.encode(part)));
    return tagged(CLASS + one.name, ...pairs(part, Object.getOwnPropertyNames(part), index));
  }
  if (prototype === Buffer.prototype && Buffer.isBuffer(part)) return tagged('Buffer', text(part.toString('base64')));
  const name = errorName(part);
  if (name === undefined) return undefined;
  const all = Object.getOwnPropertyNames(part);
  const hidden = all.filter((key) => !Object.prototype.propertyIsEnumerable.call(part, key));
  return tagged('Error', text(name), JSON.stringify(hidden), ...pairs(part, all, index));
}

/** Keys and the indexes of what is under them. */
function pairs(part: object, keys: readonly string[], index: Index): (string | number)[] {
  if (Object.getOwnPropertySymbols(part).length > 0) throw new RefusedError('symbols as keys');
  return keys.flatMap((key) => [text(key), index(part[key as never])]);
}

function objectText(part: object, index: Index): string {
  const kind = kindOf(part);
  switch (kind) {
    case 'Object':
      return plainText(part, index);
    case 'Array':
      return arrayText(part as unknown[], index);
    case 'Map':
      return tagged(
        kind,
        ...[...(part as Map<unknown, unknown>)].flatMap(([key, value]) => [index(key), index(value)]),
      );
    case 'Set':
      return tagged(kind, ...[...(part as Set<unknown>)].map(index));
    case 'Date': {
      const time = (part as Date).getTime();
      return tagged(kind, text(Number.isNaN(time) ? '' : (part as Date).toISOString()));
    }
    case 'RegExp':
      return tagged(kind, text((part as RegExp).source), text((part as RegExp).flags));
    case 'URL':
    case 'URLSearchParams':
      return tagged(kind, text(String(part)));
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'BigInt':
      return tagged('Object', index(part.valueOf()));
    case 'ArrayBuffer':
      return tagged(kind, text(Buffer.from(part as ArrayBuffer).toString('base64')));
    case undefined:
      throw new RefusedError('of a class');
    default:
      return viewText(kind, part as Uint8Array, index);
  }
}

function plainText(part: object, index: Index): string {
  const keys = Object.keys(part);
  if (Object.getPrototypeOf(part) === null) return tagged('null', ...pairs(part, keys, index));
  let written = '{';
  for (const key of keys) written += `${written === '{' ? '' : ','}${text(key)}:${index(part[key as never])}`;
  return `${written}}`;
}

function arrayText(array: readonly unknown[], index: Index): string {
  const keys = Object.keys(array);
  const last = keys.at(-1);
  // Elements come first, in order.
  if (last !== undefined && !isElement(last)) return tagged('Array', array.length, ...pairs(array, keys, index));
  if (array.length > 10 && keys.length * 2 < array.length)
    return `[${[SPARSE, array.length, ...keys.flatMap((key) => [key, index(array[key as never])])].join()}]`;
  return `[${Array.from(array, (item, at) => (at in array ? index(item) : HOLE)).join()}]`;
}

const isElement = (key: string) => /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < MOST_ELEMENTS;

/** A view: its buffer, and which part of it. */
function viewText(kind: string, view: Uint8Array, index: Index): string {
  const { buffer, byteOffset, byteLength } = view;
  // Node keeps small buffers in a pool, where there is what others have written.
  if (buffer.byteLength === Buffer.poolSize && byteLength < Buffer.poolSize)
    return tagged(kind, index(buffer.slice(byteOffset, byteOffset + byteLength)));
  const whole = byteLength === buffer.byteLength;
  return whole
    ? tagged(kind, index(buffer))
    : tagged(kind, index(buffer), byteOffset, kind === 'DataView' ? byteLength : view.length);
}
