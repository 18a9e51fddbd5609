import type { Member } from '../../core/collection.js';
import { ValidationError } from '../../core/errors.js';
import type { Key } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import type { MembersLayout } from './members-layout.js';

/** Whether PostgreSQL can have a text. */
export const isStorable = (text: string): boolean => !text.includes('\0');

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** @throws ValidationError for a member that the database cannot keep */
export function checkMember(
  { schema, structure, length }: MembersLayout,
  { capabilities }: Dialect,
  key: Key,
  { text }: Member,
): void {
  const { name } = schema.target;
  const one = structure === 'list' ? 'an item' : 'a member';
  if (!capabilities.nul && !isStorable(text))
    throw new ValidationError(
      `${name} has ${one} with the character U+0000 (${shown(text)}), which its store cannot keep; nothing was written. Leave the character out.`,
    );
  if (structure === 'list') return;
  const { keyBytes } = capabilities;
  const long = (size: string, limit: string) =>
    new ValidationError(
      `${name} has a member of ${size} (${shown(text)}), but its store takes at most ${limit}; nothing was written. Use a shorter member, such as a hash of it.`,
    );
  if (length !== undefined && text.length > length) {
    const size = [...text].length;
    if (size > length) throw long(`${size} characters`, `${length}`);
  }
  // No character has more bytes than this for each of its code units.
  if (keyBytes === undefined || (key.id.length + text.length) * 3 <= keyBytes) return;
  const size = Buffer.byteLength(text);
  const used = key.parts.reduce<number>(
    (sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : 8),
    0,
  );
  if (used + size > keyBytes) throw long(`${size} bytes`, `${keyBytes} together with the ${used} of its key`);
}
