import { StoreFault } from '../../core/fallback-driver.js';

// What Redis says where it did not run a command at all.
const REFUSALS = new Set(
  'READONLY NOREPLICAS MISCONF OOM LOADING MASTERDOWN CLUSTERDOWN TRYAGAIN ASK MOVED CROSSSLOT BUSY NOSCRIPT NOAUTH NOPERM WRONGPASS DENIED'.split(
    ' ',
  ),
);

/** The first word of what Redis answered: `READONLY`, `ERR` …; `undefined` where the error is no answer. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'ReplyError' ? /^[A-Z]+/.exec(error.message)?.[0] : undefined;
}

// What Redis says that will be otherwise when it is well again.
const PASSING = new Set('READONLY NOREPLICAS MISCONF OOM LOADING MASTERDOWN CLUSTERDOWN TRYAGAIN BUSY'.split(' '));

/** Whether a fault of opening is that of a Redis which may be there later, and not its refusal of what it is needed for. */
export function isAway(error: unknown): error is StoreFault {
  if (!(error instanceof StoreFault)) return false;
  const code = replyCode(error.cause);
  return code === undefined || PASSING.has(code);
}

/** The fault that `error` is for a store: `address` says whose. */
export function redisFault(address: string, error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const code = replyCode(error);
  const unsent = error instanceof Error && TOLD[0]![0].test(error.message);
  return new StoreFault(
    `Redis at ${address}: ${errorText(error)}`,
    unsent || (code !== undefined && REFUSALS.has(code)) ? 'none' : 'unknown',
    { cause: withoutCommand(error) },
  );
}

/** A fault of a command that was not sent. */
export function notSent(address: string, fact: string, cause?: unknown): StoreFault {
  return new StoreFault(`Redis at ${address}: ${fact}`, 'none', { cause: withoutCommand(cause) });
}

/** A fault of what waits for a connection. */
export function notConnected(address: string, status: string, cause: unknown): StoreFault {
  return notSent(address, `not connected (${status})${cause === undefined ? '' : `: ${errorText(cause)}`}.`, cause);
}

// What ioredis says where it was told not to wait, and not to try again.
const TOLD: readonly (readonly [RegExp, string])[] = [
  [/isn't (writeable|ready) and enableOfflineQueue/, 'not connected'],
  [/^Reached the max retries per request limit/, 'the connection was closed before it answered'],
];

/** What an error says; of several, such as one for each address of a host, what the first says. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const told = TOLD.find(([what]) => what.test(error.message));
  return told?.[1] ?? (error.message || (error as NodeJS.ErrnoException).code || error.name).replace(/\.$/, '');
}

// ioredis puts the command with its arguments into an error: a password, or the values of an entity.
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const clean = Object.assign(new Error(errorText(error)), code === undefined ? {} : { code });
  clean.name = error.name;
  if (error.stack !== undefined) clean.stack = error.stack;
  return clean;
}
