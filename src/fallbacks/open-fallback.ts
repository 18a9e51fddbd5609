import { ValidationError } from '../core/errors.js';
import type { FallbackDriver } from '../core/fallback-driver.js';

/** What each URL scheme loads; a driver's packages are loaded only with it. */
const schemes: Readonly<Record<string, (url: string, name: string) => Promise<FallbackDriver>>> = {
  memory: async (_, name) => (await import('./memory.js')).memoryDriver({ name }),
  file: async (url, name) => (await import('./file/driver.js')).fileDriver({ name, directory: directoryOf(url, name) }),
  sqlite: typeorm,
  postgresql: typeorm,
  postgres: typeorm,
  mysql: typeorm,
  mariadb: typeorm,
  mongodb,
  'mongodb+srv': mongodb,
  datastore,
};

async function mongodb(source: string | object, name: string): Promise<FallbackDriver> {
  const { mongodbDriver } = await import('./mongodb/driver.js');
  return mongodbDriver({ name, source: source as string });
}

async function typeorm(source: string | object, name: string): Promise<FallbackDriver> {
  const { typeormDriver } = await import('./typeorm/driver.js');
  return typeormDriver({ name, source: source as string });
}

async function datastore(source: string | object, name: string): Promise<FallbackDriver> {
  const { datastoreDriver } = await import('./datastore/driver.js');
  return datastoreDriver({ name, source: source as string });
}

/** The driver of a fallback option: a URL, a TypeORM DataSource, a Datastore, a `Db` of MongoDB, or a driver. @throws ValidationError, MissingPackageError */
export async function openFallback(name: string, option: unknown): Promise<FallbackDriver> {
  if (typeof option === 'string') {
    const scheme = /^([a-z+]+):/.exec(option)?.[1];
    const open = scheme === undefined || !Object.hasOwn(schemes, scheme) ? undefined : schemes[scheme];
    if (open) return open(option, name);
    throw unknownFallback(name, scheme ? `the scheme '${scheme}:' is not known.` : 'it is no URL.');
  }
  if (typeof option === 'object' && option !== null) {
    if ('capabilities' in option && 'write' in option) return option as FallbackDriver;
    if ('query' in option && 'options' in option) return typeorm(option, name);
    if ('databaseName' in option && 'collection' in option) return mongodb(option, name);
    if ('runQuery' in option && 'options' in option) return datastore(option, name);
  }
  throw unknownFallback(name, 'it is neither a URL nor a DataSource nor a Datastore nor a Db nor a driver.');
}

function unknownFallback(name: string, fact: string): ValidationError {
  const known = Object.keys(schemes).map((scheme) => `${scheme}:`);
  return new ValidationError(
    `The option fallbacks.${name} of open() cannot be used: ${fact} Give a URL (${known.join(', ')}), a TypeORM DataSource, a Datastore, a Db of MongoDB, or a FallbackDriver.`,
  );
}

/** `file:DIR`, `file:///DIR` */
function directoryOf(url: string, name: string): string {
  const directory = url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url.slice('file:'.length);
  if (directory === '' || directory === '/') throw unknownFallback(name, 'it names no directory of its own.');
  return directory;
}
