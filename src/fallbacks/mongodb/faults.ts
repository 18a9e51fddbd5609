import { capitalized } from '../../core/error-text.js';
import { HoldfastError, ValidationError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import { scrubbed } from './source.js';

/** What was under way when an error came. */
export type Phase =
  /** Nothing that writes, or nothing of it was committed. */
  | 'harmless'
  /** A write that is made as soon as the server has it. */
  | 'committing'
  /** The commit of a transaction, which was sent at least once. */
  | 'committed';

/** Where a fault happened, as errors say it. */
export interface FaultPlace {
  /** `fallback 'mongodb' (127.0.0.1:27017/shop)` */
  readonly subject: string;
  readonly secrets: readonly string[];
  /** For how long a command that got no answer may still run, in milliseconds. */
  readonly statementTimeout: number;
  /** Whether the client sends a write again by itself where the connection broke. */
  readonly retriesWrites: boolean;
}

/** As much of an error of the client as is looked at: a program may have several copies of its classes. */
interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly beforeHandshake?: unknown;
  readonly keyPattern?: unknown;
  readonly writeErrors?: unknown;
  readonly errmsg?: unknown;
  readonly err?: object;
  hasErrorLabel?(label: string): boolean;
}

export const hasLabel = (error: unknown, label: string): boolean =>
  (error as ClientError | null)?.hasErrorLabel?.(label) === true;

/** The code of a server's answer. */
export const codeOf = (error: unknown): unknown => (error as ClientError | null)?.code;

const TOO_LARGE = [10334, 17419, 17420];
const DUPLICATE = 11000;

/** Whether a document of the same `_id` was there already, and of a bulk write nothing else was wrong. */
export function isTakenKey(error: unknown): boolean {
  if (codeOf(error) !== DUPLICATE) return false;
  const { writeErrors } = error as ClientError;
  const all = Array.isArray(writeErrors) && writeErrors.length > 0 ? (writeErrors as ClientError[]) : [error];
  return (all as ClientError[]).every((one) => {
    const { code, keyPattern, errmsg, message } = {
      ...(one as object),
      ...one.err,
      message: one.message,
    } as ClientError;
    if (code !== DUPLICATE) return false;
    return typeof keyPattern === 'object' && keyPattern !== null
      ? Object.keys(keyPattern).join() === '_id'
      : `${message} ${errmsg}`.includes('index: _id_ ');
  });
}

// The write was under way when the server stopped, was stopped, or ceased to be the primary.
const INTERRUPTED = [50, 89, 91, 189, 262, 11600, 11602];
const NAMES_OF_LOST = [
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'PoolClearedOnNetworkError',
  'MongoWriteConcernError',
];
const NAMES_OF_UNSENT = [
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
];

/** Whether the server was not reached, or did not answer. */
export const isOutage = (error: unknown): boolean => {
  const { name, code } = error as ClientError;
  return [...NAMES_OF_LOST, ...NAMES_OF_UNSENT].includes(String(name)) || INTERRUPTED.includes(code as number);
};

/** Whether the write may have been made all the same. */
function mayBeMade(error: ClientError, { retriesWrites }: FaultPlace): boolean {
  if (error.name === 'MongoOperationTimeoutError' && isUnsent(error)) return retriesWrites;
  if (NAMES_OF_UNSENT.includes(String(error.name))) return retriesWrites;
  if (error.beforeHandshake === true || isNoConnection(error)) return retriesWrites;
  return NAMES_OF_LOST.includes(String(error.name)) || INTERRUPTED.includes(error.code as number);
}

// Nothing was sent where there was no connection to send it on.
const isNoConnection = ({ cause }: ClientError): boolean =>
  ['connect', 'getaddrinfo', 'querySrv'].includes(
    String((cause as { readonly syscall?: unknown } | undefined)?.syscall),
  );

const isUnsent = ({ cause, message }: ClientError): boolean =>
  NAMES_OF_UNSENT.includes(String((cause as ClientError | undefined)?.name)) ||
  /server selection|connection checkout/i.test(String(message));

const REMEDIES: readonly (readonly [codes: readonly unknown[], said: string, remedy: string])[] = [
  [[18, 8000], 'refused the login', 'Check the user, the password and authSource.'],
  [[13], 'does not allow this user to do it', 'Grant what is missing.'],
  [[10107, 13435, 13436, 189, 11602], 'is not the primary any more', 'Try again later.'],
  [[50, 262], 'gave the command up, which took too long', 'Try again later.'],
  [[14031], 'has no space left', 'Free some.'],
];

/** The fault, or the refusal of a value, that an error of the client is; any other error itself. */
export function asFault(place: FaultPlace, error: unknown, phase: Phase, entity?: string): unknown {
  if (error instanceof HoldfastError || error instanceof StoreFault || !isClientError(error)) return error;
  const text = factOf(error, place);
  if (TOO_LARGE.includes(error.code as number) || isTooLargeToSend(error))
    return new ValidationError(
      `${entity ?? 'An entity'} is too large for ${place.subject}, which takes 16 MiB a document (${text}); nothing was written. Store less, or in several entities.`,
      { cause: error },
    );
  if (error.code === DUPLICATE)
    return new ValidationError(
      `${entity ?? 'An entity'} cannot be stored in ${place.subject}: another document has the same value in a unique index (${text}); nothing was written. Change the value.`,
      { cause: error },
    );
  if (error.code === 121)
    return new ValidationError(
      `${entity ?? 'An entity'} cannot be stored in ${place.subject}: the collection's validator refuses it (${text}); nothing was written. Change the value, or the validator.`,
      { cause: error },
    );
  const unknown =
    (phase === 'committing' && mayBeMade(error, place)) ||
    (phase === 'committed' && (hasLabel(error, 'UnknownTransactionCommitResult') || isOutage(error)));
  const unreached = NAMES_OF_UNSENT.includes(String(error.name)) || isNoConnection(error);
  const lost = !unreached && NAMES_OF_LOST.includes(String(error.name));
  const [, said, remedy] = REMEDIES.find(([codes]) => codes.includes(error.code)) ?? [
    [],
    lost ? 'gave no answer' : unreached ? 'cannot be reached' : 'refused',
    lost ? 'Try again later.' : unreached ? 'Check that it runs, and host and port.' : 'Try again later.',
  ];
  const { subject, statementTimeout } = place;
  return new StoreFault(
    `${capitalized(subject)} ${said} (${text}). ${unknown ? 'Whether the write was made is not known.' : remedy}`,
    unknown ? 'unknown' : 'none',
    { cause: shown(error, place), ...(unknown ? { unknownFor: statementTimeout } : {}) },
  );
}

const isClientError = (error: unknown): error is ClientError & Error =>
  error instanceof Object && /^(Mongo|PoolCleared|BSON)/.test(String((error as ClientError).name));

const isTooLargeToSend = ({ name, message }: ClientError): boolean =>
  /^Mongo(InvalidArgument|Runtime)?Error$/.test(String(name)) && /larger than the maximum size/.test(String(message));

// Node tells of several addresses of one host by an AggregateError without a message.
function factOf({ message, name }: ClientError, { secrets }: FaultPlace): string {
  const text = typeof message === 'string' && message !== '' ? message : String(name);
  return scrubbed(text.split('\n', 1)[0]!.replace(/\.$/, ''), secrets);
}

/** The error as a cause, unless its text has what must not be shown. */
function shown(error: Error, { secrets }: FaultPlace): unknown {
  return scrubbed(error.message, secrets) === error.message ? error : undefined;
}
