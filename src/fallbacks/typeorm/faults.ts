import { capitalized } from '../../core/error-text.js';
import { ValidationError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Dialect } from './dialect.js';

/** What was under way when an error came. */
export type Phase =
  /** Nothing was sent, or nothing that writes, or nothing of it was committed. */
  | 'harmless'
  /** A statement that commits. */
  | 'committing';

/** Where a fault happened, as errors say it. */
export interface FaultPlace {
  /** `fallback 'postgres' (127.0.0.1:5432/test)` */
  readonly subject: string;
  readonly dialect: Dialect;
  /** For how long a statement that got no answer may still run, in milliseconds. */
  readonly statementTimeout: number;
}

/** The error of the driver package behind one of TypeORM's. */
export function driverError(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error;
}

function fact(error: unknown): string {
  // Node tells of several addresses of one host by an AggregateError without a message.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { message, code } = (first ?? {}) as { message?: unknown; code?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? first);
  return text.split('\n', 1)[0]!.replace(/\.$/, '');
}

const REMEDIES: readonly (readonly [codes: readonly unknown[], said: string, remedy: string])[] = [
  [
    ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'ER_DBACCESS_DENIED_ERROR'],
    'refused the login',
    'Check the user and the password.',
  ],
  [['3D000', 'ER_BAD_DB_ERROR'], 'has no such database', 'Create it, or check its name.'],
  [
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'],
    'cannot be reached',
    'Check that it runs, and host and port.',
  ],
  [
    ['53300', 'ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'],
    'has no connection left',
    'Allow it more, or use fewer (poolSize).',
  ],
  [['53100', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL', 'SQLITE_FULL'], 'has no space left', 'Free some.'],
  [
    [
      '25006',
      'ER_OPTION_PREVENTS_STATEMENT',
      'ER_READ_ONLY_MODE',
      'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
      'SQLITE_READONLY',
      'SQLITE_READONLY_DIRECTORY',
      'SQLITE_READONLY_DBMOVED',
    ],
    'is read-only',
    'Connect to one that can be written to.',
  ],
  [
    ['57014', 'ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT', 1969, 3024],
    'gave the statement up, which took too long',
    'Try again later.',
  ],
  [['55P03', 'ER_LOCK_WAIT_TIMEOUT'], 'waited too long for a lock of others', 'Try again later.'],
  [['42P01', 'ER_NO_SUCH_TABLE'], 'lacks a table', 'Run the migrations, or open with synchronize: true.'],
  [
    ['42501', 'ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR'],
    'does not allow this user to do it',
    'Grant what is missing.',
  ],
  [
    ['SQLITE_CANTOPEN', 'EACCES', 'EISDIR', 'ENOTDIR', 'EROFS'],
    'cannot be opened',
    'Check the path and its permissions.',
  ],
  [['SQLITE_NOTADB', 'SQLITE_CORRUPT'], 'is not a sound SQLite database', 'Restore it, or give another path.'],
];

/** A store's fault: subject, fact, remedy. */
export function storeFault(place: FaultPlace, error: unknown, phase: Phase, settled?: Promise<unknown>): StoreFault {
  const cause = driverError(error);
  const first = (cause instanceof AggregateError ? cause.errors[0] : cause) as {
    code?: unknown;
    errno?: unknown;
  } | null;
  const lost = place.dialect.verdict(cause) === 'lost';
  // SQLite has no code for it.
  const code = /^no such table: /.test(fact(cause)) ? 'ER_NO_SUCH_TABLE' : first?.code;
  const [, said, remedy] = REMEDIES.find(([codes]) => codes.includes(code) || codes.includes(first?.errno)) ?? [
    [],
    lost ? 'gave no answer' : 'refused',
    'Try again later.',
  ];
  const unknown = phase === 'committing' && lost;
  return new StoreFault(
    `${capitalized(place.subject)} ${said} (${fact(cause)}). ${unknown ? 'Whether the write was made is not known.' : remedy}`,
    unknown ? 'unknown' : 'none',
    { cause, ...(unknown ? { unknownFor: place.statementTimeout } : {}), ...(settled ? { settled } : {}) },
  );
}

/** A value that the database refused. */
export function valueFault(place: FaultPlace, error: unknown, entity: string): ValidationError {
  const cause = driverError(error);
  const { column } = (cause ?? {}) as { column?: unknown };
  const where = typeof column === 'string' ? `${entity} (column ${column})` : entity;
  return new ValidationError(
    `${where} cannot be stored in ${place.subject}: ${fact(cause)}; nothing was written. Change the value, or its column.`,
    { cause },
  );
}

/** A value that another row has already. */
export function uniqueFault(place: FaultPlace, error: unknown, entity: string): ValidationError {
  const cause = driverError(error);
  return new ValidationError(
    `${entity} cannot be stored in ${place.subject}: another row has the same value in a unique index (${fact(cause)}); nothing was written. Change the value.`,
    { cause },
  );
}
