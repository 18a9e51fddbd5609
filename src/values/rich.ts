import { type ParseOperations, parse, type StringifyOperations, stringify } from 'devalue';
import type { Registered } from './classes.js';
import { errorName, isPlainArray, isPlainObject, kindOf } from './shapes.js';

/** Writes and reads values that JSON does not have, in devalue's form, which is JSON itself. */
export interface RichForm {
  /** @throws Error where a part of the value cannot be stored; RangeError where it is nested too deeply */
  write(value: unknown): string;
  /** @throws Error where the text is not what `write` gives */
  read(text: string): unknown;
}

type Own = Record<string, unknown>;
type Revive = (payload: unknown) => unknown;

/** What a class's name is marked with, so that it is never one of the tags below or of devalue. */
const CLASS = 'class ';
// More than an array can have at once, where V8 makes room for all of them.
const LARGEST_INDEX = 2 ** 32 - 2;

// devalue refuses the key `__proto__`, so it is written as another one, and so is any that begins like that.
const MARK = '\0';
const escaped = (key: string) => (key === '__proto__' || key.startsWith(MARK) ? MARK + key : key);
const unescaped = (key: string) => (key.startsWith(MARK) ? key.slice(1) : key);

const making: Partial<ParseOperations> = {
  set: (target: object, key: string | number, value: unknown) => {
    if (typeof key === 'string') define(target, unescaped(key), value);
    else target[key as never] = value as never;
  },
};

const looking: Partial<StringifyOperations> = {
  // A promise is refused like any instance, and a function named `then` like any function.
  isThenable: () => false,
  tagOf: (value: object) => kindOf(value) ?? 'refused',
  shapeOf: (value: object) => {
    if (!isPlainObject(value)) return { kind: 'not-plain' };
    return {
      kind: Object.getPrototypeOf(value) === null ? 'null-proto' : 'plain',
      keys: Object.keys(value).map(escaped),
    };
  },
  get: (value: object, key: string | number) => value[(typeof key === 'string' ? unescaped(key) : key) as never],
  viewInfo: (view: Uint8Array) => {
    const { byteOffset, byteLength, length } = view;
    // Node keeps small buffers in a pool, where there is what others have written.
    const pooled = view.buffer.byteLength === Buffer.poolSize && byteLength < Buffer.poolSize;
    const buffer = pooled ? view.buffer.slice(byteOffset, byteOffset + byteLength) : view.buffer;
    return { buffer, byteOffset: pooled ? 0 : byteOffset, byteLength, length, bufferByteLength: buffer.byteLength };
  },
};

