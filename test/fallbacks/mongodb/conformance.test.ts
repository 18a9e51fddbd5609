import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { conformanceContext, type TestMongo, testMongo } from './databases.js';

describe.each([
  ['a replica set', true],
  ['a server that stands alone', false],
] as const)('the MongoDB driver on %s', (_, replicaSet) => {
  let mongo: TestMongo;
  beforeAll(async () => {
    mongo = await testMongo(replicaSet);
  });
  afterAll(() => mongo.close());

  for (const { name, run } of fallbackConformance()) test(name, () => run(conformanceContext(mongo)), 60_000);
});
