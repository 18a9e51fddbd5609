import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import type { FallbackDriver, KeyedChange } from '../../src/core/fallback-driver.js';
import type { RowChange } from '../../src/core/kind.js';
import type { Row } from '../../src/core/schema.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { Disk, type DiskProcess, type Plan, randomOf } from './file-disk.js';

const person = sampleSchema({ name: 'person', fields: { count: 'integer' } });
const city = sampleSchema({ name: 'city', fields: { count: 'integer' } });
const silent = { info() {}, warn() {}, error() {} };
const options = { synchronize: true, clock: systemClock, logger: silent, statementTimeout: 1e9 };

const keyed = (name: string, change: RowChange): KeyedChange => ({
  schema: name.startsWith('c') ? city : person,
  key: sampleKey(name),
  change,
});
const put = (name: string, count: number) => keyed(name, { type: 'put', row: [count] });
const remove = (name: string) => keyed(name, { type: 'delete' });
const increment = (name: string) => keyed(name, { type: 'increment', field: 0, by: 1 });

type State = Readonly<Record<string, number>>;
const NAMES = ['p1', 'p2', 'c1', 'c2'];

/** Writes of a store, each with what the store holds after it; `null` closes it and opens it again. */
const SCRIPT: readonly (readonly [readonly KeyedChange[], State] | null)[] = [
  [[put('p1', 1)], { p1: 1 }],
  [[put('p1', 2), put('c1', 2)], { p1: 2, c1: 2 }],
  [[increment('p1'), increment('c1'), put('p2', 3)], { p1: 3, c1: 3, p2: 3 }],
  null,
  [[put('p1', 4), remove('c1'), put('c2', 4)], { p1: 4, p2: 3, c2: 4 }],
  [[increment('p2')], { p1: 4, p2: 4, c2: 4 }],
  [[remove('p1'), put('c1', 5), put('p2', 5)], { c1: 5, p2: 5, c2: 4 }],
  [[put('p1', 6), put('p2', 6), put('c1', 6), put('c2', 6)], { p1: 6, p2: 6, c1: 6, c2: 6 }],
];
const STATES: readonly State[] = [{}, ...SCRIPT.flatMap((step) => (step ? [step[1]] : []))];

async function open({ files, owners, lockClock }: DiskProcess): Promise<FallbackDriver> {
  const driver = fileDriver({ directory: '/data', machine: { files, owners, lockClock } });
  await driver.open([person, city], options);
  return driver;
}

async function stateOf(driver: FallbackDriver): Promise<State> {
  const state: Record<string, number> = {};
  for (const name of NAMES) {
    const [entry] = await driver.read(name.startsWith('c') ? city : person, [sampleKey(name)], undefined);
    if (entry) state[name] = (entry.value as Row)[0] as number;
  }
  return state;
}

/** Runs the script in one process until it ends; how many writes were acknowledged. */
async function run(
  disk: Disk,
  plan: Plan,
): Promise<{ readonly acknowledged: number; readonly process: DiskProcess; readonly survived: boolean }> {
  const process = disk.process(plan);
  let acknowledged = 0;
  const script = async () => {
    let driver = await open(process);
    for (const step of SCRIPT) {
      if (step === null) {
        await driver.close();
        driver = await open(process);
        continue;
      }
      const result = await driver.write(step[0]);
      expect(result.done).toBe(true);
      acknowledged++;
    }
    await driver.close();
    return true;
  };
  const survived = await Promise.race([script(), process.ended.then(() => false)]);
  return { acknowledged, process, survived };
}

