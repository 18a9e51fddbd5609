import { afterAll, beforeAll } from '@jest/globals';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
beforeAll(async () => {
  stores = await openStores([
    { name: 'in process' },
    { name: 'in process before memory', home: 'memory:' },
    { name: 'in process before memory, with a cache', home: 'memory:', cached: true },
    { name: 'in process before SQLite', home: 'sqlite:DIR/home' },
    { name: 'memory', redis: false, home: 'memory:' },
    { name: 'files', redis: false, home: 'file:DIR' },
    { name: 'SQLite', redis: false, home: 'sqlite:DIR/home' },
  ]);
});
afterAll(() => Promise.all(stores.map((store) => store.close())));

propertyTests(import.meta.filename, () => stores, 2000);
