import { MissingPackageError } from '../core/errors.js';

/** A package of the user's, loaded when something needs it. @throws MissingPackageError */
export async function loadPackage<T>(name: string, askedBy: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    // A package that is there may lack one of its own; that is another fault.
    if (missing && String(message).includes(`'${name}'`))
      throw new MissingPackageError(name, askedBy, { cause: error });
    throw error;
  }
}
