import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { Row } from '../../src/core/schema.js';
import { typeormDriver } from '../../src/fallbacks/typeorm/driver.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { runTsChild } from '../support/ts-child.js';
import { city, person } from './file-crash-schemas.js';

const child = fileURLToPath(new URL('./sqlite-crash-child.ts', import.meta.url));
const silent = { info() {}, warn() {}, error() {} };

async function opened<T>(file: string, use: (driver: FallbackDriver) => Promise<T>): Promise<T> {
  const driver = typeormDriver({ source: `sqlite:${file}` });
  await driver.open([person, city], {
    synchronize: true,
    clock: systemClock,
    logger: silent,
    statementTimeout: 30_000,
  });
  try {
    return await use(driver);
  } finally {
    await driver.close();
  }
}

async function counts(driver: FallbackDriver): Promise<readonly number[]> {
  const [a] = await driver.read(person, [sampleKey('a')], undefined);
  const [b] = await driver.read(city, [sampleKey('b')], undefined);
  return [a, b].map((entry) => (entry!.value as Row)[0] as number);
}

test('a process that writes to SQLite and is killed at any moment leaves both of two entries or none, and all that it had acknowledged', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-sqlite-crash-'));
  const file = path.join(directory, 'data.sqlite');
  try {
    await opened(file, (driver) =>
      driver.write([
        { schema: person, key: sampleKey('a'), change: { type: 'put', row: [0] } as never },
        { schema: city, key: sampleKey('b'), change: { type: 'put', row: [0] } as never },
      ]),
    );
    let least = 0;
    for (const count of [1, 10, 200]) {
      const stream = runTsChild(child, [file]);
      await stream.line(`acknowledged ${count}`);
      const { signal } = await stream.kill();
      expect(signal).toBe('SIGKILL');
      const acknowledged = stream.lines.length;
      const [a, b] = await opened(file, counts);
      expect(a).toBe(b);
      expect(a).toBeGreaterThanOrEqual(least + acknowledged);
      expect(a).toBeLessThanOrEqual(least + acknowledged + 1);
      least = a!;
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);
