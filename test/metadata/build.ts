import { MetadataError, type MetadataFault } from '../../src/core/errors.js';
import type { Schema } from '../../src/core/schema.js';
import { type BuildOptions, buildSchemas } from '../../src/metadata/registry.js';

const USUAL: BuildOptions = { fallbacks: ['sqlite', 'archive'], hot: true };

/** The schema of one entity without faults. */
export function schemaOf(entity: unknown, options: Partial<BuildOptions> = {}): Schema {
  const [schema] = buildSchemas([entity], { ...USUAL, ...options });
  return schema!;
}

/** The faults of declarations. */
export function faultsOf(entities: readonly unknown[], options: Partial<BuildOptions> = {}): readonly MetadataFault[] {
  try {
    buildSchemas(entities, { ...USUAL, ...options });
  } catch (error) {
    if (error instanceof MetadataError) return error.faults;
    throw error;
  }
  return [];
}

/** Each fault as `subject: fact`. */
export const told = (entities: readonly unknown[], options: Partial<BuildOptions> = {}): string[] =>
  faultsOf(entities, options).map(({ subject, fact }) => `${subject}: ${fact}`);
