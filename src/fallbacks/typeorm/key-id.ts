import type { Plain } from '../../core/plain.js';
import type { Key } from '../../core/schema.js';

const ESCAPES: Readonly<Record<string, string>> = { '%': '%25', ':': '%3A', '{': '%7B', '}': '%7D' };

function partText(part: Exclude<Plain, null>): string {
  if (part === '') return '%';
  return typeof part === 'string' ? part.replace(/[%:{}]/g, (character) => ESCAPES[character]!) : String(part);
}

/** The key that a row's key columns make. */
export function keyOf(parts: readonly Exclude<Plain, null>[]): Key {
  return { id: parts.length === 1 ? partText(parts[0]!) : parts.map(partText).join(':'), parts };
}
