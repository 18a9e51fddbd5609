import { getOrMake } from '../core/get-or-make.js';
import type { Key, Schema } from '../core/schema.js';

/** The distinct keys of several keyed things, by entity. */
export function keysBySchema(
  items: readonly { readonly schema: Schema; readonly key: Key }[],
): ReadonlyMap<Schema, readonly Key[]> {
  const maps = new Map<Schema, Map<string, Key>>();
  for (const { schema, key } of items) getOrMake(maps, schema, () => new Map<string, Key>()).set(key.id, key);
  return new Map([...maps].map(([schema, keys]) => [schema, [...keys.values()]]));
}
