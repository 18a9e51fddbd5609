/**
 * A value as every tier keeps it: immutable, without classes. Codecs turn an entity's values into plain ones and back;
 * stores know only these.
 */
export type Plain = string | number | bigint | boolean | Uint8Array | null;

/**
 * How a plain value is stored, and what it is in memory: `text` a string, `number` a finite double, `integer` a safe
 * integer, `bigint` a signed 64-bit bigint, `boolean`, `date` milliseconds since 1970 as a number, `bytes` a Uint8Array,
 * `json` JSON text.
 */
export type StorageType = 'text' | 'number' | 'integer' | 'bigint' | 'boolean' | 'date' | 'bytes' | 'json';

/** The stored value could not be read as what the schema says it is. */
export class CorruptPlain extends Error {}

const corrupt = (type: StorageType, text: string): never => {
  throw new CorruptPlain(
    `${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)} is not a stored ${type}`,
  );
};

// A stored text that starts with this is no ordinary text: alone it is null, doubled it stands for itself.
const NUL = '\0';

/** One plain value as text, for stores that keep text only. */
export function plainToText(value: Plain): string {
  if (value === null) return NUL;
  switch (typeof value) {
    case 'string':
      return value.charCodeAt(0) === 0 ? NUL + value : value;
    case 'boolean':
      return value ? '1' : '0';
    case 'object':
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    default:
      return String(value);
  }
}

/** The inverse of {@link plainToText}. @throws CorruptPlain */
export function textToPlain(type: StorageType, text: string): Plain {
  if (text.charCodeAt(0) === 0) {
    if (text.length === 1) return null;
    if ((type === 'text' || type === 'json') && text.charCodeAt(1) === 0) return text.slice(1);
    return corrupt(type, text);
  }
  switch (type) {
    case 'text':
      return text;
    case 'json':
      return jsonText(text);
    case 'number':
    case 'integer':
    case 'date': {
      const n = Number(text);
      if (text.trim() === '' || !Number.isFinite(n) || (type !== 'number' && !Number.isSafeInteger(n)))
        return corrupt(type, text);
      return n;
    }
    case 'bigint':
      if (!/^-?\d{1,19}$/.test(text)) return corrupt(type, text);
      return BigInt(text);
    case 'boolean':
      return text === '1' ? true : text === '0' ? false : corrupt(type, text);
    case 'bytes': {
      const bytes = Buffer.from(text, 'base64');
      return bytes.toString('base64') === text ? bytes : corrupt(type, text);
    }
  }
}

function jsonText(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return corrupt('json', text);
  }
}

/** What a plain value is inside a JSON document. */
export type PlainJson = string | number | boolean | null | JsonTree;
/** A parsed JSON object or array. */
export type JsonTree = { readonly [key: string]: unknown } | readonly unknown[];

/** One plain value inside a JSON document: bigints and bytes are strings, dates ISO 8601, `json` the tree itself. */
export function plainToJson(type: StorageType, value: Plain): PlainJson {
  if (value === null) return null;
  switch (type) {
    case 'bigint':
      return String(value);
    case 'bytes':
      return plainToText(value);
    case 'date':
      return new Date(value as number).toISOString();
    case 'json':
      return JSON.parse(value as string) as PlainJson;
    default:
      return value as string | number | boolean;
  }
}

/** The inverse of {@link plainToJson}. @throws CorruptPlain */
export function jsonToPlain(type: StorageType, json: unknown): Plain {
  if (json === null) return null;
  if (type === 'json') return JSON.stringify(json);
  const wrong = (): never => corrupt(type, typeof json === 'string' ? json : JSON.stringify(json));
  switch (type) {
    case 'text':
      return typeof json === 'string' ? json : wrong();
    case 'boolean':
      return typeof json === 'boolean' ? json : wrong();
    case 'number':
      return typeof json === 'number' ? json : wrong();
    case 'integer':
      return Number.isSafeInteger(json) ? (json as number) : wrong();
    case 'date': {
      const at = typeof json === 'string' ? Date.parse(json) : Number.NaN;
      return Number.isNaN(at) ? wrong() : at;
    }
    case 'bigint':
    case 'bytes':
      return typeof json === 'string' ? textToPlain(type, json) : wrong();
  }
}

/** Whether two plain values are the same. */
export function samePlain(a: Plain | undefined, b: Plain | undefined): boolean {
  if (a === b) return true;
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return false;
  return Buffer.compare(a, b) === 0;
}
