import { CorruptPlain, type Plain, type StorageType } from '../../core/plain.js';
import type { Mutation, WireEntity, WireKey, WireValue } from './wire.js';

/** The most bytes of an entity. */
export const MOST_ENTITY_BYTES = 2 ** 20 - 4;
/** The most bytes of one value that is not indexed. */
export const MOST_VALUE_BYTES = 2 ** 20 - 89;

/** A moment as the service keeps it. */
export function timestampOf(at: number): WireValue {
  const seconds = Math.floor(at / 1000);
  return { timestampValue: { seconds: String(seconds), nanos: (at - seconds * 1000) * 1_000_000 } };
}

/** The inverse of {@link timestampOf}. @throws CorruptPlain */
export function timeOf({ timestampValue }: WireValue): number {
  if (!timestampValue) throw new CorruptPlain('it is no timestamp');
  return Number(timestampValue.seconds ?? 0) * 1000 + Math.trunc((timestampValue.nanos ?? 0) / 1_000_000);
}

/** One plain value as the service keeps it, exactly. */
export function wireValueOf(storage: StorageType, plain: Plain, index: boolean): WireValue {
  const excludeFromIndexes = !index;
  if (plain === null) return { nullValue: 'NULL_VALUE', excludeFromIndexes };
  switch (storage) {
    case 'text':
    case 'json':
      return { stringValue: plain as string, excludeFromIndexes };
    case 'number':
      return { doubleValue: plain as number, excludeFromIndexes };
    case 'integer':
    case 'bigint':
      return { integerValue: String(plain), excludeFromIndexes };
    case 'boolean':
      return { booleanValue: plain as boolean, excludeFromIndexes };
    case 'date':
      return { ...timestampOf(plain as number), excludeFromIndexes };
    case 'bytes':
      return { blobValue: plain as Uint8Array, excludeFromIndexes };
  }
}

/** The inverse of {@link wireValueOf}. @throws CorruptPlain */
export function plainOf(storage: StorageType, value: WireValue): Plain {
  const { valueType } = value;
  if (valueType === 'nullValue') return null;
  const wrong = () => new CorruptPlain(`a ${String(valueType)} is not a stored ${storage}`);
  switch (storage) {
    case 'text':
      if (valueType !== 'stringValue') throw wrong();
      return value.stringValue!;
    case 'json':
      if (valueType !== 'stringValue') throw wrong();
      return jsonText(value.stringValue!);
    case 'number': {
      // Other programs write a double without a fraction as an integer.
      const number = valueType === 'integerValue' ? Number(value.integerValue) : value.doubleValue;
      if (number === undefined || !Number.isFinite(number)) throw wrong();
      return number;
    }
    case 'integer': {
      const integer = valueType === 'integerValue' ? Number(value.integerValue) : Number.NaN;
      if (!Number.isSafeInteger(integer)) throw wrong();
      return integer;
    }
    case 'bigint':
      if (valueType !== 'integerValue') throw wrong();
      return BigInt(value.integerValue!);
    case 'boolean':
      if (valueType !== 'booleanValue') throw wrong();
      return value.booleanValue!;
    case 'date':
      if (valueType !== 'timestampValue') throw wrong();
      return timeOf(value);
    case 'bytes':
      if (valueType !== 'blobValue') throw wrong();
      return value.blobValue!;
  }
}

function jsonText(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new CorruptPlain(`${JSON.stringify(text.slice(0, 40))} is not JSON`);
  }
}

/** Bytes of a value, as the service counts them. */
export function sizeOfValue(value: WireValue): number {
  if (value.stringValue !== undefined) return Buffer.byteLength(value.stringValue) + 1;
  if (value.blobValue !== undefined) return value.blobValue.byteLength;
  return value.nullValue !== undefined || value.booleanValue !== undefined ? 1 : 8;
}

export const sizeOfKey = ({ path }: WireKey): number =>
  path.reduce((sum, { kind, name }) => sum + Buffer.byteLength(kind) + Buffer.byteLength(name ?? '') + 2, 16);

/** Bytes of an entity, as the service counts them. */
export function sizeOfEntity({ key, properties }: WireEntity): number {
  let size = sizeOfKey(key) + 32;
  for (const [name, value] of Object.entries(properties)) size += Buffer.byteLength(name) + 1 + sizeOfValue(value);
  return size;
}

// What a message adds to a property, and to an entity, at most.
const AROUND_PROPERTY = 24;
const AROUND_MUTATION = 128;

/** About how many bytes a mutation adds to a request; never fewer than it does. */
export function sizeOfMutation(mutation: Mutation): number {
  if ('delete' in mutation) return sizeOfKey(mutation.delete) + AROUND_MUTATION;
  const entity = 'insert' in mutation ? mutation.insert : 'update' in mutation ? mutation.update : mutation.upsert;
  return sizeOfEntity(entity) + AROUND_MUTATION + Object.keys(entity.properties).length * AROUND_PROPERTY;
}