/** What the store holds must be one of these; it goes on from there, and keeps what it is given. */
async function goesOn(disk: Disk, allowed: readonly State[], subject: string): Promise<void> {
  const driver = await open(disk.process());
  const state = await stateOf(driver);
  expect({ subject, allowed, state }).toEqual({
    subject,
    allowed,
    state: allowed.find((one) => same(one, state)) ?? allowed,
  });
  expect((await driver.write([put('p1', 100), put('c1', 100)])).done).toBe(true);
  await driver.close();
  const again = await open(disk.process());
  expect(await stateOf(again)).toEqual({ ...state, p1: 100, c1: 100 });
  expect([await again.count(person), await again.count(city)]).toEqual(
    ['p', 'c'].map((first) => Object.keys({ ...state, p1: 0, c1: 0 }).filter((name) => name.startsWith(first)).length),
  );
  await again.close();
  expect(disk.paths().filter((path) => path.startsWith('/data/journal/'))).toHaveLength(1);
  expect(disk.paths().filter((path) => path.startsWith('/data/tmp/') || path === '/data/lock')).toEqual([]);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const same = (a: State, b: State): boolean => NAMES.every((name) => a[name] === b[name]);

/** The states that are right after so many writes were acknowledged: the one that was under way is made or not. */
const rightAfter = (acknowledged: number): readonly State[] => STATES.slice(acknowledged, acknowledged + 2);

async function countSteps(): Promise<number> {
  const { process, survived } = await run(new Disk(), {});
  expect(survived).toBe(true);
  return process.steps.length;
}

describe('a store of files', () => {
  test('holds every acknowledged write, whole, where the process is killed before or after any step', async () => {
    const steps = await countSteps();
    expect(steps).toBeGreaterThan(100);
    for (let killAt = 0; killAt < steps; killAt++)
      for (const moment of ['before', 'after'] as const) {
        const disk = new Disk();
        const { acknowledged } = await run(disk, { killAt, moment });
        await goesOn(disk, rightAfter(acknowledged), `killed ${moment} step ${killAt}`);
      }
  }, 60_000);

  test('holds every acknowledged write, whole, where the power is cut at any step', async () => {
    const steps = await countSteps();
    for (let killAt = 0; killAt <= steps; killAt++)
      for (let seed = 0; seed < 5; seed++) {
        const disk = new Disk();
        const { acknowledged } = await run(disk, { killAt });
        disk.cutPower(randomOf(killAt * 1000 + seed));
        await goesOn(disk, rightAfter(acknowledged), `power cut at step ${killAt}, seed ${seed}`);
      }
  }, 60_000);

  test('waits until a holder from before the power cut shows no life, where it cannot be told that it is dead', async () => {
    const steps = await countSteps();
    for (let killAt = 0; killAt <= steps; killAt += 17) {
      const disk = new Disk({ beforeBoot: 'unsure' });
      const { acknowledged } = await run(disk, { killAt });
      disk.cutPower(randomOf(killAt));
      await goesOn(disk, rightAfter(acknowledged), `power cut at step ${killAt}`);
    }
  }, 60_000);

  test('loses nothing where the power is cut once the next process has repaired what a killed one left', async () => {
    const steps = await countSteps();
    for (let killAt = 0; killAt < steps; killAt++)
      for (let seed = 0; seed < 3; seed++) {
        const disk = new Disk();
        const { acknowledged } = await run(disk, { killAt });
        await open(disk.process());
        disk.cutPower(randomOf(killAt * 1000 + seed));
        await goesOn(disk, rightAfter(acknowledged), `killed at step ${killAt}, seed ${seed}`);
      }
  }, 60_000);

  test('shows readers all of a write or nothing of it while the next process repairs what a killed one left', async () => {
    const random = randomOf(5);
    const pace = async () => {
      if (random() < 0.5) await turn();
    };
    for (let killAt = 0; killAt < 60; killAt++)
      for (let round = 0; round < 5; round++) {
        const disk = new Disk();
        const reader = await open(disk.process({ pace }));
        await reader.write([put('p1', 0), put('p2', 0)]);
        const killed = disk.process({ killAt, moment: 'after' });
        const write = open(killed).then((driver) => driver.write([increment('p1'), increment('p2')]));
        await Promise.race([write, killed.ended]);
        killed.kill();
        let repaired = false;
        const repairing = open(disk.process({ pace })).finally(() => {
          repaired = true;
        });
        while (!repaired) {
          const entries = await reader.read(person, [sampleKey('p1'), sampleKey('p2')], undefined);
          const [one, two] = entries.map((entry) => (entry!.value as Row)[0]);
          expect({ killAt, one }).toEqual({ killAt, one: two });
        }
        await repairing;
        await reader.close();
      }
  }, 60_000);

  test('is opened right also where the process that repairs it is killed, or the power cut again', async () => {
    const steps = await countSteps();
    const random = randomOf(7);
    for (let round = 0; round < 500; round++) {
      const disk = new Disk();
      const { acknowledged } = await run(disk, { killAt: Math.floor(random() * steps) });
      const subject: string[] = [];
      for (let times = 0; times < 3; times++) {
        if (random() < 0.5) {
          disk.cutPower(random);
          subject.push('power cut');
        }
        const killAt = Math.floor(random() * 40);
        const repairing = disk.process({ killAt, moment: random() < 0.5 ? 'before' : 'after' });
        const opened = open(repairing).then((driver) => driver.close());
        await Promise.race([opened, repairing.ended]);
        repairing.kill();
        subject.push(`killed at step ${killAt} of repairing`);
      }
      await goesOn(disk, rightAfter(acknowledged), `round ${round}: ${subject.join(', ')}`);
    }
  }, 60_000);

  test('shows readers all of a write or nothing of it while its writer is killed and others take over', async () => {
    const random = randomOf(3);
    for (let round = 0; round < 150; round++) {
      const disk = new Disk();
      // Sometimes one process makes several steps while the others make none.
      const pace = async () => {
        if (random() < 0.3) await turn();
      };
      const reader = await open(disk.process({ pace }));
      let acknowledged = 0;
      let begun = 0;
      let stop = false;
      const writer = async (killAt: number) => {
        const process = disk.process({ killAt, moment: random() < 0.5 ? 'before' : 'after', pace });
        const writes = async () => {
          const driver = await open(process);
          for (;;) {
            begun++;
            await driver.write([increment('p1'), increment('p2')]);
            acknowledged++;
          }
        };
        await Promise.race([writes(), process.ended]);
      };
      await reader.write([put('p1', 0), put('p2', 0)]);
      const seen: number[] = [];
      const reading = (async () => {
        while (!stop) {
          const entries = await reader.read(person, [sampleKey('p1'), sampleKey('p2')], undefined);
          const [one, two] = entries.map((entry) => (entry!.value as Row)[0] as number);
          expect(one).toBe(two);
          seen.push(one!);
          const [single] = await reader.read(person, [sampleKey('p2')], undefined);
          seen.push((single!.value as Row)[0] as number);
          await turn();
        }
      })();
      await Promise.all([writer(20 + Math.floor(random() * 150)), writer(20 + Math.floor(random() * 150))]);
      await writer(20 + Math.floor(random() * 100));
      stop = true;
      await reading;
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      const state = await stateOf(reader);
      expect(state.p1).toBe(state.p2);
      expect(state.p1).toBeGreaterThanOrEqual(acknowledged);
      expect(state.p1).toBeLessThanOrEqual(begun);
      await reader.close();
    }
  }, 60_000);
});
