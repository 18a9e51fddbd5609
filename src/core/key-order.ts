import type { Plain } from './plain.js';
import type { Key } from './schema.js';

// Surrogates stand for characters above U+FFFF, but their code units lie below U+E000.
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** By code points, which is also the order of the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function comparePart(a: Plain, b: Plain): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a! < b! ? -1 : 1;
}

/** The order of two keys of one entity: part by part, numbers and dates by value, text by code points. */
export function compareKeys(a: Key, b: Key): number {
  for (let at = 0; at < a.parts.length; at++) {
    const order = comparePart(a.parts[at]!, b.parts[at]!);
    if (order !== 0) return order;
  }
  return 0;
}
