import type { Batch, Class } from '../index.js';

/** What was read is not what is stored: all is to be read and thought again. */
export class StaleError extends Error {}

/** How a row is to become another. */
export interface Replacement<R> {
  readonly key: unknown;
  /** As it was read; `undefined` where there was none. */
  readonly before: R | undefined;
  /** As it shall be; `undefined` for none. */
  readonly after: R | undefined;
  /** In milliseconds, `undefined` for ever. */
  readonly ttl: number | undefined;
  /** Whether the row that is there never ends, so that it can be changed as it lies. */
  readonly lasting: boolean;
}

/**
 * Records into a transaction how a row becomes another where it still says what was read; else {@link StaleError} undoes the
 * transaction. It is compared by what it says and not by a number of its version, which would begin anew with a row that was deleted and
 * stored again.
 */
export function compareAndSet<R extends object>(batch: Batch, target: Class<R>): (replacement: Replacement<R>) => void {
  // Their keys and rows are checked where they are declared.
  const rows = batch.repository(target as Class<never>) as unknown as {
    insert(row: R, options: object): void;
    save(row: R, options: object): void;
    update(key: unknown, change: (row: R) => void): void;
    delete(key: unknown): void;
  };
  return ({ key, before, after, ttl, lasting }) => {
    const options = ttl === undefined ? {} : { fallbackTtl: ttl };
    if (before === undefined) {
      if (after !== undefined) rows.insert(after, options);
      return;
    }
    const check = (row: R) => {
      for (const name of Object.keys(before) as (keyof R)[]) if (row[name] !== before[name]) throw new StaleError();
    };
    if (after !== undefined && lasting && ttl === undefined)
      return rows.update(key, (row) => {
        check(row);
        Object.assign(row, after);
      });
    rows.update(key, check);
    if (after === undefined) rows.delete(key);
    else rows.save(after, options);
  };
}
