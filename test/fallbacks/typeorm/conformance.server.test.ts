import { afterAll, describe, test } from '@jest/globals';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { conformanceContext } from './context.js';
import { mariadbDatabases, postgresDatabases } from './databases.js';

describe.each([
  ['PostgreSQL', postgresDatabases(postgresUrl)],
  ['MariaDB', mariadbDatabases(mysqlUrl)],
])('the %s driver', (_, databases) => {
  afterAll(() => databases.dropAll());
  for (const { name, run } of fallbackConformance()) test(name, () => run(conformanceContext(databases)), 60_000);
});
