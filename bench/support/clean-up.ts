import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** Drops tables, or collections, of a database that lives on: nothing to do for one in memory or in a temporary file. */
export async function dropTables(url: string, tables: readonly string[]): Promise<void> {
  if (/^mongodb(\+srv)?:/.test(url)) return dropCollections(url, tables);
  const options = dataSourceOptions(url);
  if (!options) return;
  const source = await new DataSource(options).initialize();
  try {
    for (const table of tables) await source.query(`DROP TABLE IF EXISTS ${table}`);
  } finally {
    await source.destroy();
  }
}

async function dropCollections(url: string, names: readonly string[]): Promise<void> {
  const client = new MongoClient(url);
  try {
    for (const name of names) await client.db().dropCollection(name);
  } finally {
    await client.close();
  }
}

/** Deletes all entities of some kinds of Datastore. */
export async function dropKinds(url: string, kinds: readonly string[]): Promise<void> {
  const { hostname, searchParams } = new URL(url);
  const option = (name: string) => searchParams.get(name) ?? undefined;
  const { Datastore } = await import('@google-cloud/datastore');
  const all = {
    projectId: hostname,
    namespace: option('namespace'),
    databaseId: option('databaseId'),
    apiEndpoint: option('endpoint'),
    keyFilename: option('keyFile'),
  };
  // An emulator needs no credentials: nobody has to go and look for some.
  if (all.apiEndpoint !== undefined) process.env.METADATA_SERVER_DETECTION ??= 'none';
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  const datastore = new Datastore(Object.fromEntries(given));
  for (const kind of kinds)
    for (;;) {
      const [entities] = await datastore
        .createQuery(option('namespace') ?? '', kind)
        .select('__key__')
        .limit(500)
        .run();
      if (entities.length === 0) break;
      await datastore.delete(entities.map((entity: Record<symbol, unknown>) => entity[datastore.KEY]));
    }
}

/** Deletes every key of a namespace. */
export async function dropKeys(url: string, namespace: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    for await (const keys of redis.scanStream({ match: `${namespace}:*`, count: 1000 }))
      if (keys.length > 0) await redis.unlink(...(keys as string[]));
  } finally {
    redis.disconnect();
  }
}

function dataSourceOptions(url: string): DataSourceOptions | undefined {
  const [, scheme, rest = ''] = /^([a-z]+):(.*)$/.exec(url) ?? [];
  if (scheme === 'postgresql' || scheme === 'postgres') return { type: 'postgres', url, installExtensions: false };
  if (scheme === 'mysql' || scheme === 'mariadb') return { type: scheme, url };
  const file = rest.replace(/\?.*/s, '').replace(/^\/\/(?!\/)/, '');
  return scheme === 'sqlite' && file !== '' && file !== ':memory:'
    ? { type: 'better-sqlite3', database: file }
    : undefined;
}
