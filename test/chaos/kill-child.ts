// Run by kill.server.test.ts: makes one write of each kind, which all stop at a step, and says so on standard output; then it
// waits for its end.
import { openFallback } from '../../src/fallbacks/open-fallback.js';
import { connectRedis } from '../../src/hot/redis/connect.js';
import { redisHotStore } from '../../src/hot/redis/store.js';
import { startProxy } from '../support/tcp-proxy.js';
import { withoutTimeLimits } from './entities.js';
import { History } from './history.js';
import { NAMESPACE } from './namespace.js';
import { Process, WRITES, type Write } from './process.js';
import type { Step } from './steps.js';
import { locksWithinRepair } from './subject.js';

/** What the child is told, as JSON. */
export interface KillOrder {
  readonly redisPort: number;
  readonly database: string;
  /** Of what it writes: the kind of write is put before it. */
  readonly id: string;
  /** Left out: it goes on to the end. */
  readonly step?: Step;
  /** Whether it has lost Redis by then. */
  readonly cut?: boolean;
  /** Left out: of every kind. */
  readonly writes?: readonly Write[];
  /** How long a step on either tier may take, in milliseconds; left out: for ever, with locks as if it were not. */
  readonly timeout?: number;
}

async function main({ redisPort, database, id, step, cut, writes = WRITES, timeout }: KillOrder): Promise<void> {
  if (timeout === undefined) withoutTimeLimits();
  const proxy = await startProxy({ port: redisPort });
  const connection = await connectRedis(`redis://127.0.0.1:${proxy.port}`);
  const process = await Process.open(
    'A',
    new History(),
    {
      hot: redisHotStore({ connection, namespace: NAMESPACE }),
      driver: await openFallback('home', database),
    },
    {
      ...locksWithinRepair,
      ...(timeout !== undefined && { circuitBreaker: { timeout } }),
      synchronize: false,
    },
  );
  if (cut) proxy.cut();
  for (const write of writes) {
    const stop = step && process.steps.stop(`${write}${id}`, step);
    const acknowledged = process.write(write, `${write}${id}`, 300);
    await Promise.race([stop?.reached, acknowledged].filter((one) => one !== undefined));
  }
  console.log('standing');
  setInterval(() => {}, 60_000);
}

void main(JSON.parse(process.argv[2]!) as KillOrder);
