import { afterEach, expect, test } from '@jest/globals';
import {
  defineEntity,
  EntityNotFoundError,
  GeoSet,
  type GeoSetRepository,
  type Point,
  ValidationError,
} from '../../src/index.js';
import { everywhere, type Home, loosely, type Stores } from './collection-stores.js';

/** Geo sets of strings and of numbers. */
export const geoSetEntities = (home: Home) => ({
  cityMap: defineEntity({
    name: 'city_map',
    kind: GeoSet({ ttl: '1h' }),
    key: { country: 'string', layer: 'integer' },
    points: 'cities',
    ...home,
  }),
  stops: defineEntity({ name: 'stops', kind: GeoSet(), key: { id: 'string' }, points: { ids: 'integer' }, ...home }),
});

type Entities = ReturnType<typeof geoSetEntities>;
type Maps = GeoSetRepository<InstanceType<Entities['cityMap']>>;

const key = { country: 'a:{b}', layer: 1 };
const point = (member: string, longitude: number, latitude: number): Point => ({ member, longitude, latitude });
const PARIS = point('Paris', 2.3522, 48.8566);
const VERSAILLES = point('Versailles', 2.1301, 48.8014);
const ROUEN = point('Rouen', 1.0993, 49.4431);
const ROME = point('Rome', 12.4964, 41.9028);
const CITIES = [ROME, PARIS, ROUEN, VERSAILLES];
const paris = { longitude: PARIS.longitude, latitude: PARIS.latitude };

