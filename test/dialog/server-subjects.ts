import { randomUUID } from 'node:crypto';
import type { ContextStoreOptions } from 'holdfast/dialog';
import { Redis } from 'ioredis';
import {
  mariadbDatabases,
  postgresDatabases,
  sqliteDatabases,
  type TestDatabases,
} from '../fallbacks/typeorm/databases.js';
import { type RedisServer, startRedis } from '../support/redis-process.js';
import { mysqlUrl, postgresUrl } from '../support/urls.js';
import { inFolder, type StorePlace, type StoreSubject } from './store-subject.js';

// Of its own: what is counted by going through all keys is not to go through those of others.
let server: Promise<RedisServer> | undefined;

export const stopRedis = async (): Promise<void> => void (await (await server)?.stop());

/** What is given to stores on Redis, and what takes their keys away. */
async function ownKeys() {
  server ??= startRedis();
  const { url } = await server;
  const own = randomUUID();
  const left = async () => {
    const redis = new Redis(url);
    try {
      return await redis.keys(`${own}:*`);
    } finally {
      redis.disconnect();
    }
  };
  return { url, options: { namespace: own } satisfies ContextStoreOptions, left };
}

function onDatabase(databases: () => TestDatabases, redis: boolean): () => Promise<StorePlace> {
  return async () => {
    const made = databases();
    const { url } = await made.fresh();
    const remove = () => made.dropAll();
    if (!redis) return { url, options: {}, remove };
    const keys = await ownKeys();
    return { url, options: { ...keys.options, redis: keys.url }, left: keys.left, remove };
  };
}

async function jsonBehindRedis(): Promise<StorePlace> {
  const keys = await ownKeys();
  const file = await inFolder((folder) => `json:${folder}/contexts.json`);
  return { ...file, options: { ...keys.options, redis: keys.url }, left: keys.left };
}

const onServer = (name: string, place: StoreSubject['place']): StoreSubject => ({
  name,
  lasting: true,
  named: true,
  place,
});

const databases = {
  PostgreSQL: () => postgresDatabases(postgresUrl),
  MariaDB: () => mariadbDatabases(mysqlUrl),
  SQLite: sqliteDatabases,
} as const;

/** Stores on servers. */
export const SERVERS: readonly StoreSubject[] = [
  onServer('Redis', async () => ({ ...(await ownKeys()), remove: async () => {} })),
  onServer('PostgreSQL', onDatabase(databases.PostgreSQL, false)),
  onServer('MariaDB', onDatabase(databases.MariaDB, false)),
  onServer('Redis with PostgreSQL', onDatabase(databases.PostgreSQL, true)),
  onServer('Redis with MariaDB', onDatabase(databases.MariaDB, true)),
  onServer('Redis with SQLite', onDatabase(databases.SQLite, true)),
  { ...onServer('Redis with one JSON file', jsonBehindRedis), named: false },
];
