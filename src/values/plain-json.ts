import { isPlainArray, isPlainObject } from './shapes.js';

/**
 * Whether JSON gives back exactly this value: a tree of plain objects, full arrays, texts, numbers that JSON has, booleans and
 * null. @throws RangeError where it is nested too deeply
 */
export function isPlainJson(value: unknown, seen: Set<object> = new Set()): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object': {
      if (value === null) return true;
      // One that is met twice would come back as two.
      if (seen.has(value)) return false;
      seen.add(value);
      if (Array.isArray(value)) return isPlainArray(value) && isFull(value) && every(value, seen);
      return isPlainObject(value) && Object.getPrototypeOf(value) !== null && every(Object.values(value), seen);
    }
    default:
      return false;
  }
}

/** Neither holes nor properties beside its elements. */
function isFull(array: readonly unknown[]): boolean {
  for (let at = 0; at < array.length; at++) if (!(at in array)) return false;
  return Object.keys(array).length === array.length;
}

function every(values: readonly unknown[], seen: Set<object>): boolean {
  for (const value of values) if (!isPlainJson(value, seen)) return false;
  return true;
}
