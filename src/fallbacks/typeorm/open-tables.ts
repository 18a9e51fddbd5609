import type { DataSource, EntityMetadata } from 'typeorm';
import type { RdbmsSchemaBuilder } from 'typeorm/schema-builder/RdbmsSchemaBuilder.js';
import type { DriverOptions } from '../../core/fallback-driver.js';
import type { Schema } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import { type ExistingColumn, type ExistingTable, existingTable, type Query } from './existing-table.js';
import type { FaultPlace } from './faults.js';
import { keepsKeys } from './key-columns.js';
import type { Column, Layout } from './layout.js';
import { mappedLayout, mappedPath, metadataOf } from './mapped-layout.js';
import { MembersLayout } from './members-layout.js';
import { nativeLayout, quotePath, tablePath } from './native-layout.js';
import { prepareTable } from './synchronize.js';
import { tableFault } from './table-fault.js';
import { type TableShape, tableShapes } from './table-shape.js';

/** The table of an entity, found or made. */
export interface OpenTable {
  readonly layout: Layout;
  readonly existing: ExistingTable;
  /** Whether the database takes two keys for the same only where they are. */
  readonly exact: boolean;
  /** What TypeORM knows of it, where it is TypeORM's. */
  readonly metadata: EntityMetadata | undefined;
  /** Of collections, where their members lie. */
  readonly members?: MembersLayout | undefined;
}

export interface OpenTablesOptions {
  readonly dataSource: DataSource;
  readonly dialect: Dialect;
  readonly place: FaultPlace;
  readonly synchronize: boolean;
  readonly logger: DriverOptions['logger'];
  readonly typeorm: typeof import('typeorm');
}

/** Finds the table of an entity, and makes what is missing where that is wanted. @throws MetadataError, StoreFault */
export async function openTable(schema: Schema, options: OpenTablesOptions): Promise<OpenTable> {
  const { dataSource, dialect, place } = options;
  const query: Query = (sql, parameters) => dataSource.query(sql, parameters);
  if (schema.mappedByTypeorm) return openMapped(schema, query, options);
  const [shape, ...more] = tableShapes(schema, dialect);
  const prepare = (one: TableShape) =>
    prepareTable(one, tablePath(dataSource, one.name), { ...options, query, subject: place.subject });
  const existing = await prepare(shape!);
  for (const one of more) await prepare(one);
  const layout = nativeLayout(tablePath(dataSource, shape!.name), dialect, shape!);
  const path = more[0] && quotePath(tablePath(dataSource, more[0].name), dialect);
  const members = path === undefined ? undefined : new MembersLayout(schema, layout, path, dialect);
  return { layout, existing, exact: true, metadata: undefined, members };
}

async function openMapped(schema: Schema, query: Query, options: OpenTablesOptions): Promise<OpenTable> {
  const { dataSource, dialect, place, logger } = options;
  const metadata = metadataOf(dataSource, schema, place.subject);
  const path = mappedPath(metadata, dialect);
  if (options.synchronize) await createMissing(query, options);
  const existing = await existingTable(query, dialect, path);
  const fault = (fact: string) =>
    tableFault(
      schema,
      `has TypeORM's table ${path.table} in ${place.subject}, which ${fact}.`,
      "Run TypeORM's migrations or its synchronize.",
    );
  if (existing === undefined) throw fault('is missing');
  const layout = mappedLayout(dataSource, dialect, schema, metadata, existing);
  const missing = [...layout.keys, ...layout.fields].filter(({ name }) => !existing.columns.has(name));
  if (missing.length > 0) throw fault(`lacks ${missing.map(({ name }) => name).join(', ')}`);
  const inexact = layout.keys.find(
    (column) => !keepsKeys(dialect, column.storage, columnOf(dialect, existing, metadata, column)),
  );
  if (inexact) {
    const { name, storage } = inexact;
    const { sql: type, collation, charset } = dialect.column({ storage, keyTexts: 1 });
    const fact =
      storage === 'text'
        ? "takes different keys for the same ('a' and 'A', or 'a' and 'a ')"
        : 'does not keep every key as it is given';
    const keeps = keepsKeys(dialect, storage, { type, collation: charset && collation });
    logger.warn(
      `${schema.target.name}: in its key column ${name} the database ${fact}, which makes writes slower. ${keeps ? `Give the column ${type}` : 'Make it a text or a number'}.`,
    );
  }
  return { layout, existing, exact: inexact === undefined, metadata };
}

/** The column in the database; of SQLite, TypeORM may know of a collation that no index has. */
function columnOf(
  { name }: Dialect,
  { columns }: ExistingTable,
  metadata: EntityMetadata,
  column: Column,
): ExistingColumn {
  const { type, collation } = columns.get(column.name)!;
  const declared = name === 'sqlite' ? metadata.findColumnWithPropertyName(column.property)!.collation : undefined;
  return { type, collation: collation ?? declared };
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
      // The table in which TypeORM notes computed columns.
      if (made.length === 0)
        await (driver.createSchemaBuilder() as RdbmsSchemaBuilder).createMetadataTableIfNecessary(runner);
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
