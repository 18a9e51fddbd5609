import { randomBytes } from 'node:crypto';
import { type DatastoreDriverOptions, datastoreDriver } from '../../../src/fallbacks/datastore/driver.js';
import type { FallbackContext } from '../../../src/testing/fallback-conformance.js';

/** A namespace that nobody else has. */
export const freshNamespace = (): string => `test-${randomBytes(6).toString('hex')}`;

/** A namespace of its own for each store. */
export function datastoreContext(
  url: (namespace: string) => string,
  more: Omit<DatastoreDriverOptions, 'source'> = {},
): FallbackContext {
  let namespace: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = datastoreDriver({ source: url(namespace), ...more });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    open(schemas, options) {
      namespace = freshNamespace();
      return start(schemas, options);
    },
    reopen: start,
  };
}
