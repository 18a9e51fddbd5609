import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `check` is true, or gives a value that is not undefined or false. A `check` that throws is asked again.
 * @throws Error after `limit` milliseconds, 30 s by default; it says what was waited for and what the last try said.
 */
export async function until<T>(
  what: string,
  check: () => T | false | undefined | Promise<T | false | undefined>,
  limit = 30_000,
): Promise<T> {
  const end = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not after ${limit} ms; the last try gave ${String(last)}`, { cause: last });
    await sleep(20);
  }
}
