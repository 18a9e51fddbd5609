import { types } from 'node:util';

const native = new WeakMap<object, boolean>();

/** Whether a prototype is one of the language's own, of whatever realm, and not of a class that extends it. */
function isNative(prototype: object): boolean {
  let known = native.get(prototype);
  if (known === undefined) {
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    known = typeof made === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(made));
    native.set(prototype, known);
  }
  return known;
}

const nativeName = (prototype: object): string | undefined =>
  isNative(prototype) ? (prototype as { constructor: { name: string } }).constructor.name : undefined;

/** An object that is of no class, and has no symbols as keys. */
export function isPlainObject(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (Object.getPrototypeOf(prototype) !== null || nativeName(prototype) !== 'Object') return false;
    if (brandOf(value) !== undefined) return false;
  }
  return Object.getOwnPropertySymbols(value).length === 0;
}

/** An array that is of no class of its own, and has no symbols as keys. */
export function isPlainArray(value: readonly unknown[]): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== Array.prototype && !(prototype !== null && nativeName(prototype) === 'Array')) return false;
  return Object.getOwnPropertySymbols(value).length === 0;
}

const ERRORS = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
]);

/** The language's own class of an error, or `undefined` where it is of another class, or no error. */
export function errorName(value: object): string | undefined {
  if (!types.isNativeError(value)) return undefined;
  const prototype: object | null = Object.getPrototypeOf(value);
  const name = prototype === null ? undefined : nativeName(prototype);
  return name !== undefined && ERRORS.has(name) ? name : undefined;
}

/** What a value is by its inner slots, whatever its prototype says. */
function brandOf(value: object): string | undefined {
  if (types.isDate(value)) return 'Date';
  if (types.isMap(value)) return 'Map';
  if (types.isSet(value)) return 'Set';
  if (types.isRegExp(value)) return 'RegExp';
  if (ArrayBuffer.isView(value))
    return types.isDataView(value) ? 'DataView' : (value as Uint8Array)[Symbol.toStringTag];
  if (types.isArrayBuffer(value)) return 'ArrayBuffer';
  if (types.isBoxedPrimitive(value)) {
    const inner = typeof (value as { valueOf(): unknown }).valueOf();
    return inner.charAt(0).toUpperCase() + (inner === 'bigint' ? 'igInt' : inner.slice(1));
  }
  return undefined;
}

/** What a value is stored as: one of the language's own classes by its name, `Object`, or `undefined` where it cannot be. */
export function kindOf(value: object): string | undefined {
  if (Array.isArray(value)) return isPlainArray(value) ? 'Array' : undefined;
  if (Object.getPrototypeOf(value) === Object.prototype) return isPlainObject(value) ? 'Object' : undefined;
  const brand = brandOf(value);
  if (brand === undefined) {
    if (isPlainObject(value)) return 'Object';
    return Object.getPrototypeOf(value) === URL.prototype
      ? 'URL'
      : Object.getPrototypeOf(value) === URLSearchParams.prototype
        ? 'URLSearchParams'
        : undefined;
  }
  if (brand === 'Symbol') return undefined;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype !== null && nativeName(prototype) === brand ? brand : undefined;
}
