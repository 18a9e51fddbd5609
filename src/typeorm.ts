import type { DataSourceOptions, EntitySchema } from 'typeorm';
import { type EntitySchemaDatabase, entitySchemas as schemasOf } from './fallbacks/typeorm/entity-schemas.js';
import { mappedEntity } from './fallbacks/typeorm/mapped.js';
import { planOfUrl } from './fallbacks/typeorm/source.js';
import { buildSchemas } from './metadata/registry.js';
import type { Class } from './metadata/types.js';
import { outboxSchema } from './outbox-schema.js';

export type { EntitySchemaDatabase } from './fallbacks/typeorm/entity-schemas.js';

/**
 * The tables of entities, and of the outbox, for `entities` of a TypeORM DataSource, so that TypeORM's own migrations and command
 * line manage them: all entities of a DataSource in one call, or the outbox would be there twice. Classes that TypeORM maps itself are left out: they go into `entities` as they are.
 *
 * @param database the DataSource's `type`, with `'mariadb'` for MariaDB; `'postgres'` by default
 * @throws MetadataError with all faults of the declarations
 * @example
 * new DataSource({ type: 'postgres', url, entities: entitySchemas([Person]), migrations: ['migrations/*.js'] })
 */
export function entitySchemas(
  entities: readonly Class<object>[],
  database: EntitySchemaDatabase = 'postgres',
): EntitySchema[] {
  const schemas = buildSchemas(entities, { fallbacks: undefined, hot: true, mapped: mappedEntity });
  return schemasOf([...schemas, outboxSchema], database);
}

/**
 * The options of a DataSource for a fallback's URL, with the tables of the entities, for TypeORM's command line and migrations.
 *
 * @param url `postgresql:`, `mysql:`, `mariadb:` or `sqlite:PATH`
 * @throws ValidationError for a URL that cannot be used; MetadataError
 * @example
 * export default new DataSource({ ...dataSourceOptions('postgresql://localhost/shop', [Person]), migrations: ['migrations/*.js'] });
 */
export function dataSourceOptions(url: string, entities: readonly Class<object>[]): DataSourceOptions {
  const { options } = planOfUrl(url, 'dataSourceOptions()', { poolSize: 10 });
  const database = options!.type as EntitySchemaDatabase;
  const mapped = entities.filter((entity) => mappedEntity(entity) !== undefined);
  return { ...options, entities: [...mapped, ...entitySchemas(entities, database)] } as DataSourceOptions;
}
