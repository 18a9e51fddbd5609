import { capitalized } from '../../core/error-text.js';
import { ValidationError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';

/** The codes of gRPC that something is made of here. */
export const CODES = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** What a call was about. */
export type Phase =
  | 'reading'
  | 'committing'
  /** Writing what nobody depends on: nothing is open where it is not known whether it was made. */
  | 'aside';

/** The service gave up a transaction, or a change to one entity, because of another; it may be tried again. */
export class Contention extends Error {}

/** What is there already, or is not there, so that an insert or an update was not made. */
export class Mismatch extends Error {}

const REMEDIES: readonly (readonly [code: number, said: string, remedy: string])[] = [
  [CODES.UNAUTHENTICATED, 'refused the credentials', 'Check the key file, or the credentials of the environment.'],
  [CODES.PERMISSION_DENIED, 'does not allow this account to do it', 'Grant it the role Cloud Datastore User.'],
  [CODES.RESOURCE_EXHAUSTED, 'has no quota left', 'Raise the quota, or try again later.'],
  [CODES.NOT_FOUND, 'has no such project or database', 'Create it, or check its name.'],
  [CODES.FAILED_PRECONDITION, 'refused', 'Check that the database is in Datastore mode.'],
];

// No call of these was ever sent.
const UNSENT =
  /Getting metadata from plugin failed|No connection established|Name resolution failed|Waiting for LB pick|Could not load the default credentials/;
// What these leave open is whether the service has done it.
const OPEN: readonly number[] = [
  CODES.CANCELLED,
  CODES.UNKNOWN,
  CODES.DEADLINE_EXCEEDED,
  CODES.INTERNAL,
  CODES.UNAVAILABLE,
];

/** The code of an error of the client; `undefined` where it is of something else. */
export const codeOf = (error: unknown): number | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
};

// What stands in such a place may be a token, or a signed request for one.
const SECRETS = /(Bearer\s+|assertion=|access_token"?[:=]\s*"?|private_key"?[:=]\s*"?)[^\s"&]+/gi;

function textOf(error: unknown): string {
  const { details, message } = (error ?? {}) as { details?: unknown; message?: unknown };
  const text =
    typeof details === 'string' && details !== '' ? details : typeof message === 'string' ? message : String(error);
  return text.split('\n', 1)[0]!.replaceAll(SECRETS, '$1…').replace(/\.$/, '').slice(0, 500);
}

/** What the client threw, without what it carries along: requests, headers, keys. */
function causeOf(error: unknown): Error {
  const cause = new Error(textOf(error));
  return Object.assign(cause, { code: codeOf(error) });
}

export interface FaultPlace {
  /** `fallback 'archive' (project shop, 127.0.0.1:8081)` */
  readonly subject: string;
  /** For how long a call that got no answer may still go on, in milliseconds. */
  readonly timeout: number;
}

/** Whether a call may be made again at once, since nothing came of it that matters. */
export const isPassing = (error: unknown): boolean => codeOf(error) === CODES.UNAVAILABLE;

/** What an error of the client means. */
export function faultOf({ subject, timeout }: FaultPlace, error: unknown, phase: Phase): Error {
  const code = codeOf(error);
  const text = textOf(error);
  const cause = causeOf(error);
  if (code === CODES.ABORTED) return new Contention(text, { cause });
  if (phase === 'committing' && (code === CODES.ALREADY_EXISTS || (code === CODES.NOT_FOUND && /entit/i.test(text))))
    return new Mismatch(text, { cause });
  if (phase === 'committing' && code === CODES.INVALID_ARGUMENT && !/transaction/i.test(text))
    return new ValidationError(
      `${capitalized(subject)} refused what was to be written (${text}); nothing was written. Change it.`,
      { cause },
    );
  const unsent = UNSENT.test(text) || UNSENT.test(String((error as { message?: unknown } | null)?.message));
  const unknown = phase === 'committing' && !unsent && (code === undefined || OPEN.includes(code));
  const lost = unsent || code === undefined || OPEN.includes(code);
  const [, said, remedy] = REMEDIES.find(([one]) => one === code) ?? [
    0,
    unsent
      ? 'cannot be reached'
      : code === CODES.DEADLINE_EXCEEDED
        ? 'gave no answer in time'
        : lost
          ? 'gave no answer'
          : 'refused',
    'Try again later.',
  ];
  return new StoreFault(
    `${capitalized(subject)} ${said} (${text}). ${unknown ? 'Whether the write was made is not known.' : remedy}`,
    unknown ? 'unknown' : 'none',
    { cause, ...(unknown ? { unknownFor: timeout } : {}) },
  );
}
