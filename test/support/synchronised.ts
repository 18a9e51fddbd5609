import type { Redis } from 'ioredis';
import { until } from './until.js';

// A try that has come to nothing by then is not waited for.
const TRY_AGAIN = 5000;

/**
 * Waits until the only replica of a master holds all that the master does, as both of them see it.
 * @throws Error with what they say of it
 */
export async function synchronised(replica: Redis, master: Redis): Promise<void> {
  const port = ((await master.config('GET', 'port')) as string[])[1]!;
  let begun = Date.now();
  await until('the replica holds all that its master does', async () => {
    const [here, there] = [await replica.info('replication'), await master.info('replication')];
    const linked = here.includes('master_link_status:up') && there.includes('state=online');
    const keys = [await replica.dbsize(), await master.dbsize()];
    if (linked && keys[0] === keys[1] && offsetOf(here, 'slave') === offsetOf(there, 'master')) return true;
    if (!linked && Date.now() - begun > TRY_AGAIN) {
      begun = Date.now();
      await replica.replicaof('NO', 'ONE');
      await replica.replicaof('127.0.0.1', port);
    }
    throw new Error(`${keys.join(' of ')} keys\n${here}\n${there}`);
  });
}

const offsetOf = (info: string, whose: 'slave' | 'master') => new RegExp(`${whose}_repl_offset:(\\d+)`).exec(info)?.[1];
