import { Binary, Double, Int32, Long, ObjectId } from 'bson';
import { compareText } from '../../../src/core/key-order.js';

/** A document as the server has it: numbers keep their BSON types. */
export type Doc = Readonly<Record<string, unknown>>;

/** What the server cannot do: tests see it as an error, and the server remembers it. */
export class Unknown extends Error {}

export const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

type NumberLike = Int32 | Double | Long;

export const isNumber = (value: unknown): value is NumberLike =>
  value instanceof Int32 || value instanceof Double || value instanceof Long;

/** A number that compares exactly with any other. */
export const numberOf = (value: NumberLike): number | bigint =>
  value instanceof Long ? value.toBigInt() : value.value;

/** The place of a value's type in the order of all types. */
export function rankOf(value: unknown): number {
  if (typeof value === 'string') return 3;
  if (value === undefined || value === null) return 1;
  if (isNumber(value)) return 2;
  if (isDoc(value)) return 4;
  if (value instanceof Binary) return 6;
  if (value instanceof ObjectId) return 7;
  if (typeof value === 'boolean') return 8;
  if (value instanceof Date) return 9;
  throw new Unknown(`the server knows no order of ${Object.prototype.toString.call(value)}`);
}

/** As MongoDB orders values: by type, numbers by value, texts by their UTF-8 bytes, documents field by field. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  const rank = rankOf(a);
  const other = rankOf(b);
  if (rank !== other) return rank - other;
  switch (rank) {
    case 2:
      return compareNumbers(numberOf(a as NumberLike), numberOf(b as NumberLike));
    case 3:
      return compareText(a as string, b as string);
    case 4:
      return compareDocs(Object.entries(a as Doc), Object.entries(b as Doc));
    case 6: {
      const [left, right] = [a as Binary, b as Binary];
      return (
        left.length() - right.length() || left.sub_type - right.sub_type || Buffer.compare(left.value(), right.value())
      );
    }
    case 7:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case 8:
      return Number(a) - Number(b);
    case 9:
      return (a as Date).getTime() - (b as Date).getTime();
    default:
      return 0;
  }
}

const compareNumbers = (a: number | bigint, b: number | bigint): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a < b ? -1 : a > b ? 1 : 0;

function compareDocs(a: readonly [string, unknown][], b: readonly [string, unknown][]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [leftName, left] = a[at]!;
    const [rightName, right] = b[at]!;
    const byType = leftName === rightName ? 0 : rankOf(left) - rankOf(right) || compareText(leftName, rightName);
    const order = byType || compareValues(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A text that two values share where they are equal. */
export function identityOf(value: unknown): string {
  switch (rankOf(value)) {
    case 1:
      return 'null';
    case 2: {
      const number = numberOf(value as NumberLike);
      return typeof number === 'number' && Number.isInteger(number) ? `n${BigInt(number)}` : `n${number}`;
    }
    case 3:
      return JSON.stringify(value);
    case 4:
      return `{${Object.entries(value as Doc)
        .map(([name, part]) => `${JSON.stringify(name)}:${identityOf(part)}`)
        .join()}}`;
    case 6:
      return `b${(value as Binary).sub_type}:${(value as Binary).toString('hex')}`;
    case 7:
      return `o${(value as ObjectId).toHexString()}`;
    case 8:
      return String(value);
    default:
      return `d${(value as Date).getTime()}`;
  }
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(doc: Doc, path: string): unknown {
  if (!path.includes('.')) return Object.hasOwn(doc, path) ? doc[path] : undefined;
  let value: unknown = doc;
  for (const name of path.split('.')) {
    if (!isDoc(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
