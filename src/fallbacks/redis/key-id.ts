import { CorruptPlain, type Plain, textToPlain } from '../../core/plain.js';
import type { Key, Schema } from '../../core/schema.js';

const ESCAPED = /%(?:25|3A|7B|7D)/g;

/** The key that an id stands for; `undefined` where it is none of the entity's. */
export function keyOfId(schema: Schema, id: string): Key | undefined {
  const texts = id.split(':');
  if (texts.length !== schema.keys.length) return undefined;
  try {
    const parts = texts.map((text, at): Exclude<Plain, null> => {
      const { storage } = schema.keys[at]!;
      if (storage !== 'text') return textToPlain(storage, text) as Exclude<Plain, null>;
      return text === '%' ? '' : text.replace(ESCAPED, (code) => decodeURIComponent(code));
    });
    return { id, parts };
  } catch (error) {
    if (error instanceof CorruptPlain) return undefined;
    throw error;
  }
}
