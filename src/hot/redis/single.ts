import { hearTrouble, type RedisClient, watchConnection } from './client.js';
import { Lane } from './lane.js';
import type { RedisLink, Watcher } from './link.js';
import { ALLOW_OOM, luaScript } from './script.js';

/** How many keys one step of a scan looks at. */
export const SCAN_COUNT = 1000;

/** One server, also the master that Sentinel names. */
export function singleLink(client: RedisClient, address: string, owned: boolean): RedisLink {
  const trouble = hearTrouble(client);
  const keyPrefix = client.options.keyPrefix ?? '';
  const database = client.options.db ?? 0;
  const lane = new Lane({ client, address, owned, trouble, database, node: false });
  const watchers = new Set<Watcher>();
  let unwatch: (() => void) | undefined;
  return {
    address,
    cluster: false,
    keyPrefix,
    database,
    refusal: () => lane.refusal(),
    run: (calls) => lane.send(calls),
    scan: (pattern) => scanServer(lane, keyPrefix, pattern),
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
      if (!owned) trouble.end();
    },
  };
}

// As a script: in the database of the keys, as all other steps.
const scan = luaScript("return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])", ALLOW_OOM);

/** The keys of one server; ioredis puts a `keyPrefix` before the keys of commands, but not of a scan. @throws StoreFault */
export async function* scanServer(lane: Lane, keyPrefix: string, pattern: string): AsyncIterable<readonly string[]> {
  let cursor = '0';
  do {
    const args = [cursor, globEscape(keyPrefix) + pattern, String(SCAN_COUNT)];
    const [answer] = await lane.send([{ script: scan, keys: [], args }]);
    if (answer!.fault) throw answer!.fault;
    const [next, keys] = answer!.reply as [string, string[]];
    cursor = next;
    if (keys.length > 0) yield keys.map((key) => key.slice(keyPrefix.length));
  } while (cursor !== '0');
}

/** The glob pattern that matches exactly `text`. */
export function globEscape(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
