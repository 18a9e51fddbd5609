import type { DriverOptions, FallbackDriver } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { type DatastoreDriverOptions, datastoreDriver } from '../../../src/fallbacks/datastore/driver.js';
import { partitionOf } from '../../support/datastore/keys.js';
import type { DatastoreServer } from '../../support/datastore/server.js';
import type { Stored } from '../../support/datastore/store.js';
import { driverOptions } from '../typeorm/context.js';

const PROJECT = 'holdfast-test';
const NAMESPACE = 'ns';

/** The URL of a server, or of a proxy before one. */
export const urlOf = ({ port }: { readonly port: number }): string =>
  `datastore://${PROJECT}?namespace=${NAMESPACE}&endpoint=127.0.0.1:${port}`;

/** Runs `work` with a driver that is open on a server, and closes it. */
export async function withDatastore<T>(
  server: { readonly port: number },
  schemas: readonly Schema[],
  work: (driver: FallbackDriver) => Promise<T>,
  { keys, ...options }: Partial<DriverOptions> & Pick<DatastoreDriverOptions, 'keys'> = {},
): Promise<T> {
  const driver = datastoreDriver({ source: urlOf(server), name: 'archive', ...(keys === undefined ? {} : { keys }) });
  await driver.open(schemas, driverOptions(options));
  if ('forget' in server) (server as DatastoreServer).forget();
  try {
    return await work(driver);
  } finally {
    await driver.close();
  }
}

/** What really lies in a server, of one kind. */
export function entitiesOf({ service }: DatastoreServer, kind: string): Stored[] {
  return [...service.store.ofKind(partitionOf(PROJECT, '', NAMESPACE), kind, service.store.version)];
}

/** How many calls of each method came in. */
export function callsOf({ requests }: DatastoreServer): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const { method } of requests) calls[method] = (calls[method] ?? 0) + 1;
  return calls;
}
