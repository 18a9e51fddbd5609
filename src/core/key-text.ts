import { CorruptPlain, type Plain, textToPlain } from './plain.js';
import type { Key, KeyPart } from './schema.js';

type Part = Exclude<Plain, null>;

const SPECIAL = /[%:{}]/;
// Beside what is escaped, what a store may refuse: U+0000 and surrogates.
const REMARKABLE = /[%:{}\0\ud800-\udfff]/;

/** Whether a text is its own escaped form and no store minds its characters. One search is faster than a loop over them. */
export const isOrdinary = (text: string): boolean => text !== '' && !REMARKABLE.test(text);

/** A text as part of a key's id, in which `:` separates parts and braces are the cluster's. */
function escapeText(text: string): string {
  if (text === '') return '%';
  if (!SPECIAL.test(text)) return text;
  return text.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll('{', '%7B').replaceAll('}', '%7D');
}

/** The inverse of {@link escapeText}. @throws CorruptPlain where nothing escapes to this. */
function unescapeText(escaped: string): string {
  if (escaped === '%') return '';
  const text = escaped.includes('%') ? escaped.replace(/%(25|3A|7B|7D)/g, (code) => decodeURIComponent(code)) : escaped;
  if (text === '' || escapeText(text) !== escaped)
    throw new CorruptPlain(`${JSON.stringify(escaped)} is not an escaped text`);
  return text;
}

const partText = (part: Part): string => (typeof part === 'string' ? escapeText(part) : String(part));

/** The key of its parts: no two keys of an entity have the same id. */
export function keyOf(parts: readonly Part[]): Key {
  return { id: parts.length === 1 ? partText(parts[0]!) : parts.map(partText).join(':'), parts };
}

/** The key of an id, or `undefined` where no key has it. */
export function keyOfId(keyParts: readonly KeyPart[], id: string): Key | undefined {
  const texts = id.split(':');
  if (texts.length !== keyParts.length) return undefined;
  try {
    const key = keyOf(
      texts.map((text, at) => {
        const { storage } = keyParts[at]!;
        return storage === 'text' ? unescapeText(text) : (textToPlain(storage, text) as Part);
      }),
    );
    return key.id === id ? key : undefined;
  } catch (error) {
    if (error instanceof CorruptPlain) return undefined;
    throw error;
  }
}
