import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { Row } from '../../src/core/schema.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { runTsChild } from '../support/ts-child.js';
import { city, person } from './file-crash-schemas.js';

const child = fileURLToPath(new URL('./file-crash-child.ts', import.meta.url));
const silent = { info() {}, warn() {}, error() {} };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'holdfast-crash-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function opened<T>(use: (driver: FallbackDriver) => Promise<T>): Promise<T> {
  const driver = fileDriver({ directory });
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

const put = (driver: FallbackDriver, count: number) =>
  driver.write([
    { schema: person, key: sampleKey('a'), change: { type: 'put', row: [count] } as never },
    { schema: city, key: sampleKey('b'), change: { type: 'put', row: [count] } as never },
  ]);

async function counts(driver: FallbackDriver): Promise<readonly (number | undefined)[]> {
  const [a] = await driver.read(person, [sampleKey('a')], undefined);
  const [b] = await driver.read(city, [sampleKey('b')], undefined);
  return [a, b].map((entry) => (entry?.value as Row | undefined)?.[0] as number | undefined);
}

/** What a process that was killed leaves behind, and a clean one does not. */
async function leftovers(): Promise<readonly string[]> {
  const names = await readdir(directory);
  const temporary = await readdir(path.join(directory, 'tmp')).catch(() => []);
  const owners = await readdir(path.join(directory, 'owners'));
  return [...names.filter((name) => name === 'lock'), ...temporary, ...owners.filter((name) => name !== 'wanted')];
}

test('a process that is killed at any step of a write of two entries, or of closing, leaves both or none, and what it had acknowledged', async () => {
  const whole = runTsChild(child, [directory, 'batch']);
  const steps = JSON.parse((await whole.line('steps ')).slice('steps '.length)) as string[];
  expect((await whole.ended).code).toBe(0);
  expect(steps).toEqual(expect.arrayContaining(['link', 'create', 'rename', 'flushDirectory', 'counter', 'remove']));
  const seen = new Set<number>();
  for (let step = 0; step < steps.length; step++) {
    await rm(directory, { recursive: true, force: true });
    await opened((driver) => put(driver, 1));
    const killed = runTsChild(child, [directory, 'batch', String(step)]);
    expect((await killed.ended).signal).toBe('SIGKILL');
    await opened(async (driver) => {
      const [a, b] = await counts(driver);
      expect({ step: steps[step], a, b }).toEqual({ step: steps[step], a: b, b: a });
      expect(killed.lines.includes('acknowledged') ? [2] : [1, 2]).toContain(a);
      seen.add(a!);
      expect((await put(driver, 3)).done).toBe(true);
      expect(await counts(driver)).toEqual([3, 3]);
    });
    expect(await leftovers()).toEqual([]);
  }
  expect([...seen].sort()).toEqual([1, 2]);
}, 120_000);

test('a process that is killed at any moment of a stream of writes has lost nothing that it acknowledged', async () => {
  await opened((driver) => put(driver, 0));
  let least = 0;
  for (const count of [1, 7, 20]) {
    const stream = runTsChild(child, [directory, 'stream']);
    await stream.line(`acknowledged ${count}`);
    await stream.kill();
    const acknowledged = stream.lines.length;
    await opened(async (driver) => {
      const [a, b] = await counts(driver);
      expect(a).toBe(b);
      expect(a).toBeGreaterThanOrEqual(least + acknowledged);
      expect(a).toBeLessThanOrEqual(least + acknowledged + 1);
      least = a!;
    });
  }
}, 120_000);

test('processes that write to one directory lose nothing of one another, and go on when one of them is killed', async () => {
  await opened((driver) => put(driver, 0));
  const streams = [1, 2, 3].map(() => runTsChild(child, [directory, 'stream']));
  await Promise.all(streams.map((stream) => stream.line('acknowledged 5')));
  await streams[0]!.kill();
  const before = streams.map(({ lines }) => lines.length);
  await Promise.all([1, 2].map((at) => streams[at]!.line(`acknowledged ${before[at]! + 10}`)));
  await opened(async (driver) => {
    const [a, b] = await counts(driver);
    expect([a, b]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(
      (await driver.write([{ schema: person, key: sampleKey('mine'), change: { type: 'put', row: [1] } as never }]))
        .done,
    ).toBe(true);
  });
  await Promise.all([1, 2].map((at) => streams[at]!.kill()));
  const acknowledged = streams.reduce((sum, { lines }) => sum + lines.length, 0);
  await opened(async (driver) => {
    const [a, b] = await counts(driver);
    expect(a).toBe(b);
    expect(a).toBeGreaterThanOrEqual(acknowledged);
    expect(a).toBeLessThanOrEqual(acknowledged + streams.length);
  });
  expect(await leftovers()).toEqual([]);
}, 120_000);
