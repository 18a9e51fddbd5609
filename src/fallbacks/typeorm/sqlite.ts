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
import type { ColumnNeed, ColumnSpec, Dialect, Verdict } from './dialect.js';
import { columnSpec, doubleQuoted } from './dialect.js';

function column({ storage, length }: ColumnNeed): ColumnSpec {
  switch (storage) {
    case 'text':
      return length === undefined
        ? columnSpec('text')
        : { ...columnSpec('varchar'), length, sql: `varchar(${length})` };
    case 'number':
      return columnSpec('double precision');
    case 'integer':
    case 'bigint':
      return columnSpec('bigint');
    case 'boolean':
      return columnSpec('boolean');
    case 'date':
      return columnSpec('datetime');
    case 'bytes':
      return columnSpec('blob');
    case 'json':
      // A column declared as json would turn texts such as '1.0' into numbers.
      return columnSpec('text', false);
  }
}

function verdict(error: unknown): Verdict {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('SQLITE_'))
    return /^E[A-Z]+$/.test(String(code)) ? 'refused' : 'bug';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'retry';
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE') return 'duplicate';
  if (code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH') return 'value';
  return code.startsWith('SQLITE_IOERR') ? 'lost' : 'refused';
}

/** SQLite, through better-sqlite3. */
export const sqlite: Dialect = {
  name: 'sqlite',
  capabilities: { transactions: true, ttl: true, shared: true, nul: true, synchronous: true },
  codecs: {
    text: direct(asText),
    number: direct(asNumber),
    integer: direct(asInteger),
    bigint: { select: (column) => `CAST(${column} AS TEXT)`, toSql: (n) => n, toPlain: asBigint },
    boolean: { select: plainly, toSql: (b) => (b ? 1 : 0), toPlain: asBoolean },
    date: { select: plainly, toSql: utcText, toPlain: asDate },
    bytes: { select: plainly, toSql: toBuffer, toPlain: asBytes },
    json: { select: plainly, toSql: (json) => json, toPlain: asJson },
  },
  quote: doubleQuoted,
  placeholder: () => '?',
  column,
  lock: '',
  lockShared: '',
  tableOptions: '',
  partialIndexes: true,
  verdict,
};
