import { HoldfastError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { ClusterClient, RedisClient } from './client.js';
import { errorText, redisFault, replyCode } from './fault.js';
import { inTime } from './in-time.js';
import { permissionsFor } from './permissions.js';

/** What {@link untilReady} waits for. */
export interface Readiness {
  readonly client: RedisClient | ClusterClient;
  readonly address: string;
  /** The first error decides; without it, a client that goes on trying may come to be ready. */
  readonly impatient: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  /** What is to be found out once it is connected. */
  check(): Promise<void>;
}

/** Waits until a client is connected and checked. @throws StoreFault, or the HoldfastError of the check */
export async function untilReady({ client, address, impatient, timeout, check }: Readiness): Promise<void> {
  let cause: unknown;
  const tidy: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const on = (event: string, listener: (error?: unknown) => void) => {
        client.on(event, listener);
        tidy.push(() => client.off(event, listener));
      };
      on('error', (error) => {
        cause = (error as { lastNodeError?: unknown } | undefined)?.lastNodeError ?? error;
        if (impatient) reject(cause);
      });
      on('end', () => reject(cause ?? new Error('the connection was closed')));
      const timer = setTimeout(() => reject(cause ?? new Error(`no answer within ${timeout} ms`)), timeout);
      tidy.push(() => clearTimeout(timer));
      const { status } = client;
      if (status === 'ready') resolve();
      else if (status === 'wait' || status === 'end') client.connect().then(resolve, (error) => reject(cause ?? error));
      else on('ready', () => resolve());
    });
    await inTime(check(), timeout);
  } catch (error) {
    throw error instanceof HoldfastError ? error : couldNotOpen(address, error);
  } finally {
    for (const step of tidy) step();
  }
}

function couldNotOpen(address: string, error: unknown): StoreFault {
  const code = replyCode(error);
  const text = errorText(error);
  const remedy =
    code === 'NOAUTH' || code === 'WRONGPASS'
      ? 'Give the right user and password'
      : code === 'NOPERM'
        ? `Give its user the rights ${permissionsFor([])}`
        : /^Protocol error/.test(text)
          ? 'Give rediss: where it speaks TLS, and redis: where it does not'
          : code === undefined
            ? 'Start it'
            : 'See to that';
  return new StoreFault(
    `Redis at ${address} could not be opened: ${text}. ${remedy}, or correct the option 'redis'.`,
    'none',
    {
      cause: redisFault(address, error).cause,
    },
  );
}
