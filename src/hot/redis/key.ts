import type { Key, Schema } from '../../core/schema.js';

/** What the keys of all entries of an entity start with. The braces make what follows the cluster's hash tag. */
export function keyPrefix(namespace: string, schema: Schema): string {
  return `${namespace && `${namespace}:`}${schema.name}:{`;
}

/** The key in Redis of an entry. */
export function redisKey(namespace: string, schema: Schema, key: Key): string {
  return `${keyPrefix(namespace, schema)}${key.id}}`;
}
