import { randomBytes } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import type { DriverOptions, FallbackDriver } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { type MongodbDriverOptions, mongodbDriver } from '../../../src/fallbacks/mongodb/driver.js';
import type { FallbackContext } from '../../../src/testing/fallback-conformance.js';
import { type MongoServer, mongoServer } from '../../support/mongo-server.js';
import { driverOptions } from '../typeorm/context.js';

/** Databases of their own, on the test server or, where `MONGODB_URL` is set, on that one. */
export interface TestMongo {
  /** Of an empty database. */
  freshUrl(): string;
  /** The test server; `undefined` where it is a real one. */
  readonly server: MongoServer | undefined;
  /** @throws Error where the test server was asked for what it does not know */
  close(): Promise<void>;
}

/** @param replicaSet whether there are transactions; of a real server it is what it is */
export async function testMongo(replicaSet: boolean): Promise<TestMongo> {
  const real = process.env.MONGODB_URL;
  const server = real === undefined ? await mongoServer({ replicaSet }) : undefined;
  const made: string[] = [];
  return {
    server,
    freshUrl() {
      const url = new URL(real ?? server!.url);
      url.pathname = `/holdfast_${randomBytes(6).toString('hex')}`;
      made.push(url.href);
      return url.href;
    },
    async close() {
      if (server) {
        await server.stop();
        if (server.unknown.length > 0) throw new Error(`the test server was asked for: ${server.unknown.join('; ')}`);
        return;
      }
      const client = new MongoClient(real!);
      for (const url of made) await client.db(new URL(url).pathname.slice(1)).dropDatabase();
      await client.close();
    },
  };
}

/** Conformance: each `open` has an empty database of its own. */
export function conformanceContext(mongo: TestMongo, more: Omit<MongodbDriverOptions, 'source'> = {}): FallbackContext {
  let source: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = mongodbDriver({ source, ...more });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    async open(schemas, options) {
      source = mongo.freshUrl();
      return start(schemas, options);
    },
    reopen: start,
  };
}

/** A database of each test's own, looked into beside the drivers that are opened on it. */
export function lookedInto() {
  const drivers: FallbackDriver[] = [];
  const opened = {} as { mongo: TestMongo; db: Db };
  let client: MongoClient;
  let url: string;
  return {
    get mongo() {
      return opened.mongo;
    },
    get db() {
      return opened.db;
    },
    async start() {
      opened.mongo = await testMongo(true);
      url = opened.mongo.freshUrl();
      client = new MongoClient(url);
      opened.db = client.db();
    },
    async stop() {
      for (const driver of drivers.splice(0)) await driver.close();
      await client.close();
      await opened.mongo.close();
    },
    async open(
      schemas: readonly Schema[],
      { keys, ...more }: Partial<DriverOptions> & Pick<MongodbDriverOptions, 'keys'> = {},
    ): Promise<FallbackDriver> {
      const driver = mongodbDriver({ source: url, ...(keys && { keys }) });
      drivers.push(driver);
      await driver.open(schemas, driverOptions(more));
      return driver;
    },
  };
}

/** As tests ask for databases of any kind. */
export function mongoDatabases(replicaSet: boolean) {
  let mongo: Promise<TestMongo> | undefined;
  return {
    async fresh() {
      mongo ??= testMongo(replicaSet);
      return { url: (await mongo).freshUrl() };
    },
    async dropAll() {
      const open = mongo;
      mongo = undefined;
      await (await open)?.close();
    },
  };
}
