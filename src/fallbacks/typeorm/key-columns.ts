import type { StorageType } from '../../core/plain.js';
import type { Dialect } from './dialect.js';
import type { ExistingColumn } from './existing-table.js';

/** How the texts of a key must be written, where the column itself would change others. */
export interface KeyForm {
  /** As it is read, without what the column added. */
  read(text: string): string;
  /** What a text has to be, where it is not; `undefined` where it is. */
  fault(text: string): string | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const uuid: KeyForm = {
  read: (text) => text,
  fault: (text) =>
    UUID.test(text) ? undefined : 'its column holds UUIDs, in lower case and with hyphens. Give one of those',
};

// PostgreSQL fills such columns up with spaces, MariaDB strips them.
const padded: KeyForm = {
  read: (text) => text.replace(/ +$/, ''),
  fault: (text) => (text.endsWith(' ') ? 'its column (char) knows no spaces at the end. Leave them out' : undefined),
};

/** The form of the keys in a column, where they have one. */
export function keyForm({ name }: Dialect, type: string): KeyForm | undefined {
  if (name === 'sqlite') return undefined;
  if (type === 'uuid') return uuid;
  return /^(char|character|bpchar)\b(?! varying)/.test(type) ? padded : undefined;
}

/** Collations of MariaDB and MySQL that tell any two texts apart. */
const EXACT = /_nopad_bin$|_0900_bin$|^binary$/i;

const WHOLE = /^(tinyint|smallint|mediumint|int|integer|bigint)\b/;

/** The types that keep any key, by how the key is stored. Collations are another matter. */
const KEEPING: Readonly<Record<'postgres' | 'mysql', Partial<Record<StorageType, RegExp>>>> = {
  postgres: {
    text: /^(text|character varying|character|bpchar|uuid)\b/,
    number: /^double precision$/,
    integer: WHOLE,
    bigint: WHOLE,
    // Without a time zone two instants can be one, when clocks are put back.
    date: /^timestamp(\([3-6]\))? with time zone$/,
  },
  mysql: {
    text: /^(varchar|char|tinytext|text|mediumtext|longtext|uuid)\b/,
    number: /^double\b/,
    integer: WHOLE,
    bigint: WHOLE,
  },
};

/**
 * Whether a column gives every key back as it was given, and takes no two for the same, those of another form left aside.
 * What is not known to do so does not.
 */
export function keepsKeys({ name }: Dialect, storage: StorageType, { type, collation }: ExistingColumn): boolean {
  if (name === 'sqlite') {
    // By the letters in its name, SQLite tells whether a column turns texts into numbers.
    if (storage === 'text')
      return /char|clob|text|blob|^$/.test(type) && (collation ?? 'BINARY').toUpperCase() === 'BINARY';
    return true;
  }
  const mysql = name !== 'postgres';
  if (!KEEPING[mysql ? 'mysql' : 'postgres'][storage]?.test(type)) return false;
  if (storage !== 'text' || type === 'uuid') return true;
  return mysql ? EXACT.test(collation ?? '') : collation === undefined;
}
