import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { ValidationError } from 'holdfast';
import { Context, type ContextStore, contextStore, ImportInterruptedError, importContexts } from 'holdfast/dialog';
import { dialogOf } from './store-cases.js';

const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));
const whole = { window: Number.POSITIVE_INFINITY };
let folder: string;
let written: Record<string, object>;
let to: ContextStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-import-'));
  await cp(fixtures, folder, { recursive: true });
  written = JSON.parse(await readFile(`${folder}/contexts.json`, 'utf8')) as typeof written;
  to = await contextStore(`sqlite:${folder}/new.sqlite`);
});
afterEach(async () => {
  await to.close();
  await rm(folder, { recursive: true, force: true });
});

const stored = async (store = to) => {
  const found: Record<string, object> = {};
  for await (const [id, context] of store.entries(whole)) found[String(id)] = context.toJSON();
  return found;
};

describe('An import', () => {
  test.each([
    ['the table of the Python connector', () => `sqlite:///${folder}/contexts.sqlite`],
    ['the JSON file of the Python connector', () => `json://${folder}/contexts.json`],
  ])('of %s brings every context as it was', async (_, url) => {
    const steps: unknown[] = [];
    const result = await importContexts(url(), to, { progress: (progress) => steps.push(progress) });
    expect(result).toMatchObject({ done: 5, total: 5, imported: 5, skipped: 0 });
    expect(steps).toEqual([result]);
    expect(await stored()).toEqual(written);
    expect((await to.get(42))!.lastLabel).toEqual(['greeting_flow', 'node2']);
    expect(await importContexts(url(), to, { progress: false })).toMatchObject({ imported: 0, skipped: 5 });
  });

  test('into the database that has the Python table leaves that as it is', async () => {
    const url = `sqlite:${folder}/contexts.sqlite`;
    const same = await contextStore(url);
    await importContexts(url, same, { progress: false });
    expect(await stored(same)).toEqual(written);
    await same.clear();
    await same.close();
    const db = new Sqlite(`${folder}/contexts.sqlite`);
    expect(db.prepare('SELECT COUNT(*) AS n FROM contexts').get()).toEqual({ n: 5 });
    db.close();
  });

  test('between any two stores brings all turns', async () => {
    const from = await contextStore(`file:${folder}/old`);
    for (const id of ['ann', 'bob', '5']) await from.set(id, dialogOf(id, 120));
    expect(await importContexts(from, to, { progress: false })).toMatchObject({ imported: 3, total: 3 });
    expect(await stored()).toEqual(await stored(from));
    await from.close();
    const last = await contextStore(`json:${folder}/last.json`);
    expect(await importContexts(`file:${folder}/old`, last, { progress: false })).toMatchObject({ imported: 3 });
    await last.close();
    expect(
      await importContexts(`sqlite:${folder}/new.sqlite`, `json:${folder}/last.json`, { progress: false }),
    ).toMatchObject({ skipped: 3 });
  });

  test('that stopped goes on from its restart point', async () => {
    const db = new Sqlite(`${folder}/many.sqlite`);
    db.exec('CREATE TABLE contexts (id VARCHAR(36) PRIMARY KEY, context JSON)');
    const add = db.prepare('INSERT INTO contexts VALUES (?, ?)');
    const id = (at: number) => `user-${String(at).padStart(4, '0')}`;
    for (let at = 0; at < 450; at++)
      add.run(id(at), at === 300 ? '{"labels": 5}' : JSON.stringify(new Context({ id: id(at) })));
    const url = `sqlite:${folder}/many.sqlite`;
    const checkpoint = `${folder}/point.json`;
    const error = (await importContexts(url, to, { checkpoint, progress: false }).catch(
      (caught: unknown) => caught,
    )) as ImportInterruptedError;
    expect(error).toBeInstanceOf(ImportInterruptedError);
    expect(error.message).toMatch(/stopped after 288 of 450 contexts: .*"user-0300".*after: "user-0287"/s);
    expect(error.progress).toMatchObject({ done: 288, imported: 288, last: id(287) });
    add.run(id(9999), '{"id": "late"}');
    db.prepare('UPDATE contexts SET context = ? WHERE id = ?').run('{"id": 1}', id(300));
    const result = await importContexts(url, to, { checkpoint, progress: false });
    // What was written behind the restart point before it stopped is there already.
    expect(result.done).toBe(163);
    expect(result.imported + result.skipped).toBe(163);
    expect(await to.size()).toBe(451);
    await expect(readFile(checkpoint)).rejects.toThrow(/ENOENT/);
    expect(await importContexts(url, to, { after: id(448), progress: false })).toMatchObject({ done: 2, skipped: 2 });
    db.close();
  });

  test('replaces what is there only where it is told to', async () => {
    await to.set(42, dialogOf(42, 3));
    await importContexts(`json:${folder}/contexts.json`, to, { progress: false });
    expect(Object.keys((await to.get(42))!.requests)).toHaveLength(3);
    expect(
      await importContexts(`json:${folder}/contexts.json`, to, { existing: 'replace', progress: false }),
    ).toMatchObject({ imported: 5 });
    expect(await stored()).toEqual(written);
  });

  test('of what cannot be read says why', async () => {
    await expect(importContexts('pickle://contexts.pkl', to)).rejects.toThrow(
      /reading a pickle runs whatever code is in it/,
    );
    await expect(importContexts(`json:${folder}/none.json`, to)).rejects.toThrow(/none\.json, which is not there/);
    await expect(importContexts(`sqlite:${folder}/none.sqlite`, to)).rejects.toThrow(
      /none\.sqlite, which is not there/,
    );
    new Sqlite(`${folder}/empty.sqlite`).close();
    await expect(importContexts(`sqlite:${folder}/empty.sqlite`, to)).rejects.toThrow(/neither a table contexts/);
    await writeFile(`${folder}/bad.json`, 'not JSON');
    await expect(importContexts(`json:${folder}/bad.json`, to, { progress: false })).rejects.toThrow(
      /the file is no JSON/,
    );
    await expect(importContexts('memory:', to, { tabel: 1 } as never)).rejects.toThrow(ValidationError);
  });

  test('draws a bar where somebody looks', async () => {
    const { progressBar } = await import('../../src/dialog/import/progress-bar.js');
    let drawn = '';
    const draw = progressBar({ write: (text: string) => (drawn += text) } as never);
    for (let done = 0; done <= 1000; done += 10)
      draw({ done, total: 1000, imported: done, skipped: 0, last: undefined });
    expect(drawn.split('\r')).toHaveLength(102);
    expect(drawn).toMatch(/█{30} 100% 1000\/1000 contexts\n$/);
  });
});
