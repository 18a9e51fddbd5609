import { HoldfastError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room on the disk.',
  EDQUOT: 'Raise the disk quota.',
  EACCES: 'Give the process the right to read and write there.',
  EPERM: 'Give the process the right to read and write there, on a file system with hard links.',
  EROFS: 'Mount the file system for writing.',
  ENOENT: 'The directory was removed while it was open: open it again.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
  ENOTDIR: 'Give a directory.',
  EEXIST: 'Give a directory.',
};

/** Runs `call`; an error of the system becomes a fault of the store. @throws StoreFault with that outcome */
export async function fault<T>(
  action: string,
  path: string,
  outcome: 'none' | 'unknown',
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asFault(action, path, outcome, error);
  }
}

/** The error itself, or the fault that an error of the system is. */
export function asFault(action: string, path: string, outcome: 'none' | 'unknown', error: unknown): unknown {
  if (error instanceof StoreFault || error instanceof HoldfastError || !isSystemError(error)) return error;
  const remedy = REMEDIES[error.code] ?? 'See what the system says of that disk.';
  return new StoreFault(`Failed at ${action} ${path} (${error.code}: ${error.message}). ${remedy}`, outcome, {
    cause: error,
  });
}

// By what it has, not by its class: test runners give modules an Error of their own.
const isSystemError = (error: unknown): error is Error & { readonly code: string } =>
  typeof error === 'object' &&
  error !== null &&
  'syscall' in error &&
  'code' in error &&
  typeof error.code === 'string';
