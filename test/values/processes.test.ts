import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { UserValues } from 'holdfast/values';
import { runTsChild } from '../support/ts-child.js';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const counting = fileOf('./count-child.ts');
const storing = fileOf('./kill-child.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-values-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('eight processes that count one value up in one file a thousand times each make eight thousand', async () => {
  const location = join(folder, 'count.db');
  const processes = Array.from({ length: 8 }, (_, name) => runTsChild(counting, [location, '1000', `p${name}`]));
  const ended = await Promise.all(processes.map((one) => one.ended));
  expect(ended.map(({ code, errors }) => [code, errors])).toEqual(ended.map(() => [0, '']));
  const values = await UserValues.open({ location });
  expect(await values.get('all', 'count')).toBe(8000);
  // Each was listed, although all of them wrote to one directory.
  expect(await values.keys('all')).toHaveLength(1 + 8 * 10);
  expect(await values.entries('all')).toHaveLength(1 + 8 * 10);
  await values.close();
}, 300_000);

test('a process that is killed amid ten thousand stores leaves every acknowledged one, and a file that opens', async () => {
  const location = join(folder, 'kill.db');
  for (const moment of ['stored 1', 'stored 2000', 'stored 6000']) {
    const child = runTsChild(storing, [location, '10000']);
    await child.line(moment);
    const { signal } = await child.kill();
    expect(signal).toBe('SIGKILL');
    const stored = child.lines.flatMap((line) => /^stored (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(stored.length).toBeGreaterThan(0);
    const values = await UserValues.open({ location });
    for (const n of stored) expect(await values.get(n % 100, `key-${n}`)).toMatchObject({ n });
    const keys = new Set((await Promise.all(Array.from({ length: 100 }, (_, user) => values.keys(user)))).flat());
    expect(stored.filter((n) => !keys.has(`key-${n}`))).toEqual([]);
    await values.close();
    const db = new BetterSqlite3(location);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    // No value without its key in the directory, and no key without its value.
    const count = (db.prepare('SELECT COUNT(*) AS n FROM user_value').get() as { n: number }).n;
    expect(count).toBe(keys.size);
    db.close();
  }
}, 300_000);

test('the temporary file of a killed process is gone, for it had no name', async () => {
  const temporary = await mkdtemp(join(folder, 'temporary-'));
  const child = runTsChild(storing, ['null', '3000', '10000'], { TMPDIR: temporary, SQLITE_TMPDIR: temporary });
  await child.line('done');
  expect(await readdir(temporary)).toEqual([]);
  if (process.platform === 'linux') {
    const fds = `/proc/${child.process.pid}/fd`;
    const open = await Promise.all((await readdir(fds)).map((fd) => readlink(`${fds}/${fd}`).catch(() => '')));
    const [file] = open.filter((name) => name.startsWith(temporary));
    expect(file).toContain('(deleted)');
  }
  await child.kill();
  expect(await readdir(temporary)).toEqual([]);
}, 120_000);
