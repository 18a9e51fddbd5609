import { afterAll, beforeAll } from '@jest/globals';
import { type TestMongo, testMongo } from '../fallbacks/mongodb/databases.js';
import { type DatastoreHome, datastoreHome } from '../support/datastore/home.js';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
let mongo: TestMongo;
let datastore: DatastoreHome;
beforeAll(async () => {
  mongo = await testMongo(true);
  datastore = await datastoreHome();
  const redis = { redis: redisUrl, namespace: `${namespace}:property` };
  const cold = { redis: false } as const;
  stores = await openStores([
    { name: 'in process' },
    { name: 'in process before memory', home: 'memory:' },
    { name: 'Redis', ...redis },
    { name: 'Redis before SQLite', ...redis, home: 'sqlite:DIR/home' },
    { name: 'Redis before PostgreSQL', ...redis, home: postgresUrl },
    { name: 'Redis before MariaDB', ...redis, home: mysqlUrl },
    { name: 'Redis before MongoDB', ...redis, home: mongo.freshUrl() },
    { name: 'Redis before Datastore', ...redis, home: datastore.url('property') },
    { name: 'SQLite', ...cold, home: 'sqlite:DIR/home' },
    { name: 'PostgreSQL', ...cold, home: postgresUrl },
    { name: 'MariaDB', ...cold, home: mysqlUrl },
  ]);
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await datastore.stop();
  await mongo.close();
});

propertyTests(import.meta.filename, () => stores, 10_000);
