import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';

/** A property decorator, whatever it says of types. */
export type Decorator = (target: Loose, property: Loose) => void;

/** An entity with a key and the given property decorators. */
export function entityWith(
  properties: Record<string, Decorator | Decorator[]>,
  ...classDecorators: ((target: Loose) => void)[]
) {
  class Thing {}
  Entity()(Thing);
  if (classDecorators.length === 0) RedisHash()(Thing);
  for (const decorate of classDecorators) decorate(Thing);
  (Key({ type: 'string' }) as Decorator)(Thing.prototype, 'id');
  for (const [name, decorators] of Object.entries(properties))
    for (const decorate of [decorators].flat()) decorate(Thing.prototype, name);
  return Thing;
}
/** `@Field()` with options that its types would refuse. */
export const field = (options?: Loose) => Field(options) as Decorator;
