import { ValidationError } from '../../core/errors.js';
import { keyOf } from '../../core/key-text.js';
import type { Entry } from '../../core/kind.js';
import { CorruptPlain, type Plain, type StorageType } from '../../core/plain.js';
import type { FieldPart, Key, Row, Schema } from '../../core/schema.js';
import type { ColumnCodec } from './dialect.js';
import type { KeyForm } from './key-columns.js';

/** One column of a table, ready for SQL. */
export interface Column {
  /** The property's name. */
  readonly property: string;
  /** As the database calls it. */
  readonly name: string;
  readonly quoted: string;
  readonly storage: StorageType;
  readonly nullable: boolean;
  /** Whether every row has it. */
  readonly required?: boolean | undefined;
  readonly length?: number | undefined;
  readonly codec: ColumnCodec;
  /** Of a key in a table that others mapped: how its texts must be written. The codec sees to it. */
  readonly form?: KeyForm | undefined;
  /** Its type, for casts; `undefined` in tables that others mapped. */
  readonly sqlType?: string | undefined;
  /** Its type as an array, where the database has arrays. */
  readonly arrayType?: string | undefined;
}

/** What of a key or a field its column depends on. */
export type ColumnPart = Pick<FieldPart, 'storage'> & Partial<Pick<FieldPart, 'nullable' | 'required' | 'length'>>;

/** Names of the columns that stand beside an entity's own. */
export const EXPIRES_AT = '_expires_at';
/** Lists the columns of nullable fields that are absent, as opposed to null. */
export const ABSENT = '_absent';

/** What is read of a row, in the order of `list`; and how it becomes an entry. */
export interface Selection {
  /** What stands after SELECT; the aliases keep clear of names that mean something to JavaScript. */
  readonly list: string;
  /** How many columns that is. */
  readonly width: number;
  /** @throws CorruptPlain */
  entry(values: readonly unknown[]): Entry;
}

export interface LayoutOptions {
  readonly schema: Schema;
  /** The table's name, quoted, with its database schema where it has one. */
  readonly table: string;
  readonly keys: readonly Column[];
  readonly fields: readonly Column[];
  /** The hidden columns as they are quoted; none in tables that others mapped. */
  readonly expiresAt: string | undefined;
  readonly absent: string | undefined;
}

/** How the entries of one entity lie in their table. */
export class Layout {
  readonly schema: Schema;
  readonly table: string;
  readonly keys: readonly Column[];
  readonly fields: readonly Column[];
  readonly expiresAt: string | undefined;
  readonly absent: string | undefined;
  /** The key columns, and all others in the order of {@link Layout.values}; quoted. */
  readonly keyColumns: readonly string[];
  readonly valueColumns: readonly string[];
  /** The types of all columns as arrays, keys first; `undefined` where there are none. */
  readonly arrayTypes: readonly string[] | undefined;
  /** What is read of the key columns. */
  readonly keyList: string;
  readonly #selections = new Map<string, Selection>();
  #whole: Selection | undefined;

  constructor(options: LayoutOptions) {
    this.schema = options.schema;
    this.table = options.table;
    this.keys = options.keys;
    this.fields = options.fields;
    this.expiresAt = options.expiresAt;
    this.absent = options.absent;
    this.keyColumns = this.keys.map((column) => column.quoted);
    this.valueColumns = [
      ...this.fields.map((column) => column.quoted),
      ...(this.expiresAt === undefined ? [] : [this.expiresAt]),
      ...(this.absent === undefined ? [] : [this.absent]),
    ];
    const arrays = [
      ...[...this.keys, ...this.fields].map((column) => column.arrayType),
      ...(this.expiresAt === undefined ? [] : ['bigint[]']),
      ...(this.absent === undefined ? [] : ['text[]']),
    ];
    this.arrayTypes = arrays.every((type) => type !== undefined) ? arrays : undefined;
    this.keyList = this.keys.map(({ codec, quoted }, at) => `${codec.select(quoted)} AS k${at}`).join(', ');
  }

