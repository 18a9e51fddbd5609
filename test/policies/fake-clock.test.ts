import { describe, expect, test } from '@jest/globals';
import { fakeClock } from '../../src/testing/fake-clock.js';

describe('fakeClock', () => {
  test('stands still until it is told to advance', async () => {
    const clock = fakeClock(1_000);
    expect(clock.now()).toBe(1_000);
    await clock.advance(50);
    expect(clock.now()).toBe(1_050);
  });

  test('fires what falls due in order, each at its own time, ties in the order of their making', async () => {
    const clock = fakeClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.after(30, note('c'));
    clock.after(10, note('a'));
    clock.after(30, note('d'));
    clock.after(20, note('b'));
    clock.after(31, note('late'));
    await clock.advance(30);
    expect(fired).toEqual(['a@10', 'b@20', 'c@30', 'd@30']);
    expect(clock.pending).toBe(1);
  });

  test('fires timers that others set, when they fall due within the same span', async () => {
    const clock = fakeClock();
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      if (fired.length < 10) clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
    clock.after(0, () => fired.push(-1));
    await clock.advance(0);
    expect(fired.at(-1)).toBe(-1);
  });

  test('does not fire what was cancelled, before or during the advance', async () => {
    const clock = fakeClock();
    const fired: string[] = [];
    clock.after(10, () => fired.push('no'))();
    const cancel = clock.after(20, () => fired.push('no'));
    clock.after(15, cancel);
    await clock.advance(100);
    expect(fired).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('lets promises run on between two timers', async () => {
    const clock = fakeClock();
    const notes: string[] = [];
    const work = (async () => {
      for (const step of [1, 2, 3]) {
        await new Promise<void>((resolve) => clock.after(10, resolve));
        for (let turn = 0; turn < 20; turn++) await null;
        notes.push(`${step}@${clock.now()}`);
      }
    })();
    clock.after(11, () => notes.push('between'));
    await clock.advance(30);
    await work;
    expect(notes).toEqual(['1@10', 'between', '2@20', '3@30']);
  });
});
