import type { DataSource, EntityMetadata } from 'typeorm';
import { MetadataError, ValidationError } from '../../core/errors.js';
import type { Plain, StorageType } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import { asBigint, asBoolean, asBytes, asInteger, asNumber, corrupt, plainly, toBuffer } from './column-codecs.js';
import type { ColumnCodec, Dialect } from './dialect.js';
import type { ExistingTable } from './existing-table.js';
import { type KeyForm, keyForm } from './key-columns.js';
import { type Column, type ColumnPart, Layout } from './layout.js';
import { quotePath, type TablePath } from './native-layout.js';

/** What TypeORM knows of one column. */
export type ColumnMetadata = EntityMetadata['columns'][number];

/** What TypeORM knows of a class, once the DataSource is open. @throws MetadataError where it does not know it */
export function metadataOf(dataSource: DataSource, schema: Schema, fallback: string): EntityMetadata {
  if (dataSource.hasMetadata(schema.target)) return dataSource.getMetadata(schema.target);
  throw new MetadataError([
    {
      subject: schema.target.name,
      fact: `is mapped by TypeORM, but is not among the entities of the DataSource of ${fallback}.`,
      remedy: `Add it to the DataSource's 'entities'.`,
    },
  ]);
}

/** The column of a property. @throws MetadataError */
export function mappedColumn(metadata: EntityMetadata, schema: Schema, property: string): ColumnMetadata {
  const column = metadata.findColumnWithPropertyName(property);
  if (column) return column;
  throw new MetadataError([
    {
      subject: `${schema.target.name}.${property}`,
      fact: `has no column in TypeORM's table ${metadata.tableName}.`,
      remedy: 'Give it one with @Column(), or leave it out.',
    },
  ]);
}

/** Where TypeORM has the table. */
export function mappedPath({ tableName, schema, database }: EntityMetadata, dialect: Dialect): TablePath {
  const mysql = dialect.name === 'mysql' || dialect.name === 'mariadb';
  return { table: tableName, schema: dialect.name === 'postgres' ? schema : mysql ? database : undefined };
}

/** A plain value as an entity of TypeORM's has it. */
export function plainToValue(storage: StorageType, plain: Exclude<Plain, null>): unknown {
  switch (storage) {
    case 'date':
      return new Date(plain as number);
    case 'json':
      return JSON.parse(plain as string);
    case 'bigint':
      return String(plain);
    case 'bytes':
      return toBuffer(plain);
    default:
      return plain;
  }
}

/** The inverse of {@link plainToValue}, tolerant of the forms that drivers give numbers in. @throws CorruptPlain */
export function valueToPlain(storage: StorageType, value: unknown): Exclude<Plain, null> {
  switch (storage) {
    case 'text':
      return typeof value === 'string' ? value : typeof value === 'object' ? corrupt('text', value) : String(value);
    case 'number':
      return asNumber(value);
    case 'integer':
      return asInteger(value);
    case 'bigint':
      return asBigint(value);
    case 'boolean':
      return asBoolean(value);
    case 'date': {
      const at = value instanceof Date ? value.getTime() : Number.NaN;
      return Number.isNaN(at) ? corrupt('date', value) : at;
    }
    case 'bytes':
      return asBytes(value);
    case 'json':
      return JSON.stringify(value) ?? corrupt('json', value);
  }
}

function codecOf(dataSource: DataSource, dialect: Dialect, column: ColumnMetadata, storage: StorageType): ColumnCodec {
  // The field's codec has the transformer in it.
  const bare = Object.create(column, { transformer: { value: undefined } }) as ColumnMetadata;
  const { driver } = dataSource;
  const { type } = column;
  const mysqlDouble = dialect.name !== 'postgres' && dialect.name !== 'sqlite' && /^(double|real)/.test(String(type));
  const sqliteBigint = dialect.name === 'sqlite' && storage === 'bigint';
  return {
    // mysql2 rounds doubles, and SQLite's integers do not all fit into numbers.
    select: mysqlDouble ? dialect.codecs.number.select : sqliteBigint ? dialect.codecs.bigint.select : plainly,
    toSql: (plain) => {
      const value: unknown = driver.preparePersistentValue(plainToValue(storage, plain), bare);
      return dialect.name === 'sqlite' && typeof value === 'boolean' ? Number(value) : value;
    },
    toPlain: (raw) => valueToPlain(storage, driver.prepareHydratedValue(raw, bare)),
  };
}

/** The codec of a key's texts, which must be of a form. */
const formed = (codec: ColumnCodec, form: KeyForm, subject: string): ColumnCodec => ({
  ...codec,
  toSql(plain) {
    const fault = form.fault(plain as string);
    if (fault === undefined) return codec.toSql(plain);
    throw new ValidationError(`${subject} is ${JSON.stringify(String(plain).slice(0, 50))}, but ${fault}.`);
  },
  toPlain: (raw) => form.read(codec.toPlain(raw) as string),
});

/** How entries lie in a table that TypeORM maps for a class. @throws MetadataError */
export function mappedLayout(
  dataSource: DataSource,
  dialect: Dialect,
  schema: Schema,
  metadata: EntityMetadata,
  existing: ExistingTable,
): Layout {
  const column = (property: string, { storage, nullable = false, required, length }: ColumnPart): Column => {
    const mapped = mappedColumn(metadata, schema, property);
    return {
      property,
      name: mapped.databaseName,
      quoted: dialect.quote(mapped.databaseName),
      storage,
      nullable,
      required,
      length,
      codec: codecOf(dataSource, dialect, mapped, storage),
    };
  };
  return new Layout({
    schema,
    table: quotePath(mappedPath(metadata, dialect), dialect),
    keys: schema.keys.map((part) => {
      const { name, storage } = part;
      const key = column(name, part);
      const form = storage === 'text' ? keyForm(dialect, existing.columns.get(key.name)?.type ?? '') : undefined;
      return form ? { ...key, form, codec: formed(key.codec, form, `${schema.target.name}.${name}`) } : key;
    }),
    fields: schema.fields.map((part) => column(part.name, part)),
    expiresAt: undefined,
    absent: undefined,
  });
}
