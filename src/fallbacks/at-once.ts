/** Calls `call` for all items, so many at once, and waits for all that were begun even where one fails: then no more are. */
export async function atOnce<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
  limit = 32,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      try {
        results[at] = await call(items[at]!);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return results;
}
