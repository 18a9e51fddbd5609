import { expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { DirectoryLock } from '../../src/fallbacks/file/lock.js';
import { Disk, type Plan, randomOf } from './file-disk.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function lockOn(disk: Disk, plan: Plan = {}) {
  const process = disk.process(plan);
  const lock = new DirectoryLock({
    directory: '/data',
    files: process.files,
    owners: process.owners,
    clock: process.lockClock,
  });
  await lock.register();
  return { lock, process };
}

test('a lock is held by one at a time, however many want it and wherever its holders are killed', async () => {
  const random = randomOf(11);
  for (let round = 0; round < 400; round++) {
    const disk = new Disk();
    const pace = async () => {
      for (let turns = random() * 4; turns > 1; turns--) await turn();
    };
    let holder: object | undefined;
    let held = 0;
    const contend = async () => {
      const { lock, process } = await lockOn(disk, { pace });
      const times = 1 + Math.floor(random() * 3);
      const killed = random() < 0.5;
      const work = async () => {
        for (let at = 0; at < times; at++)
          await lock.hold(1e9, async () => {
            expect(holder).toBeUndefined();
            holder = process;
            held++;
            for (let turns = random() * 5; turns > 1; turns--) await turn();
            holder = undefined;
            if (killed && at === times - 1) process.kill();
          });
      };
      const late =
        killed && random() < 0.5 ? turns(random() * 60).then(() => kill(process)) : new Promise<never>(() => {});
      await Promise.race([work(), process.ended, late]);
    };
    const kill = (process: { kill(): void }) => {
      if (holder === process) holder = undefined;
      process.kill();
    };
    const dead = await lockOn(disk);
    void dead.lock.hold(1e9, async () => dead.process.kill());
    await dead.process.ended;
    await Promise.all(Array.from({ length: 5 }, contend));
    const { lock } = await lockOn(disk);
    await lock.hold(1e9, async () => {
      held++;
      await lock.sweep();
    });
    await lock.unregister();
    expect(held).toBeGreaterThan(0);
    expect(
      disk.paths().filter((path) => path !== '/data/owners/wanted' && !/^\/data\/owners\/p\d+\.json$/.test(path)),
    ).toEqual([]);
  }
}, 60_000);

const turns = async (count: number) => {
  for (let at = 0; at < count; at++) await turn();
};

test('a holder that lives is waited for, and then not waited for any longer than was asked', async () => {
  const disk = new Disk();
  const first = await lockOn(disk);
  const second = await lockOn(disk);
  let release = () => {};
  const held = first.lock.hold(1000, () => new Promise<void>((resolve) => (release = resolve)));
  await expect(second.lock.hold(50_000, async () => {})).rejects.toThrow(StoreFault);
  release();
  await held;
  await expect(second.lock.hold(0, async () => 'held')).resolves.toBe('held');
});

test('a holder of whom nothing is known keeps its lock as long as it shows life, and loses it afterwards', async () => {
  const disk = new Disk({ beforeBoot: 'unsure' });
  const first = await lockOn(disk);
  let release = () => {};
  const held = first.lock.hold(1000, () => new Promise<void>((resolve) => (release = resolve)));
  await turn();
  disk.moveOthersAway();
  const second = await lockOn(disk);
  await expect(second.lock.hold(300_000, async () => {})).rejects.toThrow(StoreFault);
  first.process.kill();
  await expect(second.lock.hold(300_000, async () => 'held')).resolves.toBe('held');
  void held;
  void release;
});

test('a holder that showed no life for long does not write any more, and leaves the lock to whoever has it now', async () => {
  const disk = new Disk({ beforeBoot: 'unsure' });
  let stuck = false;
  const first = await lockOn(disk, {
    fault(step) {
      if (stuck && step === 'touch') throw Object.assign(new Error('stale handle'), { code: 'ESTALE' });
    },
  });
  let release = () => {};
  const held = first.lock.hold(1000, async () => {
    first.lock.assertHeld();
    await new Promise<void>((resolve) => (release = resolve));
    expect(() => first.lock.assertHeld()).toThrow(/was not renewed/);
  });
  await turn();
  stuck = true;
  disk.moveOthersAway();
  const second = await lockOn(disk);
  await second.lock.hold(300_000, async () => {
    release();
    await held;
    const third = await lockOn(disk);
    await expect(third.lock.hold(1000, async () => {})).rejects.toThrow(/is held by process/);
  });
});

test('who waits for the lock gets it before its holder gets it again', async () => {
  const disk = new Disk();
  const first = await lockOn(disk);
  const second = await lockOn(disk);
  const order: string[] = [];
  let waiting: Promise<number> | undefined;
  await first.lock.hold(1000, async () => {
    expect(await first.lock.wanted()).toBe(false);
    waiting = second.lock.hold(1e9, async () => order.push('second'));
    await turns(5);
    expect(await first.lock.wanted()).toBe(true);
  });
  await first.lock.hold(1000, async () => order.push('first'));
  await waiting;
  expect(order).toEqual(['second', 'first']);
});

test('a lock file that says nothing is named in the error', async () => {
  const disk = new Disk();
  const { lock, process } = await lockOn(disk);
  await process.files.create('/data/lock', 'scribble');
  await expect(lock.hold(1000, async () => {})).rejects.toThrow('/data/lock does not say who holds it');
});
