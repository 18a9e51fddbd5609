import type { EntitySchema, EntitySchemaColumnOptions } from 'typeorm';
import type { Schema } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import { mariadb, mysql } from './mysql.js';
import { postgres } from './postgres.js';
import { sqlite } from './sqlite.js';
import { type ShapeColumn, type TableShape, tableShapes } from './table-shape.js';

const dialects = { postgres, mysql, mariadb, 'better-sqlite3': sqlite } satisfies Record<string, Dialect>;

/** TypeORM's names of the databases that there are tables for. */
export type EntitySchemaDatabase = keyof typeof dialects;

function columnOptions({ name, spec, primary, required }: ShapeColumn): EntitySchemaColumnOptions {
  const { type, length, precision, charset, collation } = spec;
  return {
    name,
    type,
    primary,
    nullable: !required,
    ...(length === undefined ? {} : { length }),
    ...(precision === undefined ? {} : { precision }),
    ...(charset === undefined ? {} : { charset }),
    ...(collation === undefined ? {} : { collation }),
  };
}

/** TypeORM knows an EntitySchema by this mark. The class itself would load TypeORM for those who only declare entities. */
const MARK = { '@instanceof': Symbol.for('EntitySchema') } as const;

function entitySchema({ name, columns, indexes }: TableShape): EntitySchema {
  const options = {
    name,
    tableName: name,
    columns: Object.fromEntries(columns.map((column) => [column.property, columnOptions(column)])),
    indices: indexes.map((index) => ({
      name: index.name,
      columns: index.columns.map((column) => column.property),
      ...(index.where === undefined ? {} : { where: index.where }),
    })),
  };
  return { ...MARK, options } as unknown as EntitySchema;
}

/**
 * The tables of entities for `entities` of a TypeORM DataSource of the given type, so that TypeORM's own migrations manage
 * them. Entities that TypeORM maps itself are left out: their classes go into `entities` as they are.
 *
 * @example
 * new DataSource({ type: 'postgres', url, entities: entitySchemas(schemas, 'postgres'), migrations: ['migrations/*.js'] })
 */
export function entitySchemas(schemas: readonly Schema[], database: EntitySchemaDatabase): EntitySchema[] {
  return schemas
    .filter((schema) => !schema.mappedByTypeorm)
    .flatMap((schema) => tableShapes(schema, dialects[database]).map(entitySchema));
}
