import { CorruptPlain, type StorageType, textToPlain } from '../../core/plain.js';
import type { Key } from '../../core/schema.js';

type Part = Key['parts'][number];

// Stands before each part; no entity has it in its name.
const BEFORE = '/';
const EMPTY = '%';
// What MongoDB does not take, what has a meaning in names, and what is not seen.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
const SPECIAL = /[\0-\x1f\x7f%/.$]/g;

const escaped = (text: string): string =>
  text === ''
    ? EMPTY
    : text.replace(SPECIAL, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** Key parts as the end of a collection's name: no two lists of parts have the same. */
export const endOfName = (parts: readonly Part[]): string =>
  parts.map((part) => BEFORE + (typeof part === 'string' ? escaped(part) : String(part))).join('');

/** The inverse of {@link endOfName}; `undefined` for an end that no parts have. */
export function partsOfEnd(storages: readonly StorageType[], end: string): Part[] | undefined {
  const texts = end.split(BEFORE);
  if (texts.shift() !== '' || texts.length !== storages.length) return undefined;
  try {
    const parts = texts.map((text, at) => {
      const storage = storages[at]!;
      if (storage !== 'text') return textToPlain(storage, text) as Part;
      return text === EMPTY ? '' : text.replace(/%([\dA-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
    });
    return endOfName(parts) === end ? parts : undefined;
  } catch (error) {
    if (error instanceof CorruptPlain) return undefined;
    throw error;
  }
}
