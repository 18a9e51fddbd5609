import { afterAll, describe, test } from '@jest/globals';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { conformanceContext } from './context.js';
import { sqliteDatabases } from './databases.js';

const databases = sqliteDatabases();
afterAll(() => databases.dropAll());

describe('the SQLite driver', () => {
  for (const { name, run } of fallbackConformance()) test(name, () => run(conformanceContext(databases)), 60_000);
});
