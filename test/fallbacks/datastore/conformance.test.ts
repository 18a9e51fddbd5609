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

// What does more than one call, or depends on what others do.
const ABOUT_SEVERAL = /at once|together|whole|nothing of a write|in one write|keep when|replace|scan/;

describe('the Datastore driver, on a service that locks what is read, aborts every 7th commit and is away at every 29th read', () => {
  let noisy: DatastoreHome;
  beforeAll(async () => {
    noisy = await datastoreHome({ noise: 7, batch: 50, lookup: 200, locks: true });
  });
  afterAll(() => noisy.stop());

  for (const { name, run } of fallbackConformance().filter((one) => ABOUT_SEVERAL.test(one.name)))
    test(name, () => run(datastoreContext((namespace) => noisy.url(namespace))), 60_000);
});
