import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, test } from '@jest/globals';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { type FallbackContext, fallbackConformance } from '../../src/testing/fallback-conformance.js';

const directories: string[] = [];

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-conformance-'));
  directories.push(directory);
  return directory;
}

/** Keeps one driver between `open` and `reopen`: what is in memory lives as long as that. */
function inMemory(): FallbackContext {
  let driver: FallbackDriver;
  return {
    async open(schemas, options) {
      driver = memoryDriver();
      await driver.open(schemas, options);
      return driver;
    },
    async reopen(schemas, options) {
      await driver.open(schemas, options);
      return driver;
    },
  };
}

/** Opens a new driver each time: only the directory is the same. */
function inFiles(): FallbackContext {
  let directory: string;
  const start: FallbackContext['open'] = async (schemas, options) => {
    const driver = fileDriver({ directory });
    await driver.open(schemas, options);
    return driver;
  };
  return {
    async open(schemas, options) {
      directory = await freshDirectory();
      return start(schemas, options);
    },
    reopen: start,
  };
}

describe.each([
  ['memory', inMemory],
  ['file', inFiles],
] as const)('the %s driver', (_, context) => {
  for (const { name, run } of fallbackConformance()) test(name, () => run(context()), 30_000);
});
