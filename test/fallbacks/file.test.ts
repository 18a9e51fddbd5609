import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { ClosedError, CorruptEntryError, ValidationError } from '../../src/core/errors.js';
import { type DriverOptions, type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { RowChange } from '../../src/core/kind.js';
import type { Key, Schema } from '../../src/core/schema.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { entityFolder, entryPath } from '../../src/fallbacks/file/paths.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';

const city = sampleSchema({
  name: 'city',
  keys: { country: 'string', id: 'bigint' },
  fields: {
    name: 'string',
    people: 'bigint',
    note: { type: 'text', nullable: true },
    founded: 'date',
    seal: 'bytes',
    tags: 'json',
  },
});
const item = sampleSchema({ name: 'item', fields: { name: 'string', count: 'integer' } });

let directory: string;
const opened: FallbackDriver[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'holdfast-file-'));
});

afterEach(async () => {
  for (const driver of opened.splice(0)) await driver.close();
  await rm(directory, { recursive: true, force: true });
});

const silent = { info() {}, warn() {}, error() {} };
const options = (more: Partial<DriverOptions> = {}): DriverOptions => ({
  synchronize: undefined,
  clock: systemClock,
  logger: silent,
  statementTimeout: 10_000,
  ...more,
});

async function open(more?: Partial<DriverOptions>, at = directory): Promise<FallbackDriver> {
  const driver = fileDriver({ directory: at });
  await driver.open([city, item], options(more));
  opened.push(driver);
  return driver;
}

const write = (driver: FallbackDriver, schema: Schema, key: Key, change: RowChange) =>
  driver.write([{ schema, key, change }]);
const put = (driver: FallbackDriver, id: string, name: string, more: object = {}) =>
  write(driver, item, sampleKey(id), { type: 'put', row: [name, undefined], ...more });
const names = async (driver: FallbackDriver, ...ids: string[]) =>
  (
    await driver.read(
      item,
      ids.map((id) => sampleKey(id)),
      undefined,
    )
  ).map((entry) => (entry ? (entry.value as string[])[0] : null));
const pathOf = (schema: Schema, key: Key) => path.join(directory, entryPath(schema, key));

async function scanned(driver: FallbackDriver): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of driver.scan(item)) ids.push(key.id);
  return ids;
}

