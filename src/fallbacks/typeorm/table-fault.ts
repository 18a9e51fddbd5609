import { MetadataError } from '../../core/errors.js';
import type { Schema } from '../../core/schema.js';

/** A table, or a column of it, that an entity cannot be stored in as it is. */
export const tableFault = ({ target }: Schema, fact: string, remedy: string): MetadataError =>
  new MetadataError([{ subject: target.name, fact, remedy }]);
