import { afterAll, beforeAll, describe } from '@jest/globals';
import { type DatastoreHome, datastoreHome } from '../../support/datastore/home.js';
import { sleeping, valueCases } from '../../values/value-cases.js';
import { freshNamespace } from './context.js';

let home: DatastoreHome;
let location: string;
beforeAll(async () => {
  home = await datastoreHome();
  location = home.url(freshNamespace());
});
afterAll(() => home.stop());

describe('in Datastore', () => {
  valueCases({ options: () => ({ location, logger: false }), lasts: true, ...sleeping, most: 450 });
});
