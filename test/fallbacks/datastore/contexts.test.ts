import { afterAll, beforeAll } from '@jest/globals';
import { storeCases } from '../../dialog/store-cases.js';
import type { StoreSubject } from '../../dialog/store-subject.js';
import { turnCases } from '../../dialog/turn-cases.js';
import { type DatastoreHome, datastoreHome } from '../../support/datastore/home.js';
import { freshNamespace } from './context.js';

let home: DatastoreHome;
beforeAll(async () => {
  home = await datastoreHome();
});
afterAll(() => home.stop());

const subject: StoreSubject = {
  name: 'Datastore',
  lasting: true,
  named: true,
  place: async () => ({ url: home.url(freshNamespace()), options: {}, remove: async () => {} }),
};
storeCases(subject);
turnCases(subject);
