import { CorruptEntryError } from '../index.js';
import type { DirectoryRow } from './entities.js';

/** One key of a user. */
export interface Listed {
  readonly key: string;
  /** Its place in the order of first storing. */
  readonly order: number;
  /** Whether its value may have ended. */
  readonly ends: boolean;
}

/** The entries of a page, or of a whole directory without pages, by their keys, in order. */
export type Entries = Map<string, Listed>;

// So many entries are one row: about 8 KB of usual keys, which cost less to write than another row.
const MOST_IN_ONE = 256;
const FIRST_PAGES = 16;
const GROWTH = 8;

/** Reads what {@link writeEntries} wrote. @throws CorruptEntryError */
export function readEntries(text: string, user: string): Entries {
  const corrupt = (cause?: unknown) =>
    new CorruptEntryError('UserValueKeys', JSON.stringify(user), 'its text is no list of keys', { cause });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw corrupt(error);
  }
  if (!Array.isArray(list)) throw corrupt();
  const entries: Entries = new Map();
  for (const [at, item] of (list as unknown[]).entries()) {
    const [key, order, ends] = Array.isArray(item) ? (item as unknown[]) : [item, at];
    // Where all entries are in one text, their order is that of the text.
    if (typeof key === 'string' && order === undefined) entries.set(key, { key, order: at, ends: true });
    else if (typeof key !== 'string' || typeof order !== 'number') throw corrupt();
    else entries.set(key, { key, order, ends: ends === 1 });
  }
  return entries;
}

/** As JSON, in the order that they are in. */
export function writeEntries(entries: Iterable<Listed>, paged: boolean): string {
  const texts: string[] = [];
  for (const { key, order, ends } of entries) {
    const name = JSON.stringify(key);
    if (paged) texts.push(`[${name},${order}${ends ? ',1' : ''}]`);
    else texts.push(ends ? `[${name}]` : name);
  }
  return `[${texts.join(',')}]`;
}

/** What {@link writeEntries} gives with more entries at the end, where there are no pages. */
export function appendEntries(text: string, more: Iterable<Listed>): string {
  const added = writeEntries(more, false);
  if (added === '[]') return text;
  return text === '[]' ? added : `${text.slice(0, -1)},${added.slice(1)}`;
}

export const inOrder = (entries: Iterable<Listed>): Listed[] => [...entries].sort((a, b) => a.order - b.order);

/** The page of a key, of so many: FNV-1a over its UTF-16 units, for ever the same. */
export function pageOf(key: string, pages: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % pages;
}

/** How many pages so many entries want, which are on so many now. */
export function pagesFor(count: number, pages: number): number {
  if (count <= MOST_IN_ONE * Math.max(1, pages)) return pages;
  return pages === 0 ? FIRST_PAGES : pages * GROWTH;
}

/** The directory of a user who has none. */
export const emptyDirectory = (user: string): DirectoryRow => ({
  user,
  keys: '[]',
  pages: 0,
  count: 0,
  next: 0,
  until: 0,
});
