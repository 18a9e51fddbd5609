import { CorruptPlain, type Plain, type StorageType } from '../../core/plain.js';

type Part = Exclude<Plain, null>;

// What ends a text comes before all that a text can go on with, so that names are in the order of the keys.
const ESCAPE = '\x01';
const END = ESCAPE + ESCAPE;
const NUL = `${ESCAPE}\x02`;
const SELF = `${ESCAPE}\x03`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
const SPECIAL = /[\0\x01]/;

/** The most bytes of a name, and of an indexed text. */
export const MOST_BYTES = 1500;

const isReserved = (name: string): boolean => name.length >= 4 && name.startsWith('__') && name.endsWith('__');

/** A text without U+0000, in the same order as others of its kind. */
export const escapeText = (text: string): string =>
  SPECIAL.test(text) ? text.replaceAll(ESCAPE, SELF).replaceAll('\0', NUL) : text;

/** The inverse of {@link escapeText}. @throws CorruptPlain */
export function unescapeText(escaped: string): string {
  if (!escaped.includes(ESCAPE)) return escaped;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const text = escaped.replace(/\x01([\x02\x03])/g, (_, which) => (which === '\x02' ? '\0' : ESCAPE));
  if (escapeText(text) !== escaped) throw new CorruptPlain(`${JSON.stringify(escaped)} is no text of a key`);
  return text;
}

/** A whole number as text: how many digits it has, then the digits; of one below zero both the other way round. */
function integerText(n: bigint): string {
  const digits = String(n < 0n ? -n : n);
  if (n >= 0n) return String.fromCharCode(96 + digits.length) + digits;
  return String.fromCharCode(91 - digits.length) + complement(digits);
}

const complement = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));

function textInteger(text: string): bigint {
  const size = text.charCodeAt(0) - 96;
  const digits = text.slice(1);
  return size > 0 ? BigInt(digits) : -BigInt(complement(digits));
}

const cell = new DataView(new ArrayBuffer(8));

/** A number as 16 hexadecimal digits, in the order of the numbers; -0 is 0. */
export function numberText(n: number): string {
  cell.setFloat64(0, n === 0 ? 0 : n);
  const bits = cell.getBigUint64(0);
  const ordered = n < 0 ? BigInt.asUintN(64, ~bits) : bits | (1n << 63n);
  return ordered.toString(16).padStart(16, '0');
}

function textNumber(text: string): number {
  const ordered = BigInt(`0x${text}`);
  cell.setBigUint64(0, ordered >> 63n ? ordered ^ (1n << 63n) : BigInt.asUintN(64, ~ordered));
  return cell.getFloat64(0);
}

const INTEGER = /^(?:[a-s]|[H-Z])\d{1,19}/;

/** The name of key parts: no two keys have the same, and names are in the order of the keys. Never empty, never reserved. */
export function nameOf(storages: readonly StorageType[], parts: readonly Part[]): string {
  const last = parts.length - 1;
  let name = '';
  for (const [at, part] of parts.entries()) {
    if (typeof part === 'string') name += escapeText(part) + (at < last || part === '' ? END : '');
    else name += storages[at] === 'number' ? numberText(part as number) : integerText(BigInt(part as number | bigint));
  }
  return isReserved(name) ? name + END : name;
}

/** The inverse of {@link nameOf}. @throws CorruptPlain for a name that no key has */
export function partsOf(storages: readonly StorageType[], name: string): Part[] {
  let rest = name;
  const parts = storages.map((storage, at): Part => {
    const taken = takePart(storage, rest, at === storages.length - 1);
    rest = rest.slice(taken.length);
    return taken.part;
  });
  if (nameOf(storages, parts) !== name) throw new CorruptPlain(`${JSON.stringify(name)} is no name of a key`);
  return parts;
}

function takePart(storage: StorageType, rest: string, last: boolean): { readonly part: Part; readonly length: number } {
  const wrong = () => new CorruptPlain(`${JSON.stringify(rest)} is no part of a key`);
  if (storage === 'text') {
    const end = rest.indexOf(END);
    if (end < 0 && !last) throw wrong();
    const text = end < 0 ? rest : rest.slice(0, end);
    return { part: unescapeText(text), length: end < 0 ? rest.length : end + END.length };
  }
  if (storage === 'number') {
    const [hex] = /^[\da-f]{16}/.exec(rest) ?? [];
    if (hex === undefined) throw wrong();
    return { part: textNumber(hex), length: 16 };
  }
  const size = rest === '' ? 0 : Math.abs(rest.charCodeAt(0) - (rest.charCodeAt(0) > 90 ? 96 : 91));
  const text = rest.slice(0, size + 1);
  if (!INTEGER.test(text) || text.length !== size + 1) throw wrong();
  const integer = textInteger(text);
  return { part: storage === 'bigint' ? integer : Number(integer), length: text.length };
}
