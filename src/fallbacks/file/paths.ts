import { createHash } from 'node:crypto';
import type { Key, Schema } from '../../core/schema.js';

/** Where entries are kept, below the store's directory. */
export const ENTITIES = 'entities';

/** Ends the name of each entry's file. */
export const EXTENSION = '.json';

// Names that Windows keeps for devices, with any extension.
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const escaped = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** A directory name for an entity: one for each name, also where the file system does not tell upper from lower case. */
function folderOf(name: string): string {
  const safe = name
    .replace(/[^a-z0-9_-]/gu, escaped)
    .replace(DEVICE, (device) => escaped(device[0]!) + device.slice(1));
  return safe.length <= 100 && safe !== '' ? safe : `${safe.slice(0, 60)}%${sha256(name).slice(0, 32)}`;
}

const folders = new Map<string, string>();

/** The directory of an entity's entries, below the store's directory. */
export function entityFolder({ name }: Schema): string {
  let folder = folders.get(name);
  if (folder === undefined) {
    folder = `${ENTITIES}/${folderOf(name)}`;
    folders.set(name, folder);
  }
  return folder;
}

/** Stands in an entity's directory once one of its entries was to expire: then they cannot be counted by their names alone. */
export function expiryMark(schema: Schema): string {
  return `${entityFolder(schema)}/expiring`;
}

export const isExpiryMark = (path: string): boolean => path.endsWith('/expiring');

/**
 * The file of an entry, below the store's directory: found by a hash of the key, so that any key has one and no directory
 * grows too large; what can be read of the key follows, for people.
 */
export function entryPath(schema: Schema, { id }: Key): string {
  const digest = sha256(id);
  const readable = id
    .slice(0, 60)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-');
  return `${entityFolder(schema)}/${digest.slice(0, 2)}/${digest.slice(2, 40)}.${readable}${EXTENSION}`;
}
