import { CorruptPlain } from '../../core/plain.js';
import type { ColumnCodec } from './dialect.js';

/** What the codecs of all databases are made from. */

function shown(raw: unknown): string {
  const text = typeof raw === 'string' ? raw : raw instanceof Uint8Array ? 'bytes' : String(raw);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** @throws CorruptPlain always */
export function corrupt(type: string, raw: unknown): never {
  throw new CorruptPlain(`${shown(raw)} is not a stored ${type}`);
}

/** The column itself. */
export const plainly = (column: string): string => column;

/** The given or read value as it is. */
export const asText = (raw: unknown): string => (typeof raw === 'string' ? raw : corrupt('text', raw));

export const asNumber = (raw: unknown): number => {
  const n = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  return typeof n === 'number' && Number.isFinite(n) ? n : corrupt('number', raw);
};

export const asInteger = (raw: unknown): number => {
  const n = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : typeof raw === 'bigint' ? Number(raw) : raw;
  return Number.isSafeInteger(n) ? (n as number) : corrupt('integer', raw);
};

export const asBigint = (raw: unknown): bigint => {
  if (typeof raw === 'bigint') return raw;
  if (Number.isSafeInteger(raw)) return BigInt(raw as number);
  return typeof raw === 'string' && /^-?\d{1,19}$/.test(raw) ? BigInt(raw) : corrupt('bigint', raw);
};

export const asBoolean = (raw: unknown): boolean =>
  typeof raw === 'boolean' ? raw : raw === 0 || raw === 1 ? raw === 1 : corrupt('boolean', raw);

export const asBytes = (raw: unknown): Uint8Array => (raw instanceof Uint8Array ? raw : corrupt('bytes', raw));

export const asJson = (raw: unknown): string => {
  if (typeof raw !== 'string') return corrupt('json', raw);
  try {
    JSON.parse(raw);
    return raw;
  } catch {
    return corrupt('json', raw);
  }
};

/** `YYYY-MM-DD HH:MM:SS.mmm` in UTC. */
export const utcText = (ms: unknown): string => new Date(ms as number).toISOString().slice(0, 23).replace('T', ' ');

/** The inverse of {@link utcText}; seconds may lack their fraction. */
export const asDate = (raw: unknown): number => {
  const ms =
    typeof raw === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})?$/.test(raw)
      ? Date.parse(`${raw.replace(' ', 'T')}Z`)
      : Number.NaN;
  return Number.isNaN(ms) ? corrupt('date', raw) : ms;
};

/** Drivers take Buffers only. */
export const toBuffer = (bytes: unknown): Buffer => {
  const { buffer, byteOffset, byteLength } = bytes as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength);
};

const same = (plain: unknown): unknown => plain;

/** A column that is read and written as the driver does by itself. */
export const direct = (toPlain: ColumnCodec['toPlain']): ColumnCodec => ({ select: plainly, toSql: same, toPlain });
