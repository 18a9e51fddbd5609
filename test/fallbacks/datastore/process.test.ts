import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { runTsChild } from '../../support/ts-child.js';
import { urlOf } from './opened.js';

let server: DatastoreServer;
beforeAll(async () => {
  server = await startDatastore();
});
afterAll(() => server.stop());

test('after close nothing keeps the process, and the client is loaded by nobody who does not use it', async () => {
  const child = runTsChild(new URL('ends-child.ts', import.meta.url).pathname, [urlOf(server)]);
  const timer = setTimeout(() => child.process.kill('SIGKILL'), 30_000);
  expect(await child.ended).toMatchObject({ code: 0, signal: null, errors: '' });
  clearTimeout(timer);
  expect(child.lines).toEqual(['memory: not loaded', 'datastore: loaded', 'found Ann']);
}, 60_000);
