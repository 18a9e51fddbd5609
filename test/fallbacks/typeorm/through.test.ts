import { afterAll, describe, test } from '@jest/globals';
import { sqliteDatabases } from './databases.js';
import { throughCases } from './through-cases.js';

const databases = sqliteDatabases();
afterAll(() => databases.dropAll());

describe("SQLite by way of TypeORM's repository", () => {
  for (const { name, run } of throughCases) test(name, async () => run(await databases.fresh()), 60_000);
});
