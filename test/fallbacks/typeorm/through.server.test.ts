import { afterAll, describe, test } from '@jest/globals';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { mariadbDatabases, postgresDatabases } from './databases.js';
import { throughCases } from './through-cases.js';

describe.each([
  ['PostgreSQL', postgresDatabases(postgresUrl)],
  ['MariaDB', mariadbDatabases(mysqlUrl)],
])("%s by way of TypeORM's repository", (_, databases) => {
  afterAll(() => databases.dropAll());
  for (const { name, run } of throughCases) test(name, async () => run(await databases.fresh()), 60_000);
});
