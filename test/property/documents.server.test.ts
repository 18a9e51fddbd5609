import { afterAll, beforeAll } from '@jest/globals';
import { type TestMongo, testMongo } from '../fallbacks/mongodb/databases.js';
import { type DatastoreHome, datastoreHome } from '../support/datastore/home.js';
import { namespace, redisUrl } from '../support/urls.js';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
let mongo: TestMongo;
let datastore: DatastoreHome;
beforeAll(async () => {
  mongo = await testMongo(true);
  datastore = await datastoreHome();
  const redis = { redis: redisUrl, namespace: `${namespace}:property-documents` };
  stores = await openStores([
    { name: 'in process' },
    { name: 'Redis before MongoDB', ...redis, home: mongo.freshUrl() },
    { name: 'Redis before Datastore', ...redis, home: datastore.url('property') },
  ]);
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await datastore.stop();
  await mongo.close();
});

propertyTests(import.meta.filename, () => stores, 1000);
