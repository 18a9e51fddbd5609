import { expect, test } from '@jest/globals';
import { runModule } from './play.js';

// In a process of its own: the package that holds the cities takes long to load within Jest.
const facts = async (limit: number): Promise<Record<string, number>> => {
  const { output } = await runModule(`
    import { loadCities } from './bench/demo/cities.js';
    const cities = loadCities(${limit});
    const different = (of) => new Set(cities.map(of)).size;
    console.log(JSON.stringify({
      cities: cities.length,
      keys: different(({ country, cityId }) => country + ':' + cityId),
      countries: different(({ country }) => country),
    }));
  `);
  return JSON.parse(output) as Record<string, number>;
};

test('The cities of the demo are all of the source, without two under one key', async () => {
  const { cities, keys } = await facts(Number.POSITIVE_INFINITY);
  expect(cities).toBeGreaterThan(130_000);
  expect(keys).toBe(cities);
}, 60_000);

test('The cities of the demo are spread over all where there is a limit', async () => {
  const { cities, keys, countries } = await facts(100);
  expect({ cities, keys }).toEqual({ cities: 100, keys: 100 });
  expect(countries).toBeGreaterThan(30);
}, 60_000);
