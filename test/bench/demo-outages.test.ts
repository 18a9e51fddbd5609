import { expect, test } from '@jest/globals';
import { play, row, runModule } from './play.js';

test('The outages of the hot tier in process bring nothing wrong, lost or stale', async () => {
  const { code, output, errors } = await play('--limit', '400', '--outages', '4');
  expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/\n0 wrong, 0 lost, 0 stale\.\n/);
  expect(output).toContain('by the fault-injecting store of holdfast/testing');
  // Every city was asked of both tiers in the end, and each tier answered itself.
  const checks = ['durable store', 'hot tier, read by the reader', 'hot tier, read by the first writer'];
  for (const name of checks) expect(row(output, `at the end: ${name}`)).toEqual(['392', '392', '0', '0', '0']);
  expect(row(output, 'at the end: verify(), both tiers side by side').slice(2)).toEqual(['0', '0', '0']);
  // Some writes found no hot tier, some did.
  const [, writes, untold] = /([\d,]+) writes were acknowledged, ([\d,]+) of them while/.exec(output)!;
  const count = (text: string | undefined) => Number(text!.replaceAll(',', ''));
  expect(count(untold)).toBeGreaterThan(0);
  expect(count(writes)).toBeGreaterThan(count(untold));
  for (const state of ['back, old data', 'back, no data', 'answers again']) expect(output).toContain(state);
}, 120_000);

/** Plays the demo on a hot tier that is broken, as bench/demo.ts does. */
const playBroken = (store: string) =>
  runModule(`
    import { memoryHotStore } from 'holdfast/testing';
    import { inProcess } from './bench/demo/outages/in-process.js';
    import { playOn } from './bench/demo/run.js';
    const make = ${store};
    const options = { redis: undefined, fallback: 'sqlite:', limit: 400, outages: 4 };
    if (!(await playOn(options, inProcess(make), new AbortController().signal))) process.exitCode = 1;
  `);

test.each([
  [
    'does not drop what it is told to',
    `(tag) => {
      const store = memoryHotStore({ tag });
      store.drop = store.abandon = async (_, keys) => keys.map(() => undefined);
      return store;
    }`,
  ],
  ['trusts its old data after a restart', '() => memoryHotStore()'],
])(
  'The outages of a hot tier that %s bring stale answers, and the demo fails',
  async (_, store) => {
    const { code, output, errors } = await playBroken(store);
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
    expect(output).toMatch(/\n\d+ wrong, 0 lost, [1-9][\d,]* stale\.\n {2}stale: city \w+:\d+, read by /);
  },
  120_000,
);

test('The demo has no outages where none are wanted', async () => {
  const { code, output } = await play('--limit', '100', '--outages', '0');
  expect(code).toBe(0);
  expect(output).not.toContain('stale');
}, 60_000);

test('The demo says how long its outages can be', async () => {
  const { code, errors } = await play('--outages', '1');
  expect(code).toBe(1);
  expect(errors).toContain('--outages cannot be 1. Give a number of seconds from 3 to 3600, or 0 for none.');
}, 60_000);
