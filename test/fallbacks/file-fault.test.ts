import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import type { Row } from '../../src/core/schema.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { Disk, type Plan, type Step } from './file-disk.js';

const person = sampleSchema({ name: 'person', fields: { count: 'integer' } });

async function open(disk: Disk, plan: Plan = {}, warnings: string[] = []): Promise<FallbackDriver> {
  const { files, owners, lockClock } = disk.process(plan);
  const driver = fileDriver({ directory: '/data', machine: { files, owners, lockClock } });
  const warn = (message: string) => void warnings.push(message);
  const logger = { info() {}, warn, error: warn };
  await driver.open([person], { synchronize: true, clock: systemClock, logger, statementTimeout: 5000 });
  return driver;
}

const put = (driver: FallbackDriver, count: number, ...ids: string[]) =>
  driver.write(
    ids.map((id) => ({ schema: person, key: sampleKey(id), change: { type: 'put', row: [count] } as never })),
  );

const increment = (driver: FallbackDriver, id: string) =>
  driver.write([{ schema: person, key: sampleKey(id), change: { type: 'increment', field: 0, by: 1 } as never }]);

async function counts(driver: FallbackDriver): Promise<readonly unknown[]> {
  const entries = await driver.read(person, [sampleKey('a'), sampleKey('b')], undefined);
  return entries.map((entry) => (entry?.value as Row | undefined)?.[0]);
}

const system = (code: string, path: string) => Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'disk' });

/** A fault that befalls every step of these names while it is on. */
function faults(code: string, ...names: Step[]) {
  const control = { on: false, only: '' };
  return {
    control,
    fault(step: Step, path: string) {
      if (control.on && names.includes(step) && path.includes(control.only)) throw system(code, path);
    },
  };
}

describe('a store of files whose disk fails', () => {
  test('answers a write that finds the disk full with a fault: nothing was written, and later writes are made', async () => {
    const { control, fault } = faults('ENOSPC', 'create');
    const disk = new Disk();
    const driver = await open(disk, { fault });
    await put(driver, 1, 'a', 'b');
    control.on = true;
    const error = await put(driver, 2, 'a', 'b').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.outcome).toBe('none');
    expect(error.message).toMatch(/ENOSPC.*Make room on the disk/);
    expect(await counts(driver)).toEqual([1, 1]);
    control.on = false;
    expect(await put(driver, 3, 'a', 'b')).toMatchObject({ done: true });
    expect(await counts(driver)).toEqual([3, 3]);
    await driver.close();
    expect(await counts(await open(disk))).toEqual([3, 3]);
  });

  test('shows a write that is in the journal to all, even while the disk is too full to put it in place', async () => {
    const { control, fault } = faults('ENOSPC', 'create');
    const disk = new Disk();
    const warnings: string[] = [];
    const driver = await open(disk, { fault }, warnings);
    const reader = await open(disk);
    await put(driver, 1, 'a', 'b');
    // The journal's own temporary file comes first; those of the entries do not find room.
    let created = 0;
    const half = await open(
      disk,
      {
        fault(step, path) {
          if (control.on && step === 'create' && path.startsWith('/data/tmp/') && ++created > 1)
            throw system('ENOSPC', path);
        },
      },
      warnings,
    );
    control.on = true;
    expect(await put(half, 2, 'a', 'b')).toMatchObject({ done: true });
    expect(warnings.join()).toContain('could not be put in place yet');
    for (const one of [half, driver, reader]) expect(await counts(one)).toEqual([2, 2]);
    created = 1;
    await expect(increment(half, 'a')).rejects.toMatchObject({ name: 'StoreFault', outcome: 'none' });
    control.on = false;
    expect(await increment(half, 'a')).toMatchObject({ done: true });
    for (const one of [half, driver, reader]) expect(await counts(one)).toEqual([3, 2]);
  });

  test('does not know of a write whose segment could not be flushed, says so, and goes on', async () => {
    const { control, fault } = faults('EIO', 'flushDirectory');
    const disk = new Disk();
    const driver = await open(disk, { fault });
    await put(driver, 1, 'a', 'b');
    control.on = true;
    await expect(put(driver, 2, 'a', 'b')).rejects.toMatchObject({ name: 'StoreFault', outcome: 'unknown' });
    control.on = false;
    expect(await put(driver, 3, 'a')).toMatchObject({ done: true });
    expect((await counts(driver))[0]).toBe(3);
  });

  test('keeps its promises where any one step of a write fails: done, not done, or unknown, but never half', async () => {
    const outcomes = new Set<string>();
    for (let failAt = 0; failAt < 40; failAt++) {
      const disk = new Disk();
      let counting = false;
      let steps = 0;
      const driver = await open(disk, {
        fault(_, path) {
          if (counting && steps++ === failAt) throw system('EIO', path);
        },
      });
      await put(driver, 1, 'a', 'b');
      counting = true;
      const result = await put(driver, 2, 'a', 'b').then(
        ({ done }) => ({ state: done ? 'done' : 'refused' }),
        (error) => ({ state: error instanceof StoreFault ? error.outcome : String(error) }),
      );
      counting = false;
      outcomes.add(result.state);
      const allowed = { done: [2], none: [1], unknown: [1, 2] }[result.state];
      const other = await open(disk);
      const seen = await counts(other);
      expect({ failAt, result, allowed, seen, half: seen[0] !== seen[1] }).toMatchObject({ half: false });
      expect(allowed).toContain(seen[0]);
      expect(await increment(driver, 'a')).toMatchObject({ done: true });
      expect(await counts(driver)).toEqual([(seen[0] as number) + 1, seen[0]]);
      expect(await counts(other)).toEqual([(seen[0] as number) + 1, seen[0]]);
      await driver.close();
      await other.close();
    }
    expect([...outcomes].sort()).toEqual(['done', 'none', 'unknown']);
  });

  test('answers reads that fail with a fault that names the file, and is not stopped by them', async () => {
    const { control, fault } = faults('EACCES', 'read');
    const driver = await open(new Disk(), { fault });
    await put(driver, 1, 'a', 'b');
    control.only = '/data/entities/';
    control.on = true;
    for (const call of [counts(driver), increment(driver, 'a'), scan(driver)]) {
      const error = await call.then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(StoreFault);
      expect(error.outcome).toBe('none');
      expect(error.message).toMatch(/\/data\/entities\/person\/.*right to read and write/);
    }
    control.on = false;
    expect(await counts(driver)).toEqual([1, 1]);
  });

  test('is not opened, with a fault that says why, where it may not write', async () => {
    for (const step of ['makeDirectory', 'create', 'link'] as const) {
      const { control, fault } = faults('EROFS', step);
      control.on = true;
      const error = await open(new Disk(), { fault }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(StoreFault);
      expect(error.message).toMatch(/opening \/data .*Mount the file system for writing/);
    }
  });

  test('is closed all the same where its journal cannot be emptied, which the next open makes good', async () => {
    const { control, fault } = faults('EIO', 'flush');
    const disk = new Disk();
    const warnings: string[] = [];
    const driver = await open(disk, { fault }, warnings);
    await put(driver, 1, 'a', 'b');
    control.on = true;
    await driver.close();
    expect(warnings.join()).toContain('was closed without emptying its journal');
    expect(await counts(await open(disk))).toEqual([1, 1]);
  });
});

