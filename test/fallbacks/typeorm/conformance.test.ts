import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, test } from '@jest/globals';
import { typeormDriver } from '../../../src/fallbacks/typeorm/driver.js';
import { type FallbackContext, fallbackConformance } from '../../../src/testing/fallback-conformance.js';

const directories: string[] = [];

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

function inFile(): FallbackContext {
  let source: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = typeormDriver({ source });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    async open(schemas, options) {
      const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-sqlite-'));
      directories.push(directory);
      // The suite says what must hold, not what the disk must do.
      source = `sqlite:${path.join(directory, 'test.db')}?synchronous=normal`;
      return start(schemas, options);
    },
    reopen: start,
  };
}

describe('the SQLite driver', () => {
  for (const { name, run } of fallbackConformance()) test(name, () => run(inFile()), 30_000);
});
