import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { conformanceContext, type TestMongo, testMongo } from './databases.js';

// What depends on where the parts of a key are.
const ABOUT_KEYS = /key|scan|count|parts|together|in one write|nothing of a write|spans several/;

/** Holds the driver to the conformance suite, on a replica set or on a server that stands alone. */
export function holdToConformance(replicaSet: boolean): void {
  describe(`the MongoDB driver on ${replicaSet ? 'a replica set' : 'a server that stands alone'}`, () => {
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
}
