import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { type Combination, onStores } from './collection-stores.js';
import { geoSetCases, geoSetEntities } from './geo-set-cases.js';
import { listCases, listEntities } from './list-cases.js';
import { setCases, setEntities } from './set-cases.js';
import { sortedSetCases, sortedSetEntities } from './sorted-set-cases.js';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-collections-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namespace = `collections_${process.pid}`;
// A machine under load is no outage.
const usual = { synchronize: true, logger: false, circuitBreaker: { timeout: '10s' } } as const;

const onDatabases = [
  ['PostgreSQL', postgresUrl, true],
  ['MariaDB', mysqlUrl, true],
  ['SQLite', `sqlite:${join(folder, 'home.sqlite')}`, true],
  // One process has the directory.
  ['files', `file:${join(folder, 'files')}`, false],
] as const;

const combinations: readonly Combination[] = [
  {
    name: 'Redis alone',
    home: {},
    shared: true,
    options: async () => ({ ...usual, redis: redisUrl, namespace: `${namespace}_alone` }),
  },
  ...onDatabases.flatMap(([name, url, shared]): Combination[] => [
    {
      name: `Redis in front of ${name}`,
      home: { fallback: 'home' },
      shared,
      options: async () => ({
        ...usual,
        redis: redisUrl,
        fallbacks: { home: url },
        namespace: `${namespace}_${name}`,
      }),
    },
    {
      name: `${name}, without a hot tier`,
      home: { fallback: 'home' },
      shared,
      options: async () => ({ ...usual, redis: false, fallbacks: { home: url } }),
    },
  ]),
];

describe('sorted sets', () => onStores(combinations, sortedSetEntities, sortedSetCases));
describe('geo sets', () => onStores(combinations, geoSetEntities, geoSetCases));
describe('lists', () => onStores(combinations, listEntities, listCases));
describe('sets', () => onStores(combinations, setEntities, setCases));
