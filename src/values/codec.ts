import { CorruptEntryError, ValidationError } from '../index.js';
import type { Registered } from './classes.js';
import { findFault } from './fault.js';
import { isPlainJson } from './plain-json.js';
import { readRich } from './rich-read.js';
import { writeRich } from './rich-write.js';

/** A value as it is stored: a text of JSON in any case, and in which form. */
export interface Encoded {
  readonly text: string;
  /** `json1`: JSON gives the value. `rich1`: the form of rich-form.ts. Another is of a later version. */
  readonly format: string;
}

/** Turns any value into a text and back. */
export interface ValueCodec {
  /** `subject` is what errors call the value. @throws ValidationError */
  encode(value: unknown, subject: () => string): Encoded;
  /** `key` is where it is stored, as errors show it. @throws CorruptEntryError */
  decode(stored: Encoded, key: () => string): unknown;
}

export interface CodecOptions {
  readonly classes: readonly Registered[];
  /** Most bytes of a stored text, in UTF-8. */
  readonly maxBytes: number;
}

const PLAIN = 'json1';
const RICH = 'rich1';

/** The codec of user values. */
export function valueCodec({ classes, maxBytes }: CodecOptions): ValueCodec {
  const decoded = classes.some(({ decode }) => decode);

  const written = (value: unknown): Encoded => {
    if (isPlain(value)) return { text: JSON.stringify(value), format: PLAIN };
    const text = writeRich(value, classes);
    // What a class makes of its instances may lead back to them, which cannot be read.
    if (decoded) readRich(text, classes);
    return { text, format: RICH };
  };

  return {
    encode(value, subject) {
      let encoded: Encoded;
      try {
        encoded = written(value);
      } catch (error) {
        throw refused(value, error, subject(), classes);
      }
      const bytes = sizeOf(encoded.text, maxBytes);
      if (bytes > maxBytes)
        throw new ValidationError(
          `${subject()} takes ${bytes} bytes when stored, but at most ${maxBytes} are allowed. Store less, or open with a larger maxBytes.`,
        );
      return encoded;
    },
    decode({ text, format }, key) {
      const corrupt = (fact: string, cause?: unknown) => new CorruptEntryError('UserValue', key(), fact, { cause });
      if (format !== PLAIN && format !== RICH)
        throw corrupt(`it has the format ${JSON.stringify(format.slice(0, 20))}, which this version does not know`);
      const bytes = sizeOf(text, maxBytes);
      if (bytes > maxBytes)
        throw corrupt(`it takes ${bytes} bytes, but at most ${maxBytes} are allowed; open with a larger maxBytes`);
      try {
        return format === PLAIN ? JSON.parse(text) : readRich(text, classes);
      } catch (error) {
        throw corrupt(`its text is no stored value (${(error as Error).message})`, error);
      }
    },
  };
}

/** What is nested deeper than calls can be takes the other form, which is flat. */
function isPlain(value: unknown): boolean {
  try {
    return isPlainJson(value);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Bytes in UTF-8, counted only where it could matter. */
const sizeOf = (text: string, most: number): number => (text.length * 3 <= most ? 0 : Buffer.byteLength(text));

function refused(value: unknown, error: unknown, subject: string, classes: readonly Registered[]): ValidationError {
  const fault = findFault(value, classes);
  if (fault)
    return new ValidationError(`${subject} cannot be stored: value${fault.path} ${fault.fact}. ${fault.remedy}`);
  return new ValidationError(`${subject} cannot be stored: ${(error as Error).message}. Store plain data.`, {
    cause: error,
  });
}