async function scan(driver: FallbackDriver): Promise<void> {
  for await (const _ of driver.scan(person));
}

test('writes that wait together are flushed together', async () => {
  let flushed = 0;
  const driver = await open(new Disk(), {
    fault(step) {
      if (step === 'flushDirectory') flushed++;
    },
  });
  flushed = 0;
  await Promise.all(Array.from({ length: 200 }, (_, at) => put(driver, at, `k${at}`)));
  expect(flushed).toBe(1);
  await Promise.all(Array.from({ length: 2500 }, (_, at) => put(driver, at, `k${at}`)));
  expect(flushed).toBe(4);
});

test('a write of many large entries does not keep the small ones waiting for its memory', async () => {
  const notes = sampleSchema({ name: 'notes', fields: { text: 'text' } });
  const disk = new Disk();
  const driver = await open(disk);
  const text = 'x'.repeat(2 ** 20);
  await Promise.all(
    Array.from({ length: 12 }, (_, at) =>
      driver.write([{ schema: notes, key: sampleKey(`k${at}`), change: { type: 'put', row: [text] } as never }]),
    ),
  );
  const segments = disk.paths().filter((path) => path.startsWith('/data/journal/'));
  for (const segment of segments) expect(disk.content(segment)!.length).toBeLessThan(6 * 2 ** 20);
  expect(await driver.count(notes)).toBe(12);
});

test('that entries of an entity expire is marked once, by whoever writes one first', async () => {
  const disk = new Disk();
  let marked = 0;
  const plan: Plan = {
    fault(step, path) {
      if (step === 'rename' && path.endsWith('/expiring')) marked++;
    },
  };
  const expiring = (driver: FallbackDriver, id: string) =>
    driver.write([
      {
        schema: person,
        key: sampleKey(id),
        change: { type: 'put', row: [1], expiresAt: systemClock.now() + 60_000 } as never,
      },
    ]);
  const [one, two] = [await open(disk, plan), await open(disk, plan)];
  await put(one, 1, 'ever');
  expect(marked).toBe(0);
  for (const id of ['a', 'b', 'c']) await expiring(one, id);
  expect(marked).toBe(1);
  expect([await one.count(person), await two.count(person)]).toEqual([4, 4]);
});
