import { afterAll, describe, test } from '@jest/globals';
import { collectionCases } from './collection-cases.js';
import { collectionRaceCases } from './collection-race-cases.js';
import { sqliteDatabases } from './databases.js';
import { flagCases } from './flag-cases.js';
import { mappedCases } from './mapped-cases.js';
import { nearCases } from './near-cases.js';
import { sqlCases } from './sql-cases.js';

const databases = sqliteDatabases();
afterAll(() => databases.dropAll());

describe('SQLite', () => {
  for (const { name, run } of [
    ...sqlCases,
    ...mappedCases,
    ...flagCases,
    ...collectionCases,
    ...nearCases,
    ...collectionRaceCases,
  ])
    test(name, async () => run(await databases.fresh()), 60_000);
});
