import { showKey, ValidationError } from '../../core/errors.js';
import type { Key, Schema } from '../../core/schema.js';

/** A key that the column does not keep as it was given. */
export const otherKey = ({ target }: Schema, { id }: Key): ValidationError =>
  new ValidationError(
    `${target.name} ${showKey(id)} has a key that the database takes for another one, or changes; nothing was written. Use the key as the database has it, or give the column a type that keeps every key.`,
  );
