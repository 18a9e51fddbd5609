import type { Schema } from '../../core/schema.js';
import { keyPrefix } from './key.js';
import type { RedisLink } from './link.js';
import { globEscape } from './single.js';

/** The ids of all entries of an entity, in no order; one may come twice. Looks at every key of the server. @throws StoreFault */
export async function* scanIds(link: RedisLink, namespace: string, schema: Schema): AsyncIterable<readonly string[]> {
  const prefix = keyPrefix(namespace, schema);
  for await (const keys of link.scan(`${globEscape(prefix)}*}`)) yield keys.map((key) => key.slice(prefix.length, -1));
}
