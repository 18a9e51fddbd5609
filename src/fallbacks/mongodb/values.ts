import type { Binary, Long } from 'mongodb';
import { CorruptPlain, type Plain, type StorageType } from '../../core/plain.js';

/** The package, loaded. */
export type Mongodb = typeof import('mongodb');

/** How values are read: whole numbers of 64 bits, and bytes, as what they are. */
export const READING = { promoteLongs: false, promoteBuffers: false, ignoreUndefined: true } as const;

const MOST = 2 ** 31;

/** A plain value as BSON. */
export function toBson({ Double, Int32, Long, Binary }: Mongodb, type: StorageType, plain: Plain): unknown {
  if (plain === null) return null;
  switch (type) {
    case 'text':
    case 'json':
    case 'boolean':
      return plain;
    case 'number':
      return new Double(plain as number);
    case 'integer':
      return (plain as number) >= -MOST && (plain as number) < MOST
        ? new Int32(plain as number)
        : Long.fromNumber(plain as number);
    case 'bigint':
      return Long.fromBigInt(plain as bigint);
    case 'date':
      return new Date(plain as number);
    case 'bytes':
      return new Binary(plain as Uint8Array);
  }
}

/** The inverse of {@link toBson}; whole numbers may be of any numeric type. @throws CorruptPlain */
export function fromBson(type: StorageType, value: unknown): Plain {
  if (value === null) return null;
  switch (type) {
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'json':
      if (typeof value === 'string' && isJson(value)) return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      if (isLong(value)) return value.toNumber();
      break;
    case 'integer': {
      const whole = isLong(value) ? value.toNumber() : value;
      if (Number.isSafeInteger(whole)) return whole as number;
      break;
    }
    case 'bigint':
      if (isLong(value)) return value.toBigInt();
      if (Number.isSafeInteger(value)) return BigInt(value as number);
      break;
    case 'date':
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime();
      break;
    case 'bytes':
      if (hasType(value, 'Binary')) return Uint8Array.from((value as Binary).value());
      break;
  }
  throw new CorruptPlain(`${describe(value)} is not a stored ${type}`);
}

const hasType = (value: unknown, name: string): boolean =>
  (value as { readonly _bsontype?: unknown } | null)?._bsontype === name;
const isLong = (value: unknown): value is Long => hasType(value, 'Long');

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describe(value: unknown): string {
  const text = typeof value === 'object' ? Object.prototype.toString.call(value) : JSON.stringify(value);
  return String(text).slice(0, 60);
}
