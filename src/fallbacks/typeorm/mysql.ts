import {
  asBigint,
  asBoolean,
  asBytes,
  asDate,
  asInteger,
  asJson,
  asNumber,
  asText,
  direct,
  plainly,
  toBuffer,
  utcText,
} from './column-codecs.js';
import type { ColumnNeed, ColumnSpec, Dialect, DialectName, Verdict } from './dialect.js';
import { backQuoted, columnSpec, verdictOfOther } from './dialect.js';

// Text keeps clear of what mysql2 makes of these types: it rounds doubles, and parses JSON, and dates in a time zone.
const text = (column: string): string => `CAST(${column} AS CHAR)`;
// The database takes the text of a double for 22 characters long, and cuts it there in a derived table; it has up to 36.
const numberText = (column: string): string => `CAST(${column} AS CHAR(64))`;

const KEY_LENGTH = 255;
const INDEX_BYTES = 3_072;
const CHARACTER_BYTES = 4;

/** Characters of one text part, so that all fit in an index with eight bytes for each part of another type. */
const keyLength = (texts: number): number =>
  Math.min(KEY_LENGTH, Math.floor((INDEX_BYTES - 64) / CHARACTER_BYTES / Math.max(texts, 1)));

function column(collation: string, json: ColumnSpec, need: ColumnNeed): ColumnSpec {
  const { storage, length, keyTexts } = need;
  const charset = 'utf8mb4';
  const suffix = ` CHARACTER SET ${charset} COLLATE ${collation}`;
  const varchar = (length: number): ColumnSpec => ({
    type: 'varchar',
    length,
    charset,
    collation,
    sql: `varchar(${length})${suffix}`,
    indexable: length * CHARACTER_BYTES <= INDEX_BYTES,
  });
  switch (storage) {
    case 'text':
      if (keyTexts !== undefined) return varchar(keyLength(keyTexts));
      // Longer ones would not leave much of the 65,535 bytes that a row can have.
      if (length !== undefined && length <= 1_000) return varchar(length);
      return { type: 'longtext', charset, collation, sql: `longtext${suffix}`, indexable: false };
    case 'number':
      return columnSpec('double');
    case 'integer':
    case 'bigint':
      return columnSpec('bigint');
    case 'boolean':
      return columnSpec('tinyint');
    case 'date':
      return { type: 'datetime', precision: 3, sql: 'datetime(3)', indexable: true };
    case 'bytes':
      return columnSpec('longblob', false);
    case 'json':
      return json;
  }
}

const RETRY = new Set([
  1213, // deadlock
  1020, // record has changed since last read
]);
const VALUE = new Set([
  1048, // cannot be null
  1118, // row too large
  1153, // packet too large
  1264, // out of range
  1265, // truncated
  1292, // incorrect value
  1366, // incorrect string
  1406, // too long
  1690, // out of range in an expression
  3140, // invalid JSON
  3819, // check constraint
  4025, // check constraint of MariaDB
]);
const ENDED = new Set([
  1053, // server shutdown in progress
  1927, // connection was killed
  4031, // disconnected for being idle
]);

function verdict(error: unknown): Verdict {
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  if (typeof errno !== 'number' || typeof sqlState !== 'string') return verdictOfOther(error);
  if (RETRY.has(errno)) return 'retry';
  if (errno === 1062) return 'duplicate';
  if (VALUE.has(errno)) return 'value';
  return ENDED.has(errno) ? 'lost' : 'refused';
}

function dialect(name: DialectName, collation: string, json: ColumnSpec): Dialect {
  return {
    name,
    capabilities: { transactions: true, ttl: true, shared: true, nul: true, keyPartLength: KEY_LENGTH },
    codecs: {
      text: direct(asText),
      number: { select: numberText, toSql: (n) => n, toPlain: asNumber },
      integer: { select: text, toSql: (n) => n, toPlain: asInteger },
      bigint: { select: text, toSql: (n) => n, toPlain: asBigint },
      boolean: direct(asBoolean),
      date: { select: text, toSql: utcText, toPlain: asDate },
      bytes: { select: plainly, toSql: toBuffer, toPlain: asBytes },
      json: { select: text, toSql: (json) => json, toPlain: asJson },
    },
    quote: backQuoted,
    placeholder: () => '?',
    column: (need) => column(collation, json, need),
    lock: ' FOR UPDATE',
    lockShared: name === 'mysql' ? ' FOR SHARE' : ' LOCK IN SHARE MODE',
    tableOptions: ` ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`,
    partialIndexes: false,
    verdict,
  };
}

/** MariaDB, 10.5 or later. */
export const mariadb: Dialect = dialect('mariadb', 'utf8mb4_nopad_bin', {
  type: 'json',
  sql: 'json',
  indexable: false,
});

/** MySQL, 8.0.17 or later. */
export const mysql: Dialect = dialect('mysql', 'utf8mb4_0900_bin', {
  // Its own type json would change the order of properties.
  type: 'longtext',
  charset: 'utf8mb4',
  collation: 'utf8mb4_0900_bin',
  sql: 'longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin',
  indexable: false,
});
