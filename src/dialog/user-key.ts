import { createHash } from 'node:crypto';
import type { ContextId } from './context-id.js';

/** Longer ids would not fit into the keys of every store. */
const LONGEST = 120;

/** The key of a user in every store: the id as text, or where not every store could keep that, a hash of it. */
export function userKey(id: ContextId): string {
  const text = String(id);
  if (text !== '' && text.length <= LONGEST && !text.startsWith('#') && !text.includes('\0')) return text;
  return `#${createHash('sha256').update(text).digest('hex')}`;
}
