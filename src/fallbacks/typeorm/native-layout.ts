import type { DataSource } from 'typeorm';
import type { Dialect } from './dialect.js';
import { ABSENT, type Column, type ColumnPart, EXPIRES_AT, Layout } from './layout.js';
import type { TableShape } from './table-shape.js';

/** A table's name in a DataSource: with its prefix, and the database schema it lies in where it is not the usual one. */
export interface TablePath {
  readonly schema: string | undefined;
  readonly table: string;
}

/** Where the DataSource has tables of its entities. */
export function tablePath({ options, namingStrategy }: DataSource, name: string): TablePath {
  const { entityPrefix } = options;
  return {
    schema: options.type === 'postgres' ? options.schema : undefined,
    table: entityPrefix ? namingStrategy.prefixTableName(entityPrefix, name) : name,
  };
}

export const quotePath = ({ schema, table }: TablePath, { quote }: Dialect): string =>
  schema === undefined ? quote(table) : `${quote(schema)}.${quote(table)}`;

/** How entries lie in a table that Holdfast maps. */
export function nativeLayout(path: TablePath, dialect: Dialect, shape: TableShape): Layout {
  const { schema, columns } = shape;
  const column = (at: number, { storage, nullable = false, required, length }: ColumnPart): Column => {
    const { property, name, spec } = columns[at]!;
    // A cast has no collation.
    const sqlType = spec.sql.replace(/ COLLATE .*/, '');
    return {
      property,
      name,
      quoted: dialect.quote(name),
      storage,
      nullable,
      required,
      length,
      codec: dialect.codecs[storage],
      ...(dialect.name === 'postgres' ? { sqlType, arrayType: `${sqlType}[]` } : {}),
    };
  };
  return new Layout({
    schema,
    table: quotePath(path, dialect),
    keys: schema.keys.map((part, at) => column(at, part)),
    fields: schema.fields.map((part, at) => column(schema.keys.length + at, part)),
    expiresAt: dialect.quote(EXPIRES_AT),
    absent: shape.absent ? dialect.quote(ABSENT) : undefined,
  });
}
