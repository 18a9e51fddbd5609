import type { Schema } from '../../core/schema.js';
import { keyPrefix } from '../../hot/redis/key.js';
import type { RedisLink } from '../../hot/redis/link.js';
import { globEscape } from '../../hot/redis/single.js';
import { COMPANION } from './companion.js';

const ENDS = ['}', `}${COMPANION}`];

/** The ids of all collections of an entity, in no order: by their keys, and by the companions of those without members. @throws StoreFault */
export async function* collectionIds(
  link: RedisLink,
  namespace: string,
  schema: Schema,
): AsyncIterable<readonly string[]> {
  const prefix = keyPrefix(namespace, schema);
  for await (const keys of link.scan(`${globEscape(prefix)}*}*`))
    yield keys.flatMap((key) => {
      const end = ENDS.find((one) => key.endsWith(one));
      return end === undefined ? [] : [key.slice(prefix.length, -end.length)];
    });
}
