import type { KeyedChange } from '../core/fallback-driver.js';
import type { Key, Schema } from '../core/schema.js';

/** For each key the texts of the members that a write is about, `undefined` for all; `undefined` where it is about all of every key. */
export type MembersTouched = (
  schema: Schema,
  keys: readonly Key[],
) => readonly (readonly string[] | undefined)[] | undefined;

// A lock lists its members: of many, it is as well on all of them.
const MOST = 16;

/** What changes of collections are about. */
export function membersTouched(changes: readonly KeyedChange[]): MembersTouched {
  return (schema, keys) => {
    if (!schema.kind.touches) return undefined;
    const all = new Map<string, Set<string> | undefined>();
    for (const { schema: of, key, change } of changes) {
      if (of !== schema) continue;
      const touched = schema.kind.touches(schema, change);
      const before = all.has(key.id) ? all.get(key.id) : new Set<string>();
      const members = before && touched && new Set([...before, ...touched]);
      all.set(key.id, members && members.size <= MOST ? members : undefined);
    }
    return keys.map(({ id }) => {
      const members = all.get(id);
      return members && [...members];
    });
  };
}
