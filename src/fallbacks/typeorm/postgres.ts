import {
  asBigint,
  asBoolean,
  asBytes,
  asInteger,
  asJson,
  asNumber,
  asText,
  direct,
  plainly,
  toBuffer,
} from './column-codecs.js';
import type { ColumnNeed, ColumnSpec, Dialect, Verdict } from './dialect.js';
import { columnSpec, doubleQuoted, verdictOfOther } from './dialect.js';

// Text keeps clear of the parsers that pg, or the user, has set for these types.
const text = (column: string): string => `${column}::text`;

function column({ storage, length, keyTexts }: ColumnNeed): ColumnSpec {
  switch (storage) {
    case 'text':
      if (keyTexts !== undefined) return { type: 'text', sql: 'text COLLATE "C"', collation: 'C', indexable: true };
      return length === undefined
        ? columnSpec('text')
        : { type: 'character varying', length, sql: `character varying(${length})`, indexable: true };
    case 'number':
      return columnSpec('double precision');
    case 'integer':
    case 'bigint':
      return columnSpec('bigint');
    case 'boolean':
      return columnSpec('boolean');
    case 'date':
      return {
        type: 'timestamp with time zone',
        precision: 3,
        sql: 'timestamp(3) with time zone',
        indexable: true,
      };
    case 'bytes':
      return columnSpec('bytea');
    case 'json':
      return columnSpec('json', false);
  }
}

/** The classes of SQLSTATE that speak of the value: data exceptions, violated constraints, program limits (index rows). */
const VALUE = /^(22|23|54)/;
// Serialization, deadlock, and prepared statements that a connection does not have any more.
const RETRY = new Set(['40001', '40P01', '26000', '42P05']);
const CHANGED_PLAN = /cached plan/;

function verdict(error: unknown): Verdict {
  const { code, severity, message } = (error ?? {}) as { code?: unknown; severity?: unknown; message?: unknown };
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || severity === undefined) return verdictOfOther(error);
  if (RETRY.has(code) || (code === '0A000' && CHANGED_PLAN.test(String(message)))) return 'retry';
  if (code === '23505') return 'duplicate';
  if (VALUE.test(code)) return 'value';
  // The session ended around the statement: it may have been committed before that.
  if (code.startsWith('57P') || code.startsWith('08')) return 'lost';
  return 'refused';
}

/** PostgreSQL, 12 or later. */
export const postgres: Dialect = {
  name: 'postgres',
  // A row of a btree index can have 2,704 bytes.
  capabilities: { transactions: true, ttl: true, shared: true, nul: false, keyBytes: 2_600 },
  codecs: {
    text: direct(asText),
    number: direct(asNumber),
    integer: { select: text, toSql: String, toPlain: asInteger },
    bigint: { select: text, toSql: String, toPlain: asBigint },
    boolean: direct(asBoolean),
    date: {
      // A double has room for milliseconds up to the year 9999, and is faster than extract(), which computes decimals.
      select: (column) => `(date_part('epoch', ${column}) * 1000)::bigint::text`,
      toSql: (ms) => new Date(ms as number).toISOString(),
      toPlain: asInteger,
    },
    bytes: { select: plainly, toSql: toBuffer, toPlain: asBytes },
    json: { select: text, toSql: (json) => json, toPlain: asJson },
  },
  quote: doubleQuoted,
  placeholder: (position) => `$${position}`,
  column,
  lock: ' FOR UPDATE',
  lockShared: ' FOR KEY SHARE',
  tableOptions: '',
  partialIndexes: true,
  verdict,
};
