import { ValidationError } from '../../core/errors.js';
import type { DriverCapabilities, KeyedChange } from '../../core/fallback-driver.js';

/** A check of keys that are about to be written against the limits that a driver declares. */
export function keyLimits({ keyPartLength, keyBytes }: DriverCapabilities): (changes: readonly KeyedChange[]) => void {
  if (keyPartLength === undefined && keyBytes === undefined) return () => {};
  const most = keyPartLength ?? Number.POSITIVE_INFINITY;
  const bytes = keyBytes ?? Number.POSITIVE_INFINITY;
  // No character has more bytes than this for each of its code units.
  const harmless = Math.min(most, bytes / 3);
  return (changes) => {
    for (const { schema, key } of changes) {
      if (key.id.length <= harmless) continue;
      const texts = key.parts.filter((part) => typeof part === 'string');
      const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      if (size <= bytes && texts.every((text) => text.length <= most || [...text].length <= most)) continue;
      const limit = size > bytes ? `${bytes} bytes` : `${most} characters a part`;
      throw new ValidationError(
        `${schema.target.name} has a key of ${size} bytes, but its store takes at most ${limit}; nothing was written. Use a shorter key, such as a hash of it.`,
      );
    }
  };
}
