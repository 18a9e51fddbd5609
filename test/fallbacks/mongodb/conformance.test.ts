import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { conformanceContext, type TestMongo, testMongo } from './databases.js';

// What depends on where the parts of a key are.
const ABOUT_KEYS = /key|scan|count|parts|together|in one write|nothing of a write|spans several/;

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

  for (const { name, run } of fallbackConformance().filter((one) => ABOUT_KEYS.test(one.name)))
    test(
      `with key parts in the names of collections, ${name}`,
      () => run(conformanceContext(mongo, { keys: 'collections' })),
      60_000,
    );
});
