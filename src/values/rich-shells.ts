import type { Registered } from './classes.js';
import { CLASS, HIDDEN, HOLE, MOST_ELEMENTS, SPARSE } from './rich-form.js';

/** A text is not in the rich form. */
export class UnreadableError extends Error {}

/** Gives the value at an index. @throws UnreadableError */
export type At = (index: unknown) => unknown;

/** What a part becomes: a value that is there at once, and filled with what it holds when all are. */
export interface Shell {
  readonly value: unknown;
  /** The indexes of what it holds. */
  readonly holds: readonly unknown[];
  fill(at: At): void;
}

const NOTHING: readonly unknown[] = [];
const nothing = () => {};
const leaf = (value: unknown): Shell => ({ value, holds: NOTHING, fill: nothing });

/** Two after each other belong together: of keys and indexes, the indexes. */
const indexesOf = (pairs: readonly unknown[]) => pairs.filter((_, at) => at % 2 === 1);

/** The shell of a part; `partAt` gives what lies at an index. @throws UnreadableError */
export function shellOf(part: unknown, classes: readonly Registered[], partAt: At, valueAt: At): Shell {
  if (typeof part !== 'object' || part === null) return leaf(part);
  if (!Array.isArray(part)) return objectShell(part as Readonly<Record<string, unknown>>);
  const [tag, ...rest] = part as readonly unknown[];
  if (typeof tag !== 'string') return arrayShell(part);
  if (!tag.startsWith(CLASS)) return taggedShell(tag, rest, partAt, valueAt);
  const registered = classes.find(({ name }) => CLASS + name === tag);
  if (!registered) throw new UnreadableError(`${tag.slice(0, 50)} is not registered`);
  const value = instanceOf(registered.prototype);
  return pairsShell(value, rest, value instanceof Error ? HIDDEN : []);
}

function taggedShell(tag: string, rest: readonly unknown[], partAt: At, valueAt: At): Shell {
  const [first, second] = rest;
  switch (tag) {
    case 'null':
      return pairsShell(Object.create(null) as object, rest);
    case 'Array':
      return pairsShell(arrayOf(first), rest.slice(1));
    case 'Error':
      return pairsShell(instanceOf(errorPrototype(first)), rest.slice(2), Array.isArray(second) ? second : []);
    case 'Map': {
      const value = new Map<unknown, unknown>();
      const fill = (at: At) => {
        for (let next = 0; next < rest.length; next += 2) value.set(at(rest[next]), at(rest[next + 1]));
      };
      return { value, holds: rest, fill };
    }
    case 'Set': {
      const value = new Set<unknown>();
      const fill = (at: At) => {
        for (const index of rest) value.add(at(index));
      };
      return { value, holds: rest, fill };
    }
    case 'Object':
      return leaf(Object(primitive(first, partAt, valueAt)));
    case 'BigInt':
      if (!/^-?\d+$/.test(textOf(first))) throw new UnreadableError('a bigint is none');
      return leaf(BigInt(textOf(first)));
    case 'Date':
      return leaf(new Date(textOf(first) === '' ? Number.NaN : textOf(first)));
    case 'RegExp':
      return leaf(new RegExp(textOf(first), textOf(second)));
    case 'URL':
      return leaf(new URL(textOf(first)));
    case 'URLSearchParams':
      return leaf(new URLSearchParams(textOf(first)));
    case 'Buffer':
      return leaf(Buffer.from(textOf(first), 'base64'));
    case 'ArrayBuffer':
      return leaf(Uint8Array.from(Buffer.from(textOf(first), 'base64')).buffer);
    default:
      return leaf(viewOf(tag, rest, partAt, valueAt));
  }
}

function textOf(given: unknown): string {
  if (typeof given !== 'string') throw new UnreadableError('a tag lacks its text');
  return given;
}

function arrayShell(part: readonly unknown[]): Shell {
  if (part[0] === SPARSE) {
    const value = arrayOf(part[1]);
    const places = part.slice(2);
    const fill = (at: At) => {
      for (let next = 0; next + 1 < places.length; next += 2) {
        const place = places[next];
        if (!Number.isInteger(place) || (place as number) < 0 || (place as number) >= value.length)
          throw new UnreadableError('an array has no such place');
        value[place as number] = at(places[next + 1]);
      }
    };
    return { value, holds: indexesOf(places), fill };
  }
  const value = new Array<unknown>(part.length);
  const fill = (at: At) => {
    for (const [place, index] of part.entries()) if (index !== HOLE) value[place] = at(index);
  };
  return { value, holds: part, fill };
}

/** An array with room for nothing yet: V8 keeps its elements one by one. */
function arrayOf(length: unknown): unknown[] {
  if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > MOST_ELEMENTS)
    throw new UnreadableError('an array has no length');
  const array: unknown[] = [];
  array[MOST_ELEMENTS - 1] = undefined;
  array.length = 0;
  array.length = length as number;
  return array;
}

function objectShell(part: Readonly<Record<string, unknown>>): Shell {
  const value: Record<string, unknown> = {};
  const fill = (at: At) => {
    for (const key of Object.keys(part)) {
      if (key === '__proto__') define(value, key, at(part[key]));
      else value[key] = at(part[key]);
    }
  };
  return { value, holds: Object.values(part), fill };
}

// Assigned, `__proto__` would be the prototype, and a setter of a class would run.
const define = (target: object, key: string, value: unknown, enumerable = true) =>
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });

function pairsShell(value: object, pairs: readonly unknown[], hidden: readonly unknown[] = []): Shell {
  const fill = (at: At) => {
    for (let next = 0; next < pairs.length; next += 2) {
      const key = pairs[next];
      if (typeof key !== 'string' || (Array.isArray(value) && key === 'length'))
        throw new UnreadableError('an object has a key that is none');
      define(value, key, at(pairs[next + 1]), !hidden.includes(key));
    }
  };
  return { value, holds: indexesOf(pairs), fill };
}

const ERRORS = new Map<unknown, object>(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map(
    ({ name, prototype }) => [name, prototype],
  ),
);

function errorPrototype(name: unknown): object {
  const prototype = ERRORS.get(name);
  if (prototype === undefined) throw new UnreadableError('an error is of no known class');
  return prototype;
}

/** An instance that no constructor has run for. */
function instanceOf(prototype: object): object {
  if (prototype !== Error.prototype && !(prototype instanceof Error)) return Object.create(prototype) as object;
  const error = new Error();
  delete error.stack;
  return Object.setPrototypeOf(error, prototype) as object;
}

function primitive(index: unknown, partAt: At, valueAt: At): unknown {
  const part = partAt(index);
  if (typeof part === 'object' && part !== null && !(Array.isArray(part) && part[0] === 'BigInt'))
    throw new UnreadableError('what is boxed is no primitive');
  return valueAt(index);
}

const VIEWS: ReadonlySet<string> = new Set([
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Float16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
]);

function viewOf(tag: string, [index, offset, length]: readonly unknown[], partAt: At, valueAt: At): unknown {
  const View = VIEWS.has(tag) ? (globalThis as unknown as Record<string, Uint8ArrayConstructor>)[tag] : undefined;
  if (View === undefined) throw new UnreadableError(`the tag ${JSON.stringify(tag.slice(0, 50))} is not known`);
  const buffer = partAt(index);
  if (!Array.isArray(buffer) || buffer[0] !== 'ArrayBuffer') throw new UnreadableError('a view is of no buffer');
  return offset === undefined
    ? new View(valueAt(index) as ArrayBuffer)
    : new View(valueAt(index) as ArrayBuffer, offset as number, length as number);
}
