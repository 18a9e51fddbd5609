import { expect, test } from '@jest/globals';
import { contextStore } from '../../../src/dialog.js';
import { storeCases } from '../../dialog/store-cases.js';
import type { StoreSubject } from '../../dialog/store-subject.js';
import { turnCases } from '../../dialog/turn-cases.js';
import { mongoServer } from '../../support/mongo-server.js';
import { mongoDatabases } from './databases.js';

const subject: StoreSubject = {
  name: 'MongoDB',
  lasting: true,
  named: true,
  async place() {
    const databases = mongoDatabases(true);
    const { url } = await databases.fresh();
    return { url, options: {}, remove: () => databases.dropAll() };
  },
};
storeCases(subject);
turnCases(subject);

test('A MongoDB server that stands alone is refused for contexts, whose turns are written with them', async () => {
  const server = await mongoServer({ replicaSet: false });
  await expect(contextStore(`${server.url}bots`, { logger: false })).rejects.toThrow(
    /cannot write the head and the turns/,
  );
  await server.stop();
  expect(server.unknown).toEqual([]);
});
