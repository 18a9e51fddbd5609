import { setImmediate } from 'node:timers';

/**
 * How long to collect. `turn`: to the end of this turn of the event loop, so that what arrived on several sockets goes out
 * together; best for a store across a network, and a lone caller does not notice. `tick`: until no promise can go on; best for a
 * store in process, where a turn of the event loop (about 1 µs) costs more than it saves.
 */
export type BatchSpan = 'turn' | 'tick';

/**
 * Collects what is added and hands it to `flush` together, in order, at most `limit` at a time. `flush` must not throw.
 *
 * @returns what adds one item
 */
export function tickBatch<K>(
  flush: (items: K[]) => void,
  limit = Number.POSITIVE_INFINITY,
  span: BatchSpan = 'turn',
): (item: K) => void {
  let items: K[] = [];
  const end = () => {
    const all = items;
    items = [];
    if (all.length <= limit) flush(all);
    else for (let at = 0; at < all.length; at += limit) flush(all.slice(at, at + limit));
  };
  const tick = () => queueMicrotask(end);
  return (item) => {
    if (items.push(item) > 1) return;
    if (span === 'turn') setImmediate(end);
    else process.nextTick(tick);
  };
}
