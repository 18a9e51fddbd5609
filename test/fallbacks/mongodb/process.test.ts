import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Context, contextStore } from '../../../src/dialog.js';
import { UserValues } from '../../../src/values.js';
import { type MongoServer, mongoServer } from '../../support/mongo-server.js';
import { until } from '../../support/until.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = (code: string, env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, ['--import', './scripts/typescript.mjs', '--input-type=module', '-e', code], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    timeout: 30_000,
  });

let server: MongoServer;
beforeAll(async () => {
  server = await mongoServer();
});
afterAll(async () => {
  await server.stop();
  expect(server.unknown).toEqual([]);
});

const OPEN = `
  import { defineEntity, Holdfast, RedisHash } from './src/index.js';
  const Person = defineEntity({ name: 'person', kind: RedisHash(), key: { id: 'string' }, fields: { name: 'string' }, fallback: 'home' });
  const holdfast = await Holdfast.open({ entities: [Person], redis: false, fallbacks: { home: process.env.HOME_URL }, logger: false });
  await holdfast.repository(Person).save({ id: 'a', name: 'A' });
`;

test('a process ends by itself when its holdfast is closed', async () => {
  const { stdout } = await run(`${OPEN} await holdfast.close(); console.log('closed');`, {
    HOME_URL: `${server.url}shop`,
  });
  expect(stdout.trim()).toBe('closed');
  await until('no connection is left', () => server.connections === 0);
  expect(server.open).toEqual({ cursors: 0, transactions: 0 });
});

test('the package is loaded by its URL alone', async () => {
  const look = `
    import { registerHooks, createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => /node_modules.mongodb.lib/.test(file));
    console.log(loaded());
  `.replace('registerHooks, ', '');
  const without = await run(`${OPEN} await import('./src/fallbacks/mongodb.js'); await holdfast.close(); ${look}`, {
    HOME_URL: 'memory:',
  });
  expect(without.stdout.trim()).toBe('false');
  const withIt = await run(`${OPEN} await holdfast.close(); ${look}`, { HOME_URL: `${server.url}shop` });
  expect(withIt.stdout.trim()).toBe('true');
});

test('contexts of dialogs are kept in it', async () => {
  const db = await contextStore(`${server.url}bots`);
  await db.turn('u', (given: Context | undefined) => {
    const context = given ?? new Context({ id: 'u' });
    context.addRequest('hello');
    return context;
  });
  expect((await db.get('u'))?.lastRequest).toBe('hello');
  expect(await db.size()).toBe(1);
  await db.clear();
  expect(await db.has('u')).toBe(false);
  await db.close();
});

test('values of users are kept in it', async () => {
  const values = await UserValues.open({ location: `${server.url}values` });
  await values.store('ann', 'colours', new Set(['red', 'blue']));
  expect(await values.get('ann', 'colours')).toEqual(new Set(['red', 'blue']));
  await values.close();
});
