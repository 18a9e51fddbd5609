import { afterAll, beforeAll } from '@jest/globals';
import { type DatastoreHome, datastoreHome } from '../support/datastore/home.js';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
let datastore: DatastoreHome;
beforeAll(async () => {
  datastore = await datastoreHome();
  stores = await openStores([
    { name: 'in process' },
    { name: 'in process before memory', home: 'memory:' },
    { name: 'in process before memory, with a cache', home: 'memory:', cached: true },
    { name: 'in process before SQLite', home: 'sqlite:DIR/home' },
    { name: 'memory', redis: false, home: 'memory:' },
    { name: 'files', redis: false, home: 'file:DIR' },
    { name: 'SQLite', redis: false, home: 'sqlite:DIR/home' },
    { name: 'Datastore', redis: false, home: datastore.url('property-cold') },
    { name: 'in process before Datastore', home: datastore.url('property-hot') },
  ]);
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await datastore.stop();
});

propertyTests(import.meta.filename, () => stores, 2000);
