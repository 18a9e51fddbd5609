import { ValidationError } from '../index.js';
import type { Encoded, ValueCodec } from './codec.js';
import type { ValueRow } from './entities.js';
import { hasCode } from './error-code.js';
import { shownAs } from './ids.js';
import type { Reader } from './reader.js';
import type { Storage } from './storage.js';
import type { UserWrites } from './user-writes.js';

/** What a writer is made of. */
export interface WriterParts {
  readonly storage: Storage;
  readonly codec: ValueCodec;
  readonly writes: UserWrites;
  readonly reader: Reader;
  readonly now: () => number;
}

/** How long a value is kept: milliseconds, `undefined` for ever, `'left'` for what an existing one has left. */
export type Kept = number | undefined | 'left';

/** A value that ends some day is not changed as it lies. */
class EndsError extends Error {}

/** Writes values of users. One that never ends is one row, changed where it lies; all else compares what it was thought from. */
export class Writer {
  readonly #storage: Storage;
  readonly #codec: ValueCodec;
  readonly #writes: UserWrites;
  readonly #reader: Reader;
  readonly #now: () => number;

  constructor({ storage, codec, writes, reader, now }: WriterParts) {
    this.#storage = storage;
    this.#codec = codec;
    this.#writes = writes;
    this.#reader = reader;
    this.#now = now;
  }

  async store(user: string, key: string, value: unknown, kept: number | undefined): Promise<void> {
    const encoded = this.#encode(user, key, value);
    let absent = this.#writes.lacks(user, key);
    if (kept === undefined && !absent) {
      const over = await this.#overwrite(user, key, encoded);
      if (over === 'done') return;
      absent = over === 'absent';
    }
    await this.#writes.write(user, { keys: [key], absent, plan: (draft) => draft.put(key, encoded, this.#end(kept)) });
  }

  async storeMany(user: string, values: ReadonlyMap<string, unknown>, kept: number | undefined): Promise<void> {
    const encoded = [...values].map(([key, value]) => [key, this.#encode(user, key, value)] as const);
    await this.#writes.write(user, {
      keys: [...values.keys()],
      plan: (draft) => {
        for (const [key, one] of encoded) draft.put(key, one, this.#end(kept));
      },
    });
  }

  async update<T>(user: string, key: string, change: (value: T | undefined) => T, kept: Kept): Promise<T> {
    const thought = (row: ValueRow | undefined) => {
      const value = change(row && (this.#reader.decode(row) as T));
      const promised = typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
      if (value === undefined || promised)
        throw new ValidationError(
          `${shownAs(user, key)} was not changed: the function given to update() returned ${promised ? 'a promise' : 'undefined'}. Return the new value, or use delete().`,
        );
      return { value, encoded: this.#encode(user, key, value) };
    };
    if (kept === 'left' || kept === undefined) {
      const changed = await this.#changeInPlace(user, key, thought);
      if (changed) return changed.value;
    }
    return this.#writes.write(user, {
      keys: [key],
      plan: (draft) => {
        const row = draft.row(key);
        const { value, encoded } = thought(row);
        draft.put(key, encoded, kept === 'left' ? (row?.expires ?? null) : this.#end(kept));
        return value;
      },
    });
  }

  delete(user: string, key: string): Promise<boolean> {
    return this.#writes.write(user, { keys: [key], plan: (draft) => draft.remove(key) });
  }

  deleteAll(user: string): Promise<number> {
    return this.#writes.write(user, {
      keys: 'all',
      plan: (draft) => draft.keys().filter(({ key }) => draft.remove(key)).length,
    });
  }

  /** Whether there was a value. */
  expire(user: string, key: string | undefined, kept: number | undefined): Promise<boolean> {
    return this.#writes.write(user, {
      keys: key === undefined ? 'all' : [key],
      plan: (draft) => {
        const keys = key === undefined ? draft.keys().map((listed) => listed.key) : [key];
        const rows = keys.flatMap((one) => draft.row(one) ?? []);
        for (const { key: one, value, format } of rows) draft.put(one, { text: value, format }, this.#end(kept));
        return rows.length > 0;
      },
    });
  }

  #encode(user: string, key: string, value: unknown): Encoded {
    return this.#codec.encode(value, () => shownAs(user, key));
  }

  #end(kept: number | undefined): number | null {
    return kept === undefined ? null : this.#now() + kept;
  }

  /** Writes a value over one that never ends: one row, and nothing is read before. */
  async #overwrite(user: string, key: string, { text, format }: Encoded): Promise<'done' | 'absent' | 'ends'> {
    try {
      const row = await this.#storage.values.update({ user, key }, { value: text, format });
      // That one that ends no longer does is still to be written.
      return row.listed === null ? 'done' : 'ends';
    } catch (error) {
      if (hasCode(error, 'ENTITY_NOT_FOUND')) return 'absent';
      throw error;
    }
  }

  /** Changes a value that never ends, where it lies. `undefined` where there is no such value. */
  async #changeInPlace<T extends { readonly encoded: Encoded }>(
    user: string,
    key: string,
    thought: (row: ValueRow) => T,
  ): Promise<T | undefined> {
    let made: T | undefined;
    let failed: unknown;
    try {
      await this.#storage.values.update({ user, key }, (row) => {
        if (row.listed !== null) throw new EndsError();
        try {
          made = thought(row);
        } catch (error) {
          failed = error;
          throw error;
        }
        row.value = made.encoded.text;
        row.format = made.encoded.format;
      });
      return made;
    } catch (error) {
      // The function's own error is its caller's, whatever it is.
      if (error !== failed && (hasCode(error, 'ENTITY_NOT_FOUND') || error instanceof EndsError)) return undefined;
      throw error;
    }
  }
}
