import { describe, expect, test } from '@jest/globals';
import type { CityData } from '../../bench/demo/cities.js';
import { City, Location } from '../../bench/demo/city.js';
import { difference } from '../../bench/demo/difference.js';
import { paris } from './paris.js';

const answer = (change: Partial<CityData> = {}, { location = paris.location } = change): City =>
  Object.assign(new City(), paris, change, { location: Object.assign(new Location(), location) });

describe('The checker of the demo', () => {
  test('lets a right answer pass', () => {
    expect(difference(paris, answer())).toBeUndefined();
  });

  test.each<[keyof CityData, Partial<CityData>]>([
    ['country', { country: 'DE' }],
    ['cityId', { cityId: 1 }],
    ['name', { name: 'Pariſ' }],
    ['altName', { altName: ' ' }],
    ['featureCode', { featureCode: '' }],
    ['adminCode', { adminCode: '011' }],
    ['muni', { muni: '' }],
    ['muniSub', { muniSub: '' }],
    ['population', { population: 2_138_552 }],
    ['location', { location: { longitude: 2.3488, latitude: 48.853409 } }],
  ])('finds a wrong %s', (name, change) => {
    expect(difference(paris, answer(change))).toMatch(new RegExp(`^${name} is .*, not `));
  });

  test('finds absent, null and empty where another of them is right', () => {
    const { muni, ...without } = paris;
    expect(difference(without, answer())).toBe('muni is "751", not undefined');
    expect(difference(paris, answer({ muni: undefined as never }))).toBe('muni is undefined, not "751"');
    expect(difference(paris, answer({ muni: null as never }))).toBe('muni is null, not "751"');
    expect(difference(paris, answer({ altName: undefined as never }))).toBe('altName is undefined, not ""');
  });

  test('finds a number that is a text, and a place that is no Location', () => {
    expect(difference(paris, answer({ population: '2138551' as never }))).toMatch('population is "2138551"');
    expect(difference(paris, Object.assign(new City(), paris))).toMatch('location is');
  });

  test('finds a city that is missing, and one that must not exist', () => {
    expect(difference(paris, undefined)).toBe('does not exist: undefined');
    expect(difference(paris, null)).toBe('does not exist: null');
    expect(difference(undefined, answer())).toMatch('exists, but must not');
    expect(difference(undefined, null)).toMatch('exists, but must not');
    expect(difference(undefined, undefined)).toBeUndefined();
  });

  test('finds an answer of another class, and one with a property that no city has', () => {
    expect(difference(paris, { ...answer() })).toBe('is no City');
    expect(difference(paris, Object.assign(answer(), { mayor: 'Anne' }))).toBe('has a property mayor');
  });

  test('wants of a part what was asked for and the key, and nothing else', () => {
    const part = { country: 'FR', cityId: 2988507, name: 'Paris', muni: '751' };
    expect(difference(paris, part, ['name', 'muni'])).toBeUndefined();
    expect(difference(paris, { ...part, population: 2_138_551 }, ['name', 'muni'])).toMatch('population');
    expect(difference(paris, { ...part, muni: undefined }, ['name', 'muni'])).toMatch('muni');
    expect(difference(paris, answer(), ['name'])).toMatch('altName');
  });
});