describe('the documents of a file store', () => {
  test('can be read by people', async () => {
    const driver = await open();
    const key = sampleKey('DE', 9_007_199_254_740_993n);
    const row = sampleRow(city, {
      name: 'Köln "am" Rhein',
      people: 1_087_863n,
      note: null,
      founded: Date.parse('0050-01-01T00:00:00.000Z'),
      seal: new Uint8Array([1, 2, 255]),
      tags: '{"old":true,"__proto__":1}',
    });
    await write(driver, city, key, { type: 'put', row, expiresAt: 9_999_999_999_999 });
    expect(await readFile(pathOf(city, key), 'utf8')).toBe(
      `{
  "entity": "city",
  "id": "DE:9007199254740993",
  "key": { "country": "DE", "id": "9007199254740993" },
  "expiresAt": 9999999999999,
  "fields": {
    "name": "Köln \\"am\\" Rhein",
    "people": "1087863",
    "note": null,
    "founded": "0050-01-01T00:00:00.000Z",
    "seal": "AQL/",
    "tags": {"old":true,"__proto__":1}
  }
}
`,
    );
  });

  test('can be written by people', async () => {
    const before = await open();
    await put(before, 'a', 'machine made');
    await before.close();
    const file = pathOf(item, sampleKey('a'));
    await writeFile(file, (await readFile(file, 'utf8')).replace('machine made', 'hand made').replaceAll('\n', '\r\n'));
    expect(await names(await open(), 'a')).toEqual(['hand made']);
  });

  test('have names that every file system can keep, one for each key', () => {
    const odd = [
      '',
      '*',
      '.',
      '..',
      '../..',
      '/etc/passwd',
      'con',
      'CON',
      'nul.json',
      'a',
      'A',
      'a ',
      'é',
      'e\u0301',
      '😀',
      'a\0b',
      'C:\\x',
      '-rf',
      ' ',
      'x'.repeat(10_000),
      'x'.repeat(10_001),
    ];
    const paths = odd.map((text) => entryPath(item, sampleKey(text)));
    expect(new Set(paths.map((one) => one.toLowerCase())).size).toBe(odd.length);
    for (const one of paths) {
      expect(one).toMatch(/^entities\/item\/[0-9a-f]{2}\/[0-9a-f]{38}\.[a-z0-9_-]*\.json$/);
      expect(path.basename(one).length).toBeLessThan(120);
    }
    expect(paths[9]).toMatch(/\.a\.json$/);
  });

  test('lie in a directory for each entity, whatever its name', () => {
    const odd = [
      'person',
      'Person',
      'PERSON',
      'con',
      'com1',
      'conx',
      'a/b',
      'a\\b',
      '..',
      '.',
      'a b',
      'é',
      'e\u0301',
      'a%2fb',
      'a'.repeat(300),
      'a'.repeat(301),
      '😀',
      '',
    ];
    const folders = odd.map((name) => entityFolder({ ...item, name }));
    expect(new Set(folders.map((one) => one.toLowerCase())).size).toBe(odd.length);
    for (const one of folders) expect(one).toMatch(/^entities\/[a-z0-9_%-]{1,140}$/);
    expect(folders[0]).toBe('entities/person');
    for (const at of [3, 4]) expect(folders[at]).not.toMatch(/\/(con|com1)$/);
  });
});

