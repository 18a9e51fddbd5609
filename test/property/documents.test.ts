import { afterAll, beforeAll } from '@jest/globals';
import { type TestMongo, testMongo } from '../fallbacks/mongodb/databases.js';
import { type DatastoreHome, datastoreHome } from '../support/datastore/home.js';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
let mongo: readonly TestMongo[];
let datastore: DatastoreHome;
beforeAll(async () => {
  mongo = await Promise.all([testMongo(true), testMongo(false)]);
  const [replicaSet, alone] = mongo.map((server) => server.freshUrl());
  datastore = await datastoreHome();
  stores = await openStores([
    { name: 'in process' },
    { name: 'in process before MongoDB', home: replicaSet! },
    { name: 'MongoDB', redis: false, home: replicaSet! },
    { name: 'MongoDB without transactions', redis: false, home: alone! },
    { name: 'in process before MongoDB without transactions', home: alone! },
    { name: 'Datastore', redis: false, home: datastore.url('property-cold') },
    { name: 'in process before Datastore', home: datastore.url('property-hot') },
  ]);
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await datastore.stop();
  for (const server of mongo) await server.close();
});

propertyTests(import.meta.filename, () => stores, 1000);
