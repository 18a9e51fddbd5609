import type { Schema } from '../../core/schema.js';
import { keyPrefix } from './key.js';
import type { RedisLink } from './link.js';
import { globEscape } from './single.js';

/**
 * The ids of all entries of an entity, in no order; one may come twice. Looks at every key of the server. `beside` ends the keys that
 * tell of entries, after their own key: `~` where that is their markers. @throws StoreFault
 */
export async function* scanIds(
  link: RedisLink,
  namespace: string,
  schema: Schema,
  beside = '',
): AsyncIterable<readonly string[]> {
  const prefix = keyPrefix(namespace, schema);
  const end = `}${beside}`;
  for await (const keys of link.scan(`${globEscape(prefix)}*${end}`))
    yield keys.map((key) => key.slice(prefix.length, -end.length));
}
