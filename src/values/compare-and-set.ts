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

/** What a batch has for rows whose keys are checked where they are declared. */
interface RowRecorder<R> {
  insert(row: R, options: object): void;
  save(row: R, options: object): void;
  update(key: unknown, change: (row: R) => void): void;
  delete(key: unknown): void;
}

/**
 * Records into a transaction how a row becomes another where it still says what was read; else {@link StaleError} undoes the
 * transaction. It is compared by what it says and not by a number of its version, which would begin anew with a row that was deleted and
 * stored again.
 */
export function compareAndSet<R extends object>(
  rows: RowRecorder<R>,
  { key, before, after, ttl, lasting }: Replacement<R>,
): void {
  const options = ttl === undefined ? {} : { fallbackTtl: ttl };
  if (before === undefined) {
    if (after !== undefined) rows.insert(after, options);
    return;
  }
  const check = (row: R) => {
    for (const name of Object.keys(before) as (keyof R)[]) if (row[name] !== before[name]) throw new StaleError();
  };
  if (after !== undefined && lasting && ttl === undefined) {
    rows.update(key, (row) => {
      check(row);
      Object.assign(row, after);
    });
    return;
  }
  rows.update(key, check);
  if (after === undefined) rows.delete(key);
  else rows.save(after, options);
}