  /** What to read for a query of a hash: the indexes of the fields it wants, or `undefined` for all. */
  select(query: readonly number[] | undefined): Selection {
    if (query === undefined) {
      this.#whole ??= this.#makeSelection(this.fields.map((_, index) => index));
      return this.#whole;
    }
    const id = query.join();
    const there = this.#selections.get(id);
    if (there) return there;
    const made = this.#makeSelection(query);
    if (this.#selections.size >= 256) this.#selections.clear();
    this.#selections.set(id, made);
    return made;
  }

  #makeSelection(indexes: readonly number[]): Selection {
    const columns = indexes.map((index) => this.fields[index]!);
    const expires = this.expiresAt !== undefined;
    const absent = this.absent !== undefined && columns.some((column) => column.nullable);
    const count = this.fields.length;
    const list = [
      ...columns.map(({ codec, quoted }, at) => `${codec.select(quoted)} AS c${at}`),
      ...(expires ? [`${this.expiresAt} AS x`] : []),
      ...(absent ? [`${this.absent} AS a`] : []),
    ];
    // A key alone says that the row is there.
    if (list.length === 0) list.push('1 AS c0');
    const read = (at: number, raw: unknown, missing: readonly string[] | undefined): Plain | undefined => {
      const column = columns[at]!;
      if (raw === null && column.required) throw new CorruptPlain(`column ${column.name}: it is NULL`);
      if (raw === null) return column.nullable && !missing?.includes(column.name) ? null : undefined;
      try {
        return column.codec.toPlain(raw);
      } catch (error) {
        throw error instanceof CorruptPlain ? new CorruptPlain(`column ${column.name}: ${error.message}`) : error;
      }
    };
    return {
      list: list.join(', '),
      width: list.length,
      entry: (values) => {
        const row = new Array<Plain | undefined>(count).fill(undefined);
        const text = absent ? values[columns.length + (expires ? 1 : 0)] : null;
        const missing = text === null ? undefined : splitNames(text as string);
        for (let at = 0; at < columns.length; at++) row[indexes[at]!] = read(at, values[at], missing);
        const end = expires ? values[columns.length] : null;
        return end === null ? { value: row } : { value: row, expiresAt: Number(end) };
      },
    };
  }

  /** All columns but those of the key, as parameters. @throws ValidationError where one is too long for its column, or the entry would have to expire and cannot */
  values({ value, expiresAt }: Entry): unknown[] {
    const row = value as Row;
    const out: unknown[] = [];
    const missing: string[] = [];
    for (let index = 0; index < this.fields.length; index++) {
      const column = this.fields[index]!;
      const plain = row[index];
      if (plain === undefined && column.nullable) missing.push(column.name);
      out.push(plain === undefined ? null : this.sqlValue(column, plain));
    }
    if (this.expiresAt !== undefined) out.push(expiresAt ?? null);
    else if (expiresAt !== undefined) refuseExpiry(this.schema);
    if (this.absent !== undefined) out.push(missing.length > 0 ? joinNames(missing) : null);
    return out;
  }

  /** One field's value as a parameter. @throws ValidationError */
  sqlValue(column: Column, plain: Plain): unknown {
    if (plain === null) return null;
    if (column.length !== undefined) this.#checkLength(column, plain);
    return column.codec.toSql(plain);
  }

  keyValues(key: Key): unknown[] {
    return key.parts.map((part, at) => this.keys[at]!.codec.toSql(part));
  }

  /** The key of a row, from the values of {@link Layout.keyList}. @throws CorruptPlain */
  key(values: readonly unknown[]): Key {
    return keyOf(this.keys.map(({ codec }, at) => codec.toPlain(values[at])));
  }

  #checkLength({ property, name, length }: Column, plain: Exclude<Plain, null>): void {
    if (typeof plain !== 'string' && !(plain instanceof Uint8Array)) return;
    if (plain.length <= length!) return;
    // A character is a code point here, as it is for databases.
    const size = typeof plain === 'string' ? [...plain].length : plain.length;
    if (size <= length!) return;
    const unit = typeof plain === 'string' ? 'characters' : 'bytes';
    throw new ValidationError(
      `${this.schema.target.name}.${property} has ${size} ${unit}, but column ${name} takes ${length}; nothing was written. Shorten it, or raise its length.`,
    );
  }
}

/** @throws ValidationError always */
export function refuseExpiry({ target }: Schema): never {
  throw new ValidationError(
    `${target.name} cannot be saved with fallbackTtl: its table is mapped by TypeORM and has no column for it; nothing was written. Leave fallbackTtl out.`,
  );
}

const joinNames = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',');

const splitNames = (text: string): string[] =>
  text.split(',').map((name) => name.replaceAll('%2C', ',').replaceAll('%25', '%'));