describe('a document that cannot be read', () => {
  const damages: readonly (readonly [string, (text: string) => string | Uint8Array])[] = [
    ['is cut off', (text) => text.slice(0, 40)],
    ['is empty', () => ''],
    ['is full of zeros', (text) => '\0'.repeat(text.length)],
    ['is no object', () => '[1]'],
    ['is null', () => 'null'],
    ['has no fields', (text) => text.replace('"fields"', '"felds"')],
    ['has a field of another type', (text) => text.replace('"bad"', '17')],
    ['has an integer that is none', (text) => text.replace('"count": 1', '"count": 1.5')],
    ['is of another entity', (text) => text.replace('"item"', '"thing"')],
    ['is of another key', (text) => text.replaceAll('"b"', '"c"')],
    ['has no key', (text) => text.replace('"key"', '"kex"')],
    ['expires at no time', (text) => text.replace('"fields"', '"expiresAt": "soon",\n  "fields"')],
    ['is not UTF-8', (text) => Buffer.from(text.replace('bad', 'b\xffd'), 'latin1')],
  ];

  for (const [what, damage] of damages)
    test(`because it ${what} is a typed error with its path, and nothing else is affected`, async () => {
      const driver = await open();
      for (const id of ['a', 'b', 'd']) await put(driver, id, id === 'b' ? 'bad' : 'good');
      await write(driver, item, sampleKey('b'), { type: 'patch', set: new Map([[1, 1]]) });
      const file = pathOf(item, sampleKey('b'));
      await writeFile(file, damage(await readFile(file, 'utf8')));

      const error = await driver.read(item, [sampleKey('a'), sampleKey('b')], undefined).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(CorruptEntryError);
      expect(error.message).toContain(file);
      expect(await names(driver, 'a', 'd', 'none')).toEqual(['good', 'good', null]);
      expect(await driver.count(item)).toBe(3);
      const seen: string[] = [];
      const scan = (async () => {
        for await (const { key } of driver.scan(item)) seen.push(key.id);
      })();
      await expect(scan).rejects.toThrow(CorruptEntryError);
      expect(seen).toEqual(['a', 'd']);

      const change = write(driver, item, sampleKey('b'), { type: 'increment', field: 1, by: 1 });
      await expect(change).rejects.toThrow(CorruptEntryError);
      expect(await put(driver, 'b', 'again', { expect: 'absent' })).toMatchObject({ outcome: { status: 'exists' } });
      expect(await put(driver, 'b', 'new')).toMatchObject({ done: true });
      expect(await names(driver, 'a', 'b', 'd')).toEqual(['good', 'new', 'good']);
    });

  test('can be deleted', async () => {
    const driver = await open();
    await put(driver, 'b', 'bad');
    await writeFile(pathOf(item, sampleKey('b')), 'scribble');
    expect(await write(driver, item, sampleKey('b'), { type: 'delete' })).toMatchObject({
      outcomes: [{ existed: true }],
    });
    expect(await names(driver, 'b')).toEqual([null]);
    expect(await driver.count(item)).toBe(0);
  });

  test('does not keep writes of the same moment from being made', async () => {
    const driver = await open();
    await put(driver, 'b', 'bad');
    await writeFile(pathOf(item, sampleKey('b')), 'scribble');
    const results = await Promise.allSettled([
      put(driver, 'a', 'A'),
      write(driver, item, sampleKey('b'), { type: 'patch', set: new Map([[0, 'x']]) }),
      put(driver, 'c', 'C'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await names(driver, 'a', 'c')).toEqual(['A', 'C']);
  });
});

describe('a file store', () => {
  test('is shared by drivers that are open at once: each sees what the others acknowledged', async () => {
    const [one, two] = [await open(), await open()];
    await put(one, 'a', 'from one');
    expect(await names(two, 'a')).toEqual(['from one']);
    await put(two, 'a', 'from two');
    expect(await names(one, 'a')).toEqual(['from two']);
    const inserts = await Promise.all(
      [one, two, one, two].map((driver) => put(driver, 'b', 'x', { expect: 'absent' })),
    );
    expect(inserts.filter(({ done }) => done)).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        write(at % 2 ? one : two, item, sampleKey('a'), { type: 'increment', field: 1, by: 1 }),
      ),
    );
    const [entry] = await two.read(item, [sampleKey('a')], undefined);
    expect((entry!.value as unknown[])[1]).toBe(20);
  });

  test('stays open until everybody who opened it has closed it', async () => {
    const driver = fileDriver({ directory });
    await Promise.all([driver.open([item], options()), driver.open([city], options())]);
    await driver.close();
    await put(driver, 'a', 'A');
    expect(await names(driver, 'a')).toEqual(['A']);
    await driver.close();
    await expect(names(driver, 'a')).rejects.toThrow(ClosedError);
    await driver.open([item], options());
    expect(await names(driver, 'a')).toEqual(['A']);
    await driver.close();
  });

  test('leaves nothing but its entries and one short journal when it is closed', async () => {
    const driver = await open();
    for (let at = 0; at < 10; at++) await put(driver, `k${at}`, 'x'.repeat(1000));
    await driver.close();
    expect((await readdir(directory)).sort()).toEqual([
      'counter',
      'entities',
      'holdfast.json',
      'journal',
      'owners',
      'tmp',
    ]);
    expect(await readdir(path.join(directory, 'tmp'))).toEqual([]);
    expect(await readdir(path.join(directory, 'owners'))).toEqual([]);
    const journal = await readdir(path.join(directory, 'journal'));
    expect(journal).toHaveLength(1);
    expect((await readFile(path.join(directory, 'journal', journal[0]!), 'utf8')).length).toBeLessThan(100);
  });

  test('empties its journal from time to time', async () => {
    const driver = await open();
    for (let at = 0; at < 300; at++) await put(driver, 'a', `n${at}`);
    expect((await readdir(path.join(directory, 'journal'))).length).toBeLessThan(100);
    expect(await names(driver, 'a')).toEqual(['n299']);
  });

  test('sweeps what a killed process left among the temporary files', async () => {
    await (await open()).close();
    await mkdir(path.join(directory, 'tmp'), { recursive: true });
    await writeFile(path.join(directory, 'tmp', 'left-0'), 'half a docu');
    await open();
    expect(await readdir(path.join(directory, 'tmp'))).toEqual([]);
  });

  test('removes the files of entries that have expired, once they were met', async () => {
    const clock = fakeClock(1_000_000);
    const driver = await open({ clock });
    for (let at = 0; at < 5; at++) await put(driver, `k${at}`, 'x', { expiresAt: clock.now() + 1000 });
    await put(driver, 'ever', 'x');
    await clock.advance(2000);
    expect(await driver.count(item)).toBe(1);
    expect(await names(driver, 'k0', 'k1', 'k2', 'k3', 'k4', 'ever')).toEqual([null, null, null, null, null, 'x']);
    await put(driver, 'k4', 'anew');
    const files = await readdir(path.join(directory, entityFolder(item)), { recursive: true });
    expect(files.filter((name) => name.endsWith('.json'))).toHaveLength(2);
    expect(await names(driver, 'k3', 'k4', 'ever')).toEqual([null, 'anew', 'x']);
  });

  test('finds the hundreds of entries that one directory is made of, among names that are not its own', async () => {
    const driver = await open();
    await Promise.all(Array.from({ length: 500 }, (_, at) => put(driver, `k${at}`, `n${at}`)));
    await writeFile(path.join(directory, entityFolder(item), 'notes.txt'), 'mine');
    const shards = (await readdir(path.join(directory, entityFolder(item)))).filter((name) => name !== 'notes.txt');
    expect(shards.length).toBeGreaterThan(100);
    await writeFile(path.join(directory, entityFolder(item), shards[0]!, 'notes.txt'), 'mine');
    expect(await driver.count(item)).toBe(500);
    expect(await scanned(driver)).toHaveLength(500);
  });

  test('takes a document under the name of another for damaged', async () => {
    const driver = await open();
    await put(driver, 'a', 'A');
    await put(driver, 'b', 'B');
    await writeFile(pathOf(item, sampleKey('b')), await readFile(pathOf(item, sampleKey('a'))));
    await expect(names(driver, 'b')).rejects.toThrow(CorruptEntryError);
    await expect(scanned(driver)).rejects.toThrow(/is the file of another key/);
    expect(await names(driver, 'a')).toEqual(['A']);
  });

  test('is not opened where its directory is missing and nothing is to be made', async () => {
    const missing = path.join(directory, 'missing');
    const error = await open({ synchronize: false }, missing).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toContain(`${missing} does not exist`);
    expect(await readdir(directory)).toEqual([]);
    await open({ synchronize: undefined }, missing);
    await open({ synchronize: false }, missing);
  });

  test('is not opened where its directory is a file', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    const error = await open({}, file).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.outcome).toBe('none');
    expect(error.message).toContain(file);
  });

  test('is not opened where a later version wrote it', async () => {
    await (await open()).close();
    await writeFile(path.join(directory, 'holdfast.json'), '{ "format": 2 }');
    const error = await open().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain('format 2');
    await writeFile(path.join(directory, 'holdfast.json'), '{"format":1}');
    await open();
  });

  test('is not opened over a damaged journal, which is named', async () => {
    await (await open()).close();
    const file = path.join(directory, 'journal', '000000000099.jsonl');
    await writeFile(file, '{"number":99,"floor":0,"operations":2}\n["entities/item/x.json","{}"]\n');
    await expect(open()).rejects.toThrow(StoreFault);
    await expect(open()).rejects.toThrow(file);
    expect(await readdir(path.join(directory, 'owners'))).toEqual([]);
    await rm(file);
    await open();
  });

  test('says that its directory is gone where somebody removed it', async () => {
    const driver = await open();
    await put(driver, 'a', 'A');
    await rm(directory, { recursive: true });
    const error = await put(driver, 'a', 'B').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.outcome).toBe('none');
    expect(error.message).toContain('removed while it was open');
  });
});