/** The rich form of values, in which the instances of these classes can be. */
export function richForm(classes: readonly Registered[]): RichForm {
  const reducers: Record<string, (value: unknown) => unknown> = {};
  for (const { name, prototype, encode } of classes)
    reducers[CLASS + name] = (value) => {
      if (!isObject(value) || Object.getPrototypeOf(value) !== prototype) return undefined;
      // A payload must not be false.
      return encode ? [encode(value)] : ownOf(value);
    };
  Object.assign(reducers, { Buffer: bufferOf, Error: errorOf, Array: otherArray });
  return {
    write: (value) => {
      const text = stringify(value, reducers, { operations: looking });
      // What a class makes of its instances may lead back to them, which cannot be read.
      if (classes.some(({ name, encode }) => encode && text.includes(`[${JSON.stringify(CLASS + name)},`)))
        parse(text, revivers(classes), { operations: making });
      return text;
    },
    read: (text) => parse(text, revivers(classes), { operations: making }),
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** All own properties but symbols, as a plain object. @throws Error where there are symbols */
function ownOf(value: object): Own {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new Error('symbols as keys');
  const own: Own = {};
  for (const key of Object.getOwnPropertyNames(value)) define(own, key, value[key as never]);
  return own;
}

const bufferOf = (value: unknown) =>
  Buffer.isBuffer(value) && Object.getPrototypeOf(value) === Buffer.prototype && [value.toString('base64')];

/** What its class is, which properties do not show in a loop, and all of them. */
function errorOf(value: unknown): unknown {
  const name = isObject(value) ? errorName(value) : undefined;
  if (name === undefined) return undefined;
  const own = ownOf(value as object);
  const hidden = Object.keys(own).filter((key) => !Object.prototype.propertyIsEnumerable.call(value, key));
  return [name, hidden, own];
}

/** An array that has properties beside its elements: its length, and all of them. */
function otherArray(value: unknown): unknown {
  if (!Array.isArray(value) || !isPlainArray(value)) return undefined;
  const keys = Object.keys(value);
  const last = keys.at(-1);
  // Elements come first, in order.
  if (last === undefined || isIndex(last)) return undefined;
  return [value.length, ...keys.flatMap((key) => [key, value[key as never]])];
}

const isIndex = (key: string) => /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) <= LARGEST_INDEX;

/** A reviver of what may be part of itself: then it is asked for twice, first before all its parts are there. */
function once<P, T extends object>(
  check: (given: unknown) => P,
  make: (payload: P) => T,
  fill: (target: T, payload: P) => void,
): Revive {
  const made = new Map<unknown, T>();
  return (given) => {
    const payload = check(given);
    const target = made.get(given) ?? make(payload);
    made.set(given, target);
    fill(target, payload);
    return target;
  };
}

function decodeOnce(decode: (stored: unknown) => object): Revive {
  const met = new Set<unknown>();
  return (given) => {
    if (met.has(given)) throw new Error('an instance that is part of what its class makes of it');
    met.add(given);
    return decode(list(given)[0]);
  };
}

/** The revivers of one reading. */
function revivers(classes: readonly Registered[]): Record<string, Revive> {
  const own: Record<string, Revive> = {
    Buffer: (given) => {
      const [text] = list(given);
      if (typeof text !== 'string') throw new Error('a Buffer that is no base64');
      return Buffer.from(text, 'base64');
    },
    Error: once(
      list,
      ([name]) => instanceOf(errorPrototype(name)),
      (target, [, hidden, all]) => {
        // Not there yet, where the error is met again within its own properties.
        if (all !== undefined) fillOwn(target, record(all), list(hidden));
      },
    ),
    Array: once(
      list,
      () => [] as unknown[],
      (target, [length, ...all]) => {
        setLength(target, length);
        fillPairs(target, all);
      },
    ),
  };
  for (const { name, prototype, decode } of classes)
    own[CLASS + name] = decode
      ? decodeOnce(decode)
      : once(
          record,
          () => instanceOf(prototype),
          (target, all) => fillOwn(target, all, target instanceof Error ? ['stack', 'message', 'cause'] : []),
        );
  return own;
}

function list(given: unknown): readonly unknown[] {
  if (!Array.isArray(given)) throw new Error('a tag without its parts');
  return given;
}

function record(given: unknown): Own {
  if (!isObject(given) || Array.isArray(given)) throw new Error('an instance without its properties');
  return given as Own;
}

const ERRORS = new Map<unknown, object>(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError].map(
    ({ name, prototype }) => [name, prototype],
  ),
);

function errorPrototype(name: unknown): object {
  const prototype = ERRORS.get(name);
  if (prototype === undefined) throw new Error('an error of no known class');
  return prototype;
}

/** An instance that no constructor has run for. */
function instanceOf(prototype: object): object {
  if (prototype !== Error.prototype && !(prototype instanceof Error)) return Object.create(prototype) as object;
  const error = new Error();
  delete error.stack;
  return Object.setPrototypeOf(error, prototype) as object;
}

// Assigned, `__proto__` would be the prototype, and a setter would run.
function define(target: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

function fillOwn(target: object, all: Own, hidden: readonly unknown[]): void {
  for (const [key, value] of Object.entries(all)) define(target, key, value, !hidden.includes(key));
}

function fillPairs(target: object, all: readonly unknown[]): void {
  for (let at = 0; at + 1 < all.length; at += 2) {
    const key = all[at];
    // Those further on are not there yet.
    if (key === undefined) return;
    if (typeof key !== 'string' || (Array.isArray(target) && key === 'length')) throw new Error('a key that is none');
    define(target, key, all[at + 1]);
  }
}

function setLength(array: unknown[], length: unknown): void {
  if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > LARGEST_INDEX + 1)
    throw new Error('an array of no length');
  // Then V8 keeps elements one by one, and makes no room for those that are not there.
  array[LARGEST_INDEX] = undefined;
  array.length = 0;
  array.length = length as number;
}
