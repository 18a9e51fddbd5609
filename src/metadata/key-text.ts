import { CorruptPlain } from '../core/plain.js';

const SPECIAL = /[%:{}]/;
// Beside what is escaped, what a store may refuse: U+0000 and surrogates.
const REMARKABLE = /[%:{}\0\ud800-\udfff]/;

/** Whether a text is its own escaped form and no store minds its characters. One search is faster than a loop over them. */
export const isOrdinary = (text: string): boolean => text !== '' && !REMARKABLE.test(text);

/** A text as part of a key's id, in which `:` separates parts and braces are the cluster's. */
export function escapeText(text: string): string {
  if (text === '') return '%';
  if (!SPECIAL.test(text)) return text;
  return text.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll('{', '%7B').replaceAll('}', '%7D');
}

/** The inverse of {@link escapeText}. @throws CorruptPlain where nothing escapes to this. */
export function unescapeText(escaped: string): string {
  if (escaped === '%') return '';
  const text = escaped.includes('%') ? escaped.replace(/%(25|3A|7B|7D)/g, (code) => decodeURIComponent(code)) : escaped;
  if (text === '' || escapeText(text) !== escaped)
    throw new CorruptPlain(`${JSON.stringify(escaped)} is not an escaped text`);
  return text;
}
