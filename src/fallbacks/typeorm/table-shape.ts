import { createHash } from 'node:crypto';
import type { Schema } from '../../core/schema.js';
import type { ColumnSpec, Dialect } from './dialect.js';
import { ABSENT, EXPIRES_AT } from './layout.js';

/** One column of a table that Holdfast maps. */
export interface ShapeColumn {
  readonly property: string;
  readonly name: string;
  readonly spec: ColumnSpec;
  readonly primary: boolean;
  /** Whether it is never NULL. */
  readonly required: boolean;
}

/** One index of it. */
export interface ShapeIndex {
  readonly name: string;
  readonly column: ShapeColumn;
  /** A condition that leaves rows out. */
  readonly where?: string;
}

/** A table that Holdfast maps: what `synchronize` makes, and what `entitySchemas` tells TypeORM. */
export interface TableShape {
  readonly schema: Schema;
  readonly name: string;
  readonly columns: readonly ShapeColumn[];
  /** Whether it has the column that lists what is absent. */
  readonly absent: boolean;
  readonly indexes: readonly ShapeIndex[];
  /** Columns that were to be indexed, but that the database cannot index. */
  readonly unindexed: readonly ShapeColumn[];
}

// The least of what the databases allow, in bytes.
const LONGEST_NAME = 60;

function indexName(table: string, column: string): string {
  const name = `${table}_${column}_idx`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `${createHash('sha256').update(name).digest('hex').slice(0, 40)}_idx`;
}

/** The table of an entity in a database of this dialect. */
export function tableShape(schema: Schema, dialect: Dialect): TableShape {
  const keyTexts = schema.keys.filter((part) => part.storage === 'text').length;
  const keys = schema.keys.map(
    ({ name: property, column: name, storage }): ShapeColumn => ({
      property,
      name,
      spec: dialect.column({ storage, keyTexts }),
      primary: true,
      required: true,
    }),
  );
  const fields = schema.fields.map(
    ({ name: property, column: name, storage, length, required = false }): ShapeColumn => ({
      property,
      name,
      spec: dialect.column({ storage, length }),
      primary: false,
      required,
    }),
  );
  const hidden = (name: string, storage: 'bigint' | 'text'): ShapeColumn => ({
    property: name,
    name,
    spec: dialect.column({ storage }),
    primary: false,
    required: false,
  });
  const expiresAt = hidden(EXPIRES_AT, 'bigint');
  const wanted = fields.filter((_, index) => schema.fields[index]!.index);
  const where = `${dialect.quote(EXPIRES_AT)} IS NOT NULL`;
  const absent = schema.fields.some((field) => field.nullable);
  return {
    schema,
    absent,
    name: schema.name,
    columns: [...keys, ...fields, expiresAt, ...(absent ? [hidden(ABSENT, 'text')] : [])],
    indexes: [
      ...wanted
        .filter(({ spec }) => spec.indexable)
        .map((column) => ({ name: indexName(schema.name, column.name), column })),
      {
        name: indexName(schema.name, EXPIRES_AT),
        column: expiresAt,
        ...(dialect.partialIndexes ? { where } : {}),
      },
    ],
    unindexed: wanted.filter(({ spec }) => !spec.indexable),
  };
}
