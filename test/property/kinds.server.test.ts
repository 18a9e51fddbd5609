import { afterAll, beforeAll } from '@jest/globals';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { propertyTests } from './property.js';
import { openStores, type Store } from './stores.js';

let stores: readonly Store[];
beforeAll(async () => {
  const redis = { redis: redisUrl, namespace: `${namespace}:property` };
  const cold = { redis: false } as const;
  stores = await openStores([
    { name: 'in process' },
    { name: 'in process before memory', home: 'memory:' },
    { name: 'Redis', ...redis },
    { name: 'Redis before SQLite', ...redis, home: 'sqlite:DIR/home' },
    { name: 'Redis before PostgreSQL', ...redis, home: postgresUrl },
    { name: 'Redis before MariaDB', ...redis, home: mysqlUrl },
    { name: 'SQLite', ...cold, home: 'sqlite:DIR/home' },
    { name: 'PostgreSQL', ...cold, home: postgresUrl },
    { name: 'MariaDB', ...cold, home: mysqlUrl },
  ]);
});
afterAll(() => Promise.all(stores.map((store) => store.close())));

propertyTests(import.meta.filename, () => stores, 10_000);
