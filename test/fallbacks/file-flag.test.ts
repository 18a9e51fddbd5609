import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { CorruptEntryError } from '../../src/core/errors.js';
import type { RowChange } from '../../src/core/kind.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { entryPath } from '../../src/fallbacks/file/paths.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';

const visited = sampleSchema({ name: 'visited', kind: 'flag' });
const key = sampleKey('a');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'holdfast-file-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test.each(['{}', '{ "seen": null }', '{ "seen": "yes" }'])(
  'a document with %s for the fields of a flag is told as damaged, and can be replaced',
  async (fields) => {
    const driver = fileDriver({ directory });
    const silent = { info() {}, warn() {}, error() {} };
    await driver.open([visited], {
      synchronize: undefined,
      clock: systemClock,
      logger: silent,
      statementTimeout: 10_000,
    });
    const put = (seen: boolean) =>
      driver.write([{ schema: visited, key, change: { type: 'put', row: [seen] } as RowChange }]);
    await put(false);
    const file = path.join(directory, entryPath(visited, key));
    const text = await readFile(file, 'utf8');
    expect(text).toContain('"seen": false');
    await writeFile(file, text.replace(/\{\s*"seen": false\s*\}/, fields));
    const error = await driver.read(visited, [key], undefined).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CorruptEntryError);
    expect(error.message).toContain(file);
    await put(true);
    expect(await driver.read(visited, [key], undefined)).toMatchObject([{ value: [true] }]);
    await driver.close();
  },
);
