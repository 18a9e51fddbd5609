import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Area } from '../../src/core/collection.js';
import {
  distanceOf,
  distanceWithin,
  geohashOf,
  geohashText,
  MAX_LATITUDE,
  type Place,
  placeOf,
} from '../../src/core/geo.js';
import { redisCenter, redisRadius } from '../../src/kinds/redis-geo.js';
import { namespace, redisUrl } from '../support/urls.js';
import { anArea, aPlace } from './geo-arbitraries.js';

const key = `${namespace}:geo`;
let redis: Redis;
beforeAll(() => {
  redis = new Redis(redisUrl);
});
afterAll(async () => {
  await redis.unlink(key);
  redis.disconnect();
});

// What Redis makes a 53rd bit of: where it is on the limit, or so near that no number lies between.
const onLimit = ({ longitude, latitude }: Place) =>
  (longitude + 180) / 360 === 1 || (latitude + MAX_LATITUDE) / (2 * MAX_LATITUDE) === 1;
const some = (count: number) => fc.sample(aPlace, count).filter((place) => !onLimit(place));
const name = (index: number) => `m${index}`;

async function given(places: readonly Place[]): Promise<readonly string[]> {
  await redis.unlink(key);
  await redis.geoadd(key, ...places.flatMap(({ longitude, latitude }, at) => [longitude, latitude, name(at)]));
  return places.map((_, at) => name(at));
}

test('Geohashes, their places and their texts are those of Redis, bit for bit', async () => {
  const places = some(5000);
  const members = await given(places);
  const scores = await redis.zmscore(key, ...members);
  const positions = await redis.geopos(key, ...members);
  const texts = await redis.geohash(key, ...members);
  for (const [at, place] of places.entries()) {
    const geohash = geohashOf(place);
    expect([place, geohash]).toEqual([place, Number(scores[at])]);
    const { longitude, latitude } = placeOf(geohash);
    // Redis tells 17 digits after the point: fewer than a number has that is next to 0.
    expect(Math.abs(longitude - Number(positions[at]![0]))).toBeLessThan(1e-17);
    expect(Math.abs(latitude - Number(positions[at]![1]))).toBeLessThan(1e-17);
    expect([place, geohashText(geohash)]).toEqual([place, texts[at]]);
  }
});

// In metres. On the other side of the earth the last bit of a sine is a decimetre.
const allowed = (distance: number) => (distance > 20_000_000 ? 0.5 : 0.0002);

test('Distances are those of Redis', async () => {
  const places = some(2000);
  const members = await given(places);
  const pairs = members.map((_, at) => [at, (at * 7919 + 1) % members.length] as const);
  const said = await Promise.all(pairs.map(([a, b]) => redis.geodist(key, members[a]!, members[b]!, 'M')));
  for (const [at, [a, b]] of pairs.entries()) {
    const distance = distanceOf(placeOf(geohashOf(places[a]!)), placeOf(geohashOf(places[b]!)));
    expect(Math.abs(distance - Number(said[at]))).toBeLessThan(allowed(distance));
  }
});

/** What Redis finds in an area, with the distances that it tells. */
async function search(given: Place, area: Area): Promise<ReadonlyMap<string, number>> {
  const center = redisCenter(given);
  const by = 'radius' in area ? ['BYRADIUS', area.radius] : ['BYBOX', area.width, area.height];
  const from = ['FROMLONLAT', center.longitude, center.latitude];
  const found = (await redis.call('GEOSEARCH', key, ...from, ...by, 'm', 'WITHDIST')) as [string, string][];
  return new Map(found.map(([member, distance]) => [member, Number(distance)]));
}

const grown = (area: Area, by: number): Area =>
  'radius' in area
    ? { radius: area.radius * (1 + by) }
    : { width: area.width * (1 + by), height: area.height * (1 + by) };

// Places around one, at every order of magnitude: of random places anywhere hardly one lies in a small area.
const around = ({ longitude, latitude }: Place) =>
  fc
    .record({
      east: fc.double({ min: -1, max: 1, noNaN: true }),
      north: fc.double({ min: -1, max: 1, noNaN: true }),
      size: fc.integer({ min: -5, max: 2 }),
    })
    .map(
      ({ east, north, size }): Place => ({
        longitude: ((((longitude + east * 10 ** size + 540) % 360) + 360) % 360) - 180,
        latitude: Math.max(-85, Math.min(85, latitude + north * 10 ** size)),
      }),
    );

test('Redis finds the same in an area, at the same distances', async () => {
  const scenes = aPlace.chain((center) =>
    fc.record({
      center: fc.constant(center),
      places: fc.array(fc.oneof(aPlace, around(center)), { minLength: 50, maxLength: 50, size: 'max' }),
      areas: fc.array(anArea, { minLength: 10, maxLength: 10, size: 'max' }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(scenes, async ({ center, places, areas }) => {
      await redis.unlink(key);
      await redis.zadd(key, ...places.flatMap((place, at) => [geohashOf(place), name(at)]));
      for (const area of areas) {
        const radius = redisRadius(area);
        const found = await search(center, radius === undefined ? area : { radius });
        for (const [at, given] of places.entries()) {
          const place = placeOf(geohashOf(given));
          const said = found.get(name(at));
          const distance = distanceWithin(center, area, place);
          // Right on the edge a last bit decides.
          if ((distance === undefined) !== (distanceWithin(center, grown(area, 1e-9), place) === undefined)) continue;
          if (distance !== undefined) {
            expect([center, area, place, said]).toEqual([center, area, place, expect.anything()]);
            expect(Math.abs(distance - said!)).toBeLessThan(allowed(distance));
          } else if (radius === undefined)
            expect([center, area, place, said]).toEqual([center, area, place, undefined]);
        }
      }
    }),
    { numRuns: 100 },
  );
});
