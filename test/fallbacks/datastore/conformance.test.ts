import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { KeyPlacement } from '../../../src/fallbacks/datastore/layout.js';
import { fallbackConformance } from '../../../src/testing/fallback-conformance.js';
import { type DatastoreHome, datastoreHome } from '../../support/datastore/home.js';
import { datastoreContext } from './context.js';

let home: DatastoreHome;
beforeAll(async () => {
  home = await datastoreHome();
});
afterAll(() => home.stop());

describe('the Datastore driver', () => {
  for (const { name, run } of fallbackConformance())
    test(name, () => run(datastoreContext((namespace) => home.url(namespace))), 60_000);
});

// What depends on where the parts of a key are.
const ABOUT_KEYS = /key|scan|count|parts|entities whose names|spans several/;

describe.each<KeyPlacement>(['ancestors', 'kinds'])('the Datastore driver, with key parts in %s', (keys) => {
  for (const { name, run } of fallbackConformance().filter((one) => ABOUT_KEYS.test(one.name)))
    test(name, () => run(datastoreContext((namespace) => home.url(namespace), { keys })), 60_000);
});
