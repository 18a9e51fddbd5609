import { CorruptEntryError } from '../core/errors.js';
import { CorruptPlain } from '../core/plain.js';
import type { Key, Schema } from '../core/schema.js';

/** What a caller is told where reading a stored entry threw this. */
export function unreadable(error: unknown, { target }: Schema, key: Key): unknown {
  if (!(error instanceof CorruptPlain)) return error;
  return new CorruptEntryError(target.name, key.id, error.message, { cause: error });
}
