import { createHash } from 'node:crypto';
import type { MetadataFault } from '../../core/errors.js';
import type { Schema } from '../../core/schema.js';
import type { ColumnSpec, Dialect } from './dialect.js';
import { ABSENT, EXPIRES_AT } from './layout.js';
import { headSchema, isCollection, type MemberPart, memberParts } from './member-parts.js';

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
  readonly columns: readonly ShapeColumn[];
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

/** A name for something of a table, of its parts; one that is too long becomes a hash that ends in `end`. */
function nameOf(parts: readonly string[], end: string): string {
  const name = `${parts.join('_')}${end}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `${createHash('sha256').update(name).digest('hex').slice(0, 40)}${end}`;
}

const indexName = (table: string, ...columns: readonly string[]): string => nameOf([table, ...columns], '_idx');

const isText = ({ storage }: { readonly storage: string }): boolean => storage === 'text';

function keyColumns(schema: Schema, dialect: Dialect, keyTexts: number): ShapeColumn[] {
  return schema.keys.map(({ name: property, column: name, storage }) => ({
    property,
    name,
    spec: dialect.column({ storage, keyTexts }),
    primary: true,
    required: true,
  }));
}

/** The tables of an entity in a database of this dialect: its own; of a collection also that of the members. */
export function tableShapes(schema: Schema, dialect: Dialect): readonly TableShape[] {
  if (!isCollection(schema)) return [tableShape(schema, dialect)];
  return [tableShape(headSchema(schema), dialect), membersShape(schema, dialect)];
}

/** The table of an entity of rows in a database of this dialect. */
export function tableShape(schema: Schema, dialect: Dialect): TableShape {
  const keys = keyColumns(schema, dialect, schema.keys.filter(isText).length);
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
        .map((column) => ({ name: indexName(schema.name, column.name), columns: [column] })),
      {
        name: indexName(schema.name, EXPIRES_AT),
        columns: [expiresAt],
        ...(dialect.partialIndexes ? { where } : {}),
      },
    ],
    unindexed: wanted.filter(({ spec }) => !spec.indexable),
  };
}

/** Entities that would have one table: that of a collection's members may have the name of another entity. */
export function sharedTables(schemas: readonly Schema[], dialect: Dialect): MetadataFault[] {
  const owners = new Map<string, Schema>();
  const faults: MetadataFault[] = [];
  for (const schema of new Set(schemas)) {
    if (schema.mappedByTypeorm) continue;
    for (const { name } of tableShapes(schema, dialect)) {
      const owner = owners.get(name) ?? schema;
      owners.set(name, owner);
      if (owner === schema || owner.name === schema.name) continue;
      const fact = `has the table ${name}, as ${owner.target.name} has.`;
      faults.push({ subject: schema.target.name, fact, remedy: 'Give one of them another name.' });
    }
  }
  return faults;
}

/** The table with one row for each member of a collection. */
function membersShape(schema: Schema, dialect: Dialect): TableShape {
  const parts = memberParts(schema, dialect);
  const keyTexts = schema.keys.filter(isText).length + parts.filter((part) => part.primary && isText(part)).length;
  const keys = keyColumns(schema, dialect, keyTexts);
  const own = parts.map(
    ({ name, storage, length, primary, required }): ShapeColumn => ({
      property: name,
      name,
      spec: dialect.column({ storage, length, ...(primary ? { keyTexts } : {}) }),
      primary,
      required,
    }),
  );
  const name = nameOf([schema.name, schema.fields[0]!.column], '');
  const at = (role: MemberPart['role']) => own[parts.findIndex((part) => part.role === role)];
  const ordered = schema.kind.structure === 'list' ? undefined : at('score');
  // Of a geo set the members of one cell are few.
  const order = ordered && [ordered, ...(schema.kind.structure === 'sorted-set' ? [at('text')!] : [])];
  return {
    schema,
    name,
    absent: false,
    columns: [...keys, ...own],
    indexes: order
      ? [{ name: indexName(name, ...order.map((column) => column.name)), columns: [...keys, ...order] }]
      : [],
    unindexed: [],
  };
}
