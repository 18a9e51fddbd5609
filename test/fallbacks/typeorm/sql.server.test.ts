import { afterAll, describe, test } from '@jest/globals';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { collectionCases } from './collection-cases.js';
import { mariadbDatabases, postgresDatabases } from './databases.js';
import { flagCases } from './flag-cases.js';
import { mappedCases } from './mapped-cases.js';
import { nearCases } from './near-cases.js';
import { sqlCases } from './sql-cases.js';

describe.each([
  ['PostgreSQL', postgresDatabases(postgresUrl)],
  ['MariaDB', mariadbDatabases(mysqlUrl)],
])('%s', (_, databases) => {
  afterAll(() => databases.dropAll());
  for (const { name, run } of [...sqlCases, ...mappedCases, ...flagCases, ...collectionCases, ...nearCases])
    test(name, async () => run(await databases.fresh()), 60_000);
});
