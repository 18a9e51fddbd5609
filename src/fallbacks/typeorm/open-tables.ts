import type { DataSource, EntityMetadata } from 'typeorm';
import { type DriverOptions, StoreFault } from '../../core/fallback-driver.js';
import type { Schema } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import { type ExistingTable, existingTable, type Query } from './existing-table.js';
import { capitalized, type FaultPlace } from './faults.js';
import type { Column, Layout } from './layout.js';
import { mappedLayout, mappedPath, metadataOf } from './mapped-layout.js';
import { nativeLayout, tablePath } from './native-layout.js';
import { prepareTable } from './synchronize.js';
import { tableShape } from './table-shape.js';

/** The table of an entity, found or made. */
export interface OpenTable {
  readonly layout: Layout;
  readonly existing: ExistingTable;
  /** Whether the database takes two keys for the same only where they are. */
  readonly exact: boolean;
  /** What TypeORM knows of it, where it is TypeORM's. */
  readonly metadata: EntityMetadata | undefined;
}

export interface OpenTablesOptions {
  readonly dataSource: DataSource;
  readonly dialect: Dialect;
  readonly place: FaultPlace;
  readonly synchronize: boolean;
  readonly logger: DriverOptions['logger'];
  readonly typeorm: typeof import('typeorm');
}

/** Finds the table of an entity, and makes what is missing where that is wanted. @throws StoreFault, MetadataError */
export async function openTable(schema: Schema, options: OpenTablesOptions): Promise<OpenTable> {
  const { dataSource, dialect, place } = options;
  const query: Query = (sql, parameters) => dataSource.query(sql, parameters);
  if (schema.mappedByTypeorm) return openMapped(schema, query, options);
  const shape = tableShape(schema, dialect);
  const path = tablePath(dataSource, shape.name);
  const existing = await prepareTable(shape, path, { ...options, query, subject: place.subject });
  return { layout: nativeLayout(path, dialect, shape), existing, exact: true, metadata: undefined };
}

async function openMapped(schema: Schema, query: Query, options: OpenTablesOptions): Promise<OpenTable> {
  const { dataSource, dialect, place, logger } = options;
  const metadata = metadataOf(dataSource, schema, place.subject);
  const layout = mappedLayout(dataSource, dialect, schema, metadata);
  const path = mappedPath(metadata, dialect);
  if (options.synchronize) await createMissing(query, options);
  const existing = await existingTable(query, dialect, path);
  const missing = existing && [...layout.keys, ...layout.fields].filter(({ name }) => !existing.columns.has(name));
  if (existing === undefined || missing!.length > 0) {
    const fact = existing ? `lacks ${missing!.map(({ name }) => name).join(', ')}` : 'is missing';
    const message = `${capitalized(place.subject)}: TypeORM's table ${path.table} of ${schema.target.name} ${fact}. Run TypeORM's migrations or its synchronize.`;
    throw new StoreFault(message, 'none');
  }
  const alike = layout.keys.find(
    (column) => column.storage === 'text' && !isExact(dialect, metadata, existing, column),
  );
  if (alike)
    logger.warn(
      `${schema.target.name}: in its key column ${alike.name} the database takes different keys for the same ('a' and 'A', or 'a' and 'a '), which makes writes slower. Give the column ${dialect.column({ storage: 'text', keyTexts: 1 }).sql}.`,
    );
  return { layout, existing, exact: alike === undefined, metadata };
}

/** Collations that tell any two texts apart. */
const EXACT = /_nopad_bin$|_0900_bin$|^binary$/i;

function isExact(
  dialect: Dialect,
  metadata: EntityMetadata,
  { columns }: ExistingTable,
  { property, name }: Column,
): boolean {
  const { type, collation } = metadata.findColumnWithPropertyName(property)!;
  if (dialect.name === 'sqlite') return collation === undefined || EXACT.test(collation);
  if (dialect.name === 'postgres') return type !== 'char' && type !== 'character';
  const there = columns.get(name);
  return there === undefined || EXACT.test(there);
}

/** Creates those tables of TypeORM's own that are missing, as its `synchronize` would, and touches no other. */
async function createMissing(query: Query, { dataSource, dialect, typeorm }: OpenTablesOptions): Promise<void> {
  const { driver } = dataSource;
  const runner = dataSource.createQueryRunner('master');
  try {
    const made: EntityMetadata[] = [];
    for (const metadata of dataSource.entityMetadatas) {
      const there =
        metadata.tableType === 'view' || (await existingTable(query, dialect, mappedPath(metadata, dialect)));
      if (there) continue;
      await runner.createTable(typeorm.Table.create(metadata, driver), true, false, true);
      made.push(metadata);
    }
    // When all tables are there that they point to.
    for (const metadata of made) {
      const keys = metadata.foreignKeys.map((key) => typeorm.TableForeignKey.create(key, driver));
      if (keys.length > 0) await runner.createForeignKeys(metadata.tablePath, keys);
    }
  } finally {
    await runner.release();
  }
}
