import { getOrMake } from './get-or-make.js';
import type { Key } from './schema.js';

/** A key, and the tokens that are about it. */
export interface KeyTokens {
  readonly key: Key;
  readonly tokens: readonly string[];
}

/** The tokens of each key, of one for all keys or one for each; a key that is there several times has several. */
export function tokensByKey(keys: readonly Key[], tokens: string | readonly string[]): readonly KeyTokens[] {
  const byId = new Map<string, { readonly key: Key; readonly tokens: string[] }>();
  keys.forEach((key, index) => {
    const token = typeof tokens === 'string' ? tokens : tokens[index]!;
    getOrMake(byId, key.id, () => ({ key, tokens: [] as string[] })).tokens.push(token);
  });
  return [...byId.values()];
}
