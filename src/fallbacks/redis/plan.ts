import type { KeyedChange } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { Schema } from '../../core/schema.js';
import { redisKey } from '../../hot/redis/key.js';
import { type AtOnce, atOnce } from './at-once.js';

/** How a write is made. */
export interface Plan {
  /** For each key in Redis the indexes of its changes. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** The keys whose changes Redis makes by itself. */
  readonly atOnce: ReadonlyMap<string, AtOnce>;
  /** Those that are read and thought about before. */
  readonly drafted: ReadonlyMap<string, Schema>;
}

/** Says of each key how its changes are made. */
export function planOf(namespace: string, changes: readonly KeyedChange[]): Plan {
  const places = new Map<string, number[]>();
  changes.forEach(({ schema, key }, index) => {
    getOrMake(places, redisKey(namespace, schema, key), () => []).push(index);
  });
  const direct = new Map<string, AtOnce>();
  const drafted = new Map<string, Schema>();
  for (const [name, indexes] of places) {
    const { schema } = changes[indexes[0]!]!;
    const steps = atOnce(
      schema,
      name,
      indexes.map((index) => changes[index]!),
    );
    if (steps) direct.set(name, steps);
    else drafted.set(name, schema);
  }
  return { places, atOnce: direct, drafted };
}
