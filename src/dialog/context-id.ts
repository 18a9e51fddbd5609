import { type Codec, ValidationError } from '../index.js';

/** Who a dialog is with. `5`, `5n` and `'5'` are one user. */
export type ContextId = string | number | bigint;

/** @throws ValidationError for what is no id */
export function idFrom(given: unknown): ContextId {
  if (typeof given === 'bigint' || Number.isSafeInteger(given)) return given as ContextId;
  if (typeof given === 'string') {
    if (given.isWellFormed()) return given;
    throw new ValidationError(
      'An id of a context holds a lone surrogate, which no store can keep. Replace it: String.prototype.toWellFormed().',
    );
  }
  if (typeof given === 'number')
    throw new ValidationError(
      `The id ${given} is no whole number that JavaScript can tell from its neighbours. Give it as a bigint or as a string.`,
    );
  throw new ValidationError(
    `An id of a context is a string, a whole number or a bigint, not ${given === null ? 'null' : typeof given}. Give one, or leave it out.`,
  );
}

/** The id as a literal of JSON; a bigint, which JSON has too, is told from a string by its lack of quotes. */
export const idCodec: Codec<ContextId> = {
  name: 'context-id',
  storage: 'text',
  encode: (id) => (typeof id === 'string' ? JSON.stringify(id) : String(id)),
  decode(plain) {
    const text = plain as string;
    return text.startsWith('"') ? (JSON.parse(text) as string) : wholeNumber(text);
  },
};

/** A text as JSON: not every store keeps every character as it is. */
export const textCodec: Codec<string> = {
  name: 'json-text',
  storage: 'text',
  encode: (text) => JSON.stringify(text),
  decode: (plain) => JSON.parse(plain as string) as string,
};

/** A whole number in digits: a bigint where a number would not be exact. */
export function wholeNumber(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}
