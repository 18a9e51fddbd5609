import { describe, expect, test } from '@jest/globals';
import type { CityData } from '../../bench/demo/cities.js';
import { Location, PlainCity } from '../../bench/demo/city.js';
import { Findings } from '../../bench/demo/outages/findings.js';
import { CityHistory, type Verdict } from '../../bench/demo/outages/history.js';
import { now } from '../../bench/demo/outages/now.js';
import { paris } from './paris.js';

const grown = (by: number): CityData => ({ ...paris, population: paris.population + by });

const answer = (city: CityData): PlainCity =>
  Object.assign(new PlainCity(), city, { location: Object.assign(new Location(), city.location) });

/** A read of `city` that begins and ends after so many milliseconds. */
function read(
  history: CityHistory,
  city: CityData | undefined,
  { after = 0, told = 0, untold = told }: { after?: number; told?: number; untold?: number } = {},
): Verdict {
  const begun = now() + after;
  return history.judge({
    answer: city && answer(city),
    begun,
    ended: begun,
    bound: (delivered) => (delivered ? told : untold),
  });
}

describe('The history of a city', () => {
  test('takes what was acknowledged, and what is being written, for right', () => {
    const history = new CityHistory(paris);
    expect(read(history, paris).is).toBe('right');
    const version = history.begin(grown(1));
    expect(read(history, paris).is).toBe('right');
    expect(read(history, grown(1)).is).toBe('right');
    history.acknowledge(version, true);
    expect(read(history, grown(1)).is).toBe('right');
  });

  test('finds what a write acknowledged before the read had replaced', () => {
    const history = new CityHistory(paris);
    history.acknowledge(history.begin(grown(1)), true);
    expect(read(history, paris).is).toBe('stale');
    history.acknowledge(history.begin(undefined), true);
    expect(read(history, undefined).is).toBe('right');
    expect(read(history, grown(1)).is).toBe('stale');
    history.acknowledge(history.begin(grown(3)), true);
    expect(read(history, undefined).is).toBe('stale');
  });

  test('does not blame a read that began before the acknowledgement', () => {
    const history = new CityHistory(paris);
    const version = history.begin(grown(1));
    const begun = now();
    history.acknowledge(version, true);
    const ended = now();
    expect(history.judge({ answer: answer(paris), begun, ended, bound: () => 0 }).is).toBe('right');
  });

  test('allows what is within its bound, and tells its age', () => {
    const history = new CityHistory(paris);
    history.acknowledge(history.begin(grown(1)), true);
    const within = read(history, paris, { after: 400, told: 500 });
    expect(within).toMatchObject({ is: 'within', age: expect.any(Number) });
    expect((within as { age: number }).age).toBeGreaterThanOrEqual(400);
    expect(read(history, paris, { after: 600, told: 500 }).is).toBe('stale');
  });

  test('allows more where the hot tier could not be told, but not for a write that it was told of', () => {
    const history = new CityHistory(paris);
    history.acknowledge(history.begin(grown(1)), false);
    expect(read(history, paris, { after: 400, untold: 500 }).is).toBe('within');
    history.acknowledge(history.begin(grown(2)), true);
    expect(read(history, grown(1), { after: 400, untold: 500 }).is).toBe('stale');
  });

  test('finds what nobody wrote: other values, mixed ones, and those of writes that begin later', () => {
    const history = new CityHistory(paris);
    history.begin({ ...grown(1), name: 'Paris (1)' });
    expect(read(history, grown(1))).toMatchObject({ is: 'wrong', fault: 'name is "Paris", not "Paris (1)"' });
    expect(read(history, undefined).is).toBe('wrong');
    const early = now();
    history.begin(grown(2));
    const verdict = history.judge({ answer: answer(grown(2)), begun: early, ended: early, bound: () => 0 });
    expect(verdict.is).toBe('wrong');
  });

  test('keeps what a failed write may have made among what is right', () => {
    const history = new CityHistory(paris);
    history.begin(grown(1));
    expect(history.settled).toBe(false);
    expect([read(history, paris).is, read(history, grown(1)).is]).toEqual(['right', 'right']);
    history.acknowledge(history.begin(grown(2)), true);
    expect([read(history, paris).is, read(history, grown(1)).is]).toEqual(['stale', 'stale']);
  });

  test('knows acknowledgements that come in another order than the versions', () => {
    const history = new CityHistory(paris);
    const first = history.begin(grown(1));
    history.acknowledge(history.begin(grown(2)), true);
    expect(read(history, grown(1)).is).toBe('stale');
    history.acknowledge(first, true);
    expect(read(history, grown(2)).is).toBe('right');
  });
});

test('An answer of the durable store that is too old means that a write is lost, one of the hot tier that it is stale', () => {
  const findings = new Findings();
  const stale: Verdict = { is: 'stale', age: 5, fault: 'is old' };
  findings.answered(stale, true, () => 'city FR:1');
  findings.answered(stale, false, () => 'city FR:2');
  findings.answered({ is: 'within', age: 7 }, false, () => 'city FR:3');
  expect(findings).toMatchObject({ checked: 3, wrong: 0, lost: 1, stale: 1, within: 1, oldest: 7, clean: false });
  expect(findings.examples).toEqual(['lost: city FR:1 is old', 'stale: city FR:2 is old']);
});

test('Every entry that differs between the tiers is counted', () => {
  const findings = new Findings();
  findings.compared(10, 0, () => '');
  expect(findings).toMatchObject({ checked: 10, stale: 0, clean: true });
  findings.compared(7, 3, () => 'one of FR:1');
  expect(findings).toMatchObject({ checked: 20, stale: 3, clean: false });
});
