import { isDeepStrictEqual } from 'node:util';
import type { CityData } from './cities.js';
import { Location, PlainCity } from './city.js';

const NAMES = [
  'country',
  'cityId',
  'name',
  'altName',
  'featureCode',
  'adminCode',
  'muni',
  'muniSub',
  'population',
  'location',
] as const satisfies readonly (keyof CityData)[];

/**
 * How an answer differs from what it must be (`undefined`: there is no such city); `undefined` where it does not. With
 * `fields`, it must hold these and the key, and nothing else.
 */
export function difference(
  expected: CityData | undefined,
  answer: unknown,
  fields?: readonly (keyof CityData)[],
): string | undefined {
  if (expected === undefined) return answer === undefined ? undefined : `exists, but must not: ${show(answer)}`;
  if (typeof answer !== 'object' || answer === null) return `does not exist: ${show(answer)}`;
  if (!fields && !(answer instanceof PlainCity)) return 'is no City';
  const stray = Object.keys(answer).find((name) => !(NAMES as readonly string[]).includes(name));
  if (stray !== undefined) return `has a property ${stray}`;
  for (const name of NAMES) {
    const asked = !fields || fields.includes(name) || name === 'country' || name === 'cityId';
    const wanted = asked ? expected[name] : undefined;
    const got = (answer as Partial<CityData>)[name];
    if (!same(wanted, got)) return `${name} is ${show(got)}, not ${show(wanted)}`;
  }
  return undefined;
}

function same(wanted: CityData[keyof CityData] | undefined, got: unknown): boolean {
  return typeof wanted === 'object'
    ? got instanceof Location && isDeepStrictEqual({ ...got }, { ...wanted })
    : Object.is(wanted, got);
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);
