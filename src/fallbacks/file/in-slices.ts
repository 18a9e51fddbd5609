/** Calls `call` for all items, so many at a time, and waits for all even where one fails. */
export async function inSlices<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
  size = 32,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    const settled = await Promise.allSettled(items.slice(at, at + size).map(call));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      results.push(one.value);
    }
  }
  return results;
}
