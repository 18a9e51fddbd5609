import { hearErrors, type RedisClient, watchConnection } from './client.js';
import { redisFault } from './fault.js';
import { Lane } from './lane.js';
import type { RedisLink, Watcher } from './link.js';

/** How many keys one step of a scan looks at. */
export const SCAN_COUNT = 1000;

/** One server, also the master that Sentinel names. */
export function singleLink(client: RedisClient, address: string, owned: boolean): RedisLink {
  const deafen = hearErrors(client);
  const keyPrefix = client.options.keyPrefix ?? '';
  const lane = new Lane({ client, address, owned, node: false });
  const watchers = new Set<Watcher>();
  let unwatch: (() => void) | undefined;
  return {
    address,
    cluster: false,
    keyPrefix,
    database: client.options.db ?? 0,
    run: (calls) => lane.send(calls),
    scan: (pattern) => scanServer(client, address, keyPrefix, pattern),
    place: () => '',
    places: async (probe) => new Map([['', (await lane.send([probe(0)]))[0]!.fault]]),
    watch(heard) {
      watchers.add(heard);
      unwatch ??= watchConnection(client, (there) => {
        for (const told of watchers) told('', there);
      });
      return () => void watchers.delete(heard);
    },
    async close() {
      unwatch?.();
      lane.close();
      if (!owned) deafen();
    },
  };
}

/** The keys of one server; ioredis puts a `keyPrefix` before the keys of commands, but not of a scan. @throws StoreFault */
export async function* scanServer(
  client: RedisClient,
  address: string,
  keyPrefix: string,
  pattern: string,
): AsyncIterable<readonly string[]> {
  let cursor = '0';
  do {
    let keys: readonly string[];
    try {
      [cursor, keys] = await client.scan(cursor, 'MATCH', globEscape(keyPrefix) + pattern, 'COUNT', SCAN_COUNT);
    } catch (error) {
      throw redisFault(address, error);
    }
    if (keys.length > 0) yield keys.map((key) => key.slice(keyPrefix.length));
  } while (cursor !== '0');
}

/** The glob pattern that matches exactly `text`. */
export function globEscape(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
