import { MissingPackageError } from '../core/errors.js';

/** An import of one of our names, and the packages of the user's that it cannot do without. */
export interface PeerImport {
  readonly path: string;
  readonly peers: readonly string[];
}

export const NESTJS: PeerImport = { path: 'holdfast/nestjs', peers: ['@nestjs/common', '@nestjs/core'] };
export const TSYRINGE: PeerImport = { path: 'holdfast/tsyringe', peers: ['tsyringe'] };

/** What importing threw, as a `MissingPackageError` where it says that a peer is not installed; else as it is. */
export function missingPeer({ path, peers }: PeerImport, error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return error;
  const missing = peers.find((name) => String(message).includes(`'${name}'`));
  // A peer that is there may lack a package of its own; that is another fault.
  return missing === undefined ? error : new MissingPackageError(missing, `The import of '${path}'`, { cause: error });
}
