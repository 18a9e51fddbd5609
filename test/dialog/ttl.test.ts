import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ContextStore, type ContextStoreOptions, contextStore } from 'holdfast/dialog';
import { type FakeClock, fakeClock } from 'holdfast/testing';
import { dialogOf } from './store-cases.js';

const MINUTE = 60_000;
let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ttl-'));
  clock = fakeClock(1_700_000_000_000);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each([
  ['memory', () => 'memory:'],
  ['SQLite', () => `sqlite:${folder}/contexts.sqlite`],
  ['a directory', () => `file:${folder}/contexts`],
  ['one JSON file', () => `json:${folder}/contexts.json`],
])('With a ttl, in %s,', (name, url) => {
  let db: ContextStore;
  const open = (options: ContextStoreOptions = {}) =>
    contextStore(url(), { ttl: '10m', clock, logger: false, ...options });

  beforeEach(async () => {
    db = await open();
  });
  afterEach(() => db.close());

  test('a conversation ends so long after its last turn, whole', async () => {
    await db.set('ann', dialogOf('ann', 60));
    for (let turn = 60; turn < 90; turn++) {
      await clock.advance(7 * MINUTE);
      await db.turn('ann', (context) => void context.addRequest(`request ${turn}`));
    }
    const context = (await db.get('ann', { window: 1000 }))!;
    expect(Object.keys(context.requests)).toHaveLength(90);
    await clock.advance(9 * MINUTE);
    expect(await db.has('ann')).toBe(true);
    await clock.advance(2 * MINUTE);
    expect([await db.get('ann'), await db.has('ann'), await db.size()]).toEqual([undefined, false, 0]);
    await expect(db.set('ann', context)).rejects.toThrow(/no longer at version/);
    await db.turn('ann', (fresh) => void fresh.addRequest('anew'));
    expect((await db.get('ann'))!.requests).toEqual({ 0: 'anew' });
  });

  test('a save without a change renews it too', async () => {
    await db.set('ann', dialogOf('ann', 1));
    for (let at = 0; at < 5; at++) {
      await clock.advance(7 * MINUTE);
      await db.set('ann', (await db.get('ann'))!);
    }
    expect(await db.has('ann')).toBe(true);
  });

  if (name === 'SQLite')
    test('nothing is left of a conversation that ended, and one that is saved without a ttl ends no more', async () => {
      await db.set('ann', dialogOf('ann', 3));
      await db.turn('bob', (context) => void context.addRequest('Hi'));
      const forever = await open({ ttl: undefined as never });
      const context = (await forever.get('ann'))!;
      await forever.set('ann', context);
      await clock.advance(100 * MINUTE);
      expect(await forever.has('ann')).toBe(true);
      expect(Object.keys((await forever.get('ann'))!.requests)).toHaveLength(3);
      expect(await db.has('bob')).toBe(false);
      await forever.close();
    });

  if (name === 'one JSON file')
    test('the file holds no more of those that ended once it is written', async () => {
      await db.set('ann', dialogOf('ann', 3));
      await clock.advance(11 * MINUTE);
      await db.set('bob', dialogOf('bob', 1));
      expect(Object.keys(JSON.parse(await readFile(`${folder}/contexts.json`, 'utf8')) as object)).toEqual(['bob']);
    });
});
