import type { Schema } from '../../../src/core/schema.js';
import { mappedEntity } from '../../../src/fallbacks/typeorm/mapped.js';
import { sampleSchema } from '../../../src/testing/sample-schema.js';

/** The schema of a class that TypeORM maps. */
export function mappedSchema(target: Function, throughTypeorm = false): Schema {
  const { keys, fields, version, table } = mappedEntity(target)!;
  const at = fields.findIndex((field) => field.name === version);
  return sampleSchema({
    name: table,
    schema: {
      target,
      keys,
      fields,
      version: at < 0 ? undefined : at,
      mappedByTypeorm: true,
      throughTypeorm,
    },
  });
}
