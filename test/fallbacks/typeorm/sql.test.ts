import { afterAll, describe, test } from '@jest/globals';
import { sqliteDatabases } from './databases.js';
import { flagCases } from './flag-cases.js';
import { mappedCases } from './mapped-cases.js';
import { sqlCases } from './sql-cases.js';

const databases = sqliteDatabases();
afterAll(() => databases.dropAll());

describe('SQLite', () => {
  for (const { name, run } of [...sqlCases, ...mappedCases, ...flagCases])
    test(name, async () => run(await databases.fresh()), 60_000);
});