/** What every combination of stores does alike with geo sets, as an application meets it. */
export function geoSetCases({ cityMap, stops }: Entities, { holdfast, other }: Stores): void {
  const mine = (): Maps => holdfast().repository(cityMap);
  const both = (): [Maps, Maps] => [mine(), other().repository(cityMap)];
  const save = (...cities: Point[]) => mine().save({ ...key, cities });
  const near = (cities: readonly Point[], expected: readonly Point[]) => {
    expect(cities.map(({ member }) => member).sort()).toEqual(expected.map(({ member }) => member).sort());
    for (const { member, longitude, latitude } of expected) {
      const found = cities.find((one) => one.member === member)!;
      expect(Math.abs(found.longitude - longitude)).toBeLessThan(1e-5);
      expect(Math.abs(found.latitude - latitude)).toBeLessThan(1e-5);
    }
  };

  afterEach(async () => {
    await mine().delete([key, { ...key, layer: 2 }]);
    await holdfast().repository(stops).delete('x');
  });

  test('members are found around a place or a member, nearest first or last', async () => {
    await save(...CITIES);
    await everywhere(both(), key, async (maps, options) => {
      const names = async (more: Parameters<Maps['search']>[1]) =>
        (await maps.search(key, { ...options, ...more })).map(({ member }) => member);
      expect(await names({ ...paris, radius: 150, unit: 'km' })).toEqual(['Paris', 'Versailles', 'Rouen']);
      expect(await names({ ...paris, radius: 150_000, sort: 'desc' })).toEqual(['Rouen', 'Versailles', 'Paris']);
      expect(await names({ member: 'Rouen', radius: 100, unit: 'mi', limit: 2 })).toEqual(['Rouen', 'Versailles']);
      expect(await names({ ...paris, width: 60, height: 20, unit: 'km' })).toEqual(['Paris', 'Versailles']);
      expect(await names({ ...paris, width: 20, height: 60, unit: 'km' })).toEqual(['Paris']);
      expect(await names({ ...paris, radius: 70_000, unit: 'ft' })).toEqual(['Paris', 'Versailles']);
      expect(await names({ member: 'Rome', radius: 0 })).toEqual(['Rome']);
      expect(await names({ longitude: -100, latitude: 0, radius: 5 })).toEqual([]);
      expect(await names({ member: 'Nowhere', radius: 5 })).toEqual([]);
      expect(await names({ ...paris, radius: 25_000, unit: 'km' })).toEqual(['Paris', 'Versailles', 'Rouen', 'Rome']);
    });
  });

  test('a search tells what it is asked for: distances in its unit, places, geohashes', async () => {
    await save(PARIS, ROME);
    await everywhere(both(), key, async (maps, options) => {
      const search = { ...options, member: 'Paris', radius: 2000, unit: 'km' } as const;
      expect(await maps.search(key, search)).toEqual([{ member: 'Paris' }, { member: 'Rome' }]);
      const all = { withDistance: true, withCoordinates: true, withHash: true } as const;
      const found = await maps.search(key, { ...search, ...all });
      expect(found.map((one) => Object.keys(one))).toEqual(
        Array(2).fill(['member', 'distance', 'longitude', 'latitude', 'hash']),
      );
      expect(found[0]).toMatchObject({ distance: 0, hash: 'u09tvw0f640' });
      expect(found[1]!.distance).toBeCloseTo(1105.8, 0);
      near(found, [PARIS, ROME]);
      const [, inMiles] = await maps.search(key, { member: 'Paris', radius: 1000, unit: 'mi', withDistance: true });
      expect(inMiles!.distance * 1.60934).toBeCloseTo(found[1]!.distance, 6);
      expect(await maps.search(key, { ...search, withHash: true, limit: 1 })).toEqual([
        { member: 'Paris', hash: 'u09tvw0f640' },
      ]);
    });
  });

  test('a member’s distance, position and geohash are those of its place', async () => {
    await save(PARIS, ROME);
    await everywhere(both(), key, async (maps, options) => {
      const metres = (await maps.distance(key, 'Paris', 'Rome', 'm', options))!;
      expect(metres / 1000).toBeCloseTo(1105.8, 0);
      expect(await maps.distance(key, 'Paris', 'Rome', 'km', options)).toBe(metres / 1000);
      expect(await maps.distance(key, 'Rome', 'Paris', 'ft', options)).toBe(metres / 0.3048);
      expect(await maps.distance(key, 'Rome', 'Paris')).toBe(metres);
      expect(await maps.distance(key, 'Paris', 'Paris', undefined, options)).toBe(0);
      expect(await maps.distance(key, 'Paris', 'Nowhere', 'm', options)).toBe(undefined);
      near([{ member: 'Rome', ...(await maps.position(key, 'Rome', options))! }], [ROME]);
      expect(await maps.position(key, 'Nowhere', options)).toBe(undefined);
      expect(await maps.hash(key, 'Paris', options)).toBe('u09tvw0f640');
      expect(await maps.hash(key, 'Nowhere', options)).toBe(undefined);
    });
  });

  test('places far apart, on the other side of the antimeridian and by the limits come back', async () => {
    const edges = [
      point('west', -180, 0),
      point('east', 180, 0),
      point('north', 0, 85.05112878),
      point('south', 0, -85.05112878),
    ];
    await save(...edges);
    await everywhere(both(), key, async (maps, options) => {
      near((await maps.find(key, options))!.cities, edges);
      const found = await maps.search(key, { ...options, longitude: 179.9999, latitude: 0, radius: 1, unit: 'km' });
      expect(found.map(({ member }) => member)).toEqual(['east', 'west']);
    });
  });

  test('what comes back can be stored again, and stays the same', async () => {
    await save(...CITIES);
    const { cities } = (await mine().find(key))!;
    near(cities, CITIES);
    await mine().save({ ...key, layer: 2, cities });
    expect((await mine().find({ ...key, layer: 2 }))!.cities).toEqual(cities);
    expect((await both()[1].find(key, { from: 'durable' }))!.cities).toEqual(cities);
  });

  test('none, an empty one and one whose last member went are told apart', async () => {
    const isThere = async (there: boolean) =>
      everywhere(both(), key, async (maps, options) => {
        expect(await maps.exists(key, options)).toBe(there);
        expect(await maps.find(key, options)).toEqual(there ? maps.create({ ...key, cities: [] }) : undefined);
        expect(await maps.search(key, { ...options, ...paris, radius: 5 })).toEqual([]);
        expect(await maps.search(key, { ...options, member: 'Paris', radius: 5 })).toEqual([]);
        expect(await maps.distance(key, 'Paris', 'Rome', 'm', options)).toBe(undefined);
        expect(await maps.position(key, 'Paris', options)).toBe(undefined);
        expect(await maps.size(key, options)).toBe(0);
      });
    await isThere(false);
    expect([await mine().remove(key, 'Paris'), await mine().add(key)]).toEqual([0, 0]);
    await isThere(false);
    expect(await mine().add(key, PARIS)).toBe(1);
    expect(await mine().remove(key, 'Paris', 'Rome')).toBe(1);
    await isThere(true);
    expect(await mine().delete(key)).toBe(true);
    await isThere(false);
  });

  test('members are added, moved and removed', async () => {
    const is = (...expected: Point[]) =>
      everywhere(both(), key, async (maps, options) => {
        near((await maps.find(key, options))!.cities, expected);
        expect(await maps.size(key, options)).toBe(expected.length);
      });
    expect(await mine().add(key, PARIS, ROME)).toBe(2);
    await is(PARIS, ROME);
    const moved = { ...ROME, latitude: -40 };
    expect(await both()[1].add(key, moved, ROUEN)).toBe(1);
    await is(PARIS, moved, ROUEN);
    expect(await mine().add(key, { ...VERSAILLES, latitude: 0 }, VERSAILLES)).toBe(1);
    await is(PARIS, moved, ROUEN, VERSAILLES);
    expect(await mine().remove(key, 'Paris', 'Nowhere', 'Rouen')).toBe(2);
    await is(moved, VERSAILLES);
    const updated = await mine().update(key, (map) => {
      map.cities = map.cities.filter(({ member }) => member !== 'Rome');
      map.cities.push(PARIS);
    });
    near(updated.cities, [VERSAILLES, PARIS]);
    await is(VERSAILLES, PARIS);
    await mine().update(key, { cities: [ROME] });
    await is(ROME);
    await expect(mine().update({ ...key, layer: 2 }, { cities: [] })).rejects.toThrow(EntityNotFoundError);
  });

  test('what is returned is its reader’s: changing it changes nothing stored', async () => {
    await save(PARIS);
    await everywhere(both(), key, async (maps, options) => {
      const found = (await maps.find(key, options))!;
      near(found.cities, [PARIS]);
      found.cities[0]!.latitude = 0;
      found.cities.length = 0;
      const [one] = await maps.search(key, { ...options, ...paris, radius: 5, withCoordinates: true });
      near([one!], [PARIS]);
      one!.latitude = 0;
    });
  });

  test('members are of their type', async () => {
    const repository = holdfast().repository(stops);
    await repository.add('x', { ...PARIS, member: 75 }, { ...ROUEN, member: 76 });
    await everywhere([repository, other().repository(stops)], 'x', async (of, options) => {
      expect(await of.search('x', { ...options, member: 76, radius: 200, unit: 'km' })).toEqual([
        { member: 76 },
        { member: 75 },
      ]);
      expect(await of.hash('x', 75, options)).toBe('u09tvw0f640');
    });
  });

  test('they are written in a batch, all or none', async () => {
    await holdfast().batch((batch) => {
      const batched = batch.repository(cityMap);
      batched.add(key, PARIS, ROME);
      batched.remove(key, 'Rome');
      batched.add(key);
      batch.repository(stops).save({ id: 'x', ids: [] });
    });
    near((await mine().find(key))!.cities, [PARIS]);
    expect(await holdfast().repository(stops).exists('x')).toBe(true);
  });

  const centre = 'Give { longitude, latitude }, or { member }.';
  const area = 'Give { radius }, or { width, height }.';
  test.each<[string, unknown[], string]>([
    [
      'search',
      [key],
      'search() of CityMap: it was given no options. Give { longitude, latitude, radius }, or { member, radius }.',
    ],
    ['search', [key, { radius: 5 }], `search() of CityMap: it was given no centre. ${centre}`],
    [
      'search',
      [key, { ...paris, member: 'x', radius: 5 }],
      `search() of CityMap: it was given both a member and a place for its centre. ${centre}`,
    ],
    [
      'search',
      [key, { longitude: 5, radius: 5 }],
      'search() of CityMap: its centre.latitude must be a number from -85.05112878 to 85.05112878, got undefined. Redis knows no places nearer to the poles.',
    ],
    [
      'search',
      [key, { ...paris, longitude: 181, radius: 5 }],
      'search() of CityMap: its centre.longitude must be a number from -180 to 180, got the number 181. Give another value.',
    ],
    ['search', [key, paris], `search() of CityMap: it was given no area. ${area}`],
    [
      'search',
      [key, { ...paris, radius: 5, width: 5, height: 5 }],
      `search() of CityMap: it was given both a radius and a box for its area. ${area}`,
    ],
    [
      'search',
      [key, { ...paris, width: 5 }],
      'search() of CityMap: height must be a finite number of 0 or more, got undefined. Give another value.',
    ],
    [
      'search',
      [key, { ...paris, radius: -1 }],
      'search() of CityMap: radius must be a finite number of 0 or more, got the number -1. Give another value.',
    ],
    [
      'search',
      [key, { ...paris, radius: Number.POSITIVE_INFINITY }],
      'search() of CityMap: radius must be a finite number of 0 or more, got Infinity. Give another value.',
    ],
    [
      'search',
      [key, { ...paris, radius: 5, unit: 'yd' }],
      "search() of CityMap: there is no unit 'yd'. Give one of 'm', 'km', 'mi', 'ft', or leave it out.",
    ],
    [
      'search',
      [key, { ...paris, radius: 5, sort: 'up' }],
      "search() of CityMap: sort must be 'asc' or 'desc', got 'up'. Give one, or leave it out.",
    ],
    [
      'search',
      [key, { ...paris, radius: 5, limit: 0 }],
      'search() of CityMap: limit must be a whole number of 1 or more, got the number 0. Give another value.',
    ],
    [
      'search',
      [key, { ...paris, radius: 5, withHash: 1 }],
      'search() of CityMap: withHash must be true or false, got the number 1. Give one, or leave it out.',
    ],
    [
      'search',
      [key, { ...paris, raduis: 5 }],
      'search() of CityMap has no option "raduis". It has: from, longitude, latitude, member, radius, width, height, unit, limit, sort, withDistance, withCoordinates, withHash.',
    ],
    [
      'distance',
      [key, 'Paris'],
      'distance() of CityMap: the second member must be of type string, got undefined. Give another value.',
    ],
    [
      'distance',
      [key, 'Paris', 'Rome', 'cm'],
      "distance() of CityMap: there is no unit 'cm'. Give one of 'm', 'km', 'mi', 'ft', or leave it out.",
    ],
    ['position', [key, 5], 'position() of CityMap: member must be a string, got the number 5. Give another value.'],
    [
      'add',
      [key, PARIS, { ...ROME, latitude: 86 }],
      'add() of CityMap: points[1].latitude must be a number from -85.05112878 to 85.05112878, got the number 86. Redis knows no places nearer to the poles.',
    ],
    [
      'add',
      [key, 'Paris'],
      'add() of CityMap: points[0] must be a member and its place, as in { member, longitude, latitude }, got a string. Give another value.',
    ],
    [
      'remove',
      [key, undefined],
      'remove() of CityMap: members[0] must be of type string, got undefined. Give another value.',
    ],
    [
      'save',
      [{ ...key, cities: [PARIS, PARIS] }],
      'CityMap.cities[1].member is the member of [0] again. Give each member once.',
    ],
  ])('a bad call of %s is refused, and nothing is written (%#)', async (name, args, message) => {
    await expect(loosely(mine())[name]!(...args)).rejects.toThrow(new ValidationError(message));
    expect(await mine().exists(key, { from: 'durable' })).toBe(false);
  });
}
