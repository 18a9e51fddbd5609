import { textOf } from './error-text.js';

/** What every error of Holdfast extends: a stable `code`, and the `cause` where another error is behind it. */
export abstract class HoldfastError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
  }
}

/** There is no entity under the key. */
export class EntityNotFoundError extends HoldfastError {
  readonly code = 'ENTITY_NOT_FOUND';
  constructor(
    readonly entity: string,
    readonly key: unknown,
    remedy = 'Use find() where that is expected, save() or insert() to make it.',
  ) {
    super(`${entity} ${showKey(key)} does not exist. ${remedy}`);
  }
}

/** There is an entity under the key already. */
export class EntityExistsError extends HoldfastError {
  readonly code = 'ENTITY_EXISTS';
  constructor(
    readonly entity: string,
    readonly key: unknown,
  ) {
    super(
      `${entity} ${showKey(key)} exists already; nothing was written. Use save() to replace it, update() to change it.`,
    );
  }
}

/** Somebody else wrote the entity since it was read. */
export class VersionConflictError extends HoldfastError {
  readonly code = 'VERSION_CONFLICT';
  constructor(
    readonly entity: string,
    readonly key: unknown,
    readonly expected: number,
  ) {
    super(
      expected === 0
        ? `${entity} ${showKey(key)} was saved as new, but exists; nothing was written. Find it, change what you found, save that.`
        : `${entity} ${showKey(key)} is no longer at version ${expected}; nothing was written. Find it again and repeat the change, or use update() with a function.`,
    );
  }
}

/** A key, value or option that cannot be right. Nothing was written. */
export class ValidationError extends HoldfastError {
  readonly code = 'VALIDATION';
}

/** One fault of a declaration: where, what, and what to write instead. */
export interface MetadataFault {
  /** Class, and property where it has one: `Person.age`. */
  readonly subject: string;
  readonly fact: string;
  readonly remedy: string;
}

/** Declarations that do not fit together; lists all faults at once. */
export class MetadataError extends HoldfastError {
  readonly code = 'METADATA';
  constructor(readonly faults: readonly MetadataFault[]) {
    super(
      `${faults.length === 1 ? 'A fault' : `${faults.length} faults`} in the declared entities:\n` +
        faults.map((f) => `  - ${f.subject}: ${f.fact} ${f.remedy}`).join('\n'),
    );
  }
}

/** An optional package is asked for, but not installed. */
export class MissingPackageError extends HoldfastError {
  readonly code = 'MISSING_PACKAGE';
  constructor(
    readonly packageName: string,
    readonly askedBy: string,
    options?: { cause?: unknown },
  ) {
    super(
      `${askedBy} needs the package '${packageName}', which is not installed. Install it: npm install ${packageName}`,
      options,
    );
  }
}

/** One tier's failure, as {@link StoreUnavailableError} lists it. */
export interface TierFailure {
  /** `redis`, or the name of the fallback. */
  readonly tier: string;
  /** Since when it fails, milliseconds since 1970. */
  readonly since: number;
  readonly cause: unknown;
}

/** Every tier that could have answered is down, slow or shut off by its breaker. It says nothing about whether an entity exists. */
export class StoreUnavailableError extends HoldfastError {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(
    readonly subject: string,
    readonly failures: readonly TierFailure[],
    /** When a try may succeed again, milliseconds since 1970; `undefined` where nothing is known. */
    readonly retryAt?: number,
    /** True where a write may still have been made, or may yet be. */
    readonly outcomeUnknown = false,
  ) {
    super(
      `${subject}: ${failures
        .map((f) => `${f.tier} has been unavailable since ${new Date(f.since).toISOString()} (${textOf(f.cause)})`)
        .join(
          '; ',
        )}. ${outcomeUnknown ? 'The write may or may not have been made: read before you repeat it.' : 'Try again later.'}`,
      { cause: failures.at(-1)?.cause },
    );
  }
}

/** A stored entry is not what the schema says. With a fallback, the entry was dropped and read anew instead. */
export class CorruptEntryError extends HoldfastError {
  readonly code = 'CORRUPT_ENTRY';
  constructor(
    readonly entity: string,
    readonly key: string,
    fact: string,
    options?: { cause?: unknown },
  ) {
    super(
      `The stored entry ${key} of ${entity} cannot be read: ${fact}. Save or delete the entity to replace it.`,
      options,
    );
  }
}

/** The holdfast was closed before the call. */
export class ClosedError extends HoldfastError {
  readonly code = 'CLOSED';
  constructor(subject = 'This holdfast', opener = 'Holdfast.open()') {
    super(`${subject} is closed. Open another with ${opener}.`);
  }
}

/** A key as errors show it: short, on one line, strings quoted. */
export function showKey(key: unknown): string {
  const text =
    typeof key === 'object' && key !== null && !(key instanceof Date)
      ? `{ ${Object.entries(key)
          .map(([name, part]) => `${name}: ${showKey(part)}`)
          .join(', ')} }`
      : typeof key === 'string'
        ? JSON.stringify(key)
        : key instanceof Date
          ? showDate(key)
          : typeof key === 'bigint'
            ? `${key}n`
            : String(key);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

const showDate = (date: Date) => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString());
