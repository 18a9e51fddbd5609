import { getOrMake } from '../core/get-or-make.js';
import type { Key, Schema } from '../core/schema.js';

/** How a fill ended: `undefined` where the durable store answered. It never rejects. */
export type Fill = Promise<{ readonly error: unknown } | undefined>;

/** The keys that this process is filling, so that those who meet its own mark need not ask the durable store as well. */
export class Fills {
  readonly #underWay = new Map<Schema, Map<string, Fill>>();

  of(schema: Schema, key: Key): Fill | undefined {
    return this.#underWay.get(schema)?.get(key.id);
  }

  /** `fill` is for these keys, until it ends. */
  add(schema: Schema, keys: readonly Key[], fill: Fill): void {
    const fills = getOrMake(this.#underWay, schema, () => new Map<string, Fill>());
    for (const { id } of keys) fills.set(id, fill);
    void fill.then(() => {
      for (const { id } of keys) if (fills.get(id) === fill) fills.delete(id);
    });
  }

  /** The keys are being written: their marks are gone. */
  forget(schema: Schema, keys: readonly Key[]): void {
    const fills = this.#underWay.get(schema);
    if (fills) for (const { id } of keys) fills.delete(id);
  }
}
