import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Area } from '../../src/core/collection.js';
import {
  distanceOf,
  distanceWithin,
  geohashOf,
  geohashRanges,
  geohashText,
  MAX_LATITUDE,
  type Place,
  placeOf,
} from '../../src/core/geo.js';
import { anArea, aPlace } from './geo-arbitraries.js';

const at = (longitude: number, latitude: number): Place => ({ longitude, latitude });
const covers = (center: Place, area: Area, place: Place) => {
  const geohash = geohashOf(place);
  return geohashRanges(center, area).some(([from, to]) => from <= geohash && geohash <= to);
};

// From the documentation of Redis: GEOADD, GEOHASH and GEODIST.
const palermo = at(13.361389, 38.115556);
const catania = at(15.087269, 37.502669);

test('A geohash is the 52 bits that Redis has for a score', () => {
  expect(geohashOf(palermo)).toBe(3479099956230698);
  expect(geohashOf(catania)).toBe(3479447370796909);
  expect(geohashOf(at(0, 0))).toBe(3377699720527872);
  expect(geohashOf(at(-180, -MAX_LATITUDE))).toBe(0);
});

test('A place at the limits of the earth is in the last cell', () => {
  expect(geohashOf(at(180, MAX_LATITUDE))).toBe(2 ** 52 - 1);
  expect(geohashOf(at(180, 10))).toBe(geohashOf(at(179.9999999, 10)));
  expect(distanceOf(at(180, 10), placeOf(geohashOf(at(180, 10))))).toBeLessThan(1);
});

test('What has a geohash is in the middle of its cell, less than half a metre away in both directions', () => {
  expect(placeOf(geohashOf(palermo))).toEqual(at(13.361389338970184, 38.1155563954963));
  fc.assert(
    fc.property(aPlace, (place) => {
      const middle = placeOf(geohashOf(place));
      expect(Math.abs(middle.longitude - place.longitude)).toBeLessThanOrEqual(2.7e-6);
      expect(Math.abs(middle.latitude - place.latitude)).toBeLessThanOrEqual(1.3e-6);
      expect(geohashOf(middle)).toBe(geohashOf(place));
    }),
  );
});

test('The text of a geohash is the standard one, and ends in 0', () => {
  expect(geohashText(geohashOf(palermo))).toBe('sqc8b49rny0');
  expect(geohashText(geohashOf(catania))).toBe('sqdtr74hyu0');
});

test('A distance is what Redis says, to a tenth of a millimetre', () => {
  expect(distanceOf(placeOf(geohashOf(palermo)), placeOf(geohashOf(catania)))).toBe(166274.1516);
  expect(distanceOf(palermo, palermo)).toBe(0);
});

test('A distance goes over the longitude 180 where that is shorter, and past the poles', () => {
  expect(distanceOf(at(179.9, 0), at(-179.9, 0))).toBeCloseTo(distanceOf(at(-0.1, 0), at(0.1, 0)), 3);
  expect(distanceOf(at(0, 85), at(180, 85))).toBeCloseTo(distanceOf(at(0, 0), at(0, 10)), 3);
});

test('The other side of the earth is half its girth away, and never no number', () => {
  fc.assert(
    fc.property(aPlace, ({ longitude, latitude }) => {
      const other = at(longitude > 0 ? longitude - 180 : longitude + 180, -latitude);
      expect(distanceOf(at(longitude, latitude), other)).toBeCloseTo(Math.PI * 6372797.560856, 0);
    }),
  );
});

test('A circle has what is as near as its radius, with the distance', () => {
  const far = distanceOf(palermo, catania);
  expect(distanceWithin(palermo, { radius: far + 1 }, catania)).toBe(far);
  expect(distanceWithin(palermo, { radius: far - 1 }, catania)).toBeUndefined();
});

test('A circle of radius 0 has what is right there', () => {
  const place = placeOf(geohashOf(palermo));
  expect(distanceWithin(place, { radius: 0 }, place)).toBe(0);
  expect(distanceWithin(place, { radius: 0 }, placeOf(geohashOf(palermo) + 1))).toBeUndefined();
});

test('A box has what is within half its height, and half its width measured at the latitude of the place', () => {
  const center = at(10, 60);
  const degree = distanceOf(at(0, 0), at(0, 1));
  const narrow = { width: degree, height: 4 * degree };
  expect(distanceWithin(center, narrow, at(10, 61.9))).toBeDefined();
  expect(distanceWithin(center, narrow, at(10, 62.1))).toBeUndefined();
  expect(distanceWithin(center, narrow, at(10.95, 60))).toBeDefined();
  expect(distanceWithin(center, narrow, at(10.95, 58.1))).toBeUndefined();
  expect(distanceWithin(center, narrow, at(11.05, 61.9))).toBe(distanceOf(center, at(11.05, 61.9)));
});

test('Ranges cover every place of an area, and are in order, apart, and at most a dozen', () => {
  fc.assert(
    fc.property(aPlace, anArea, fc.array(aPlace, { minLength: 20 }), (center, area, places) => {
      const ranges = geohashRanges(center, area);
      expect(ranges.length).toBeLessThanOrEqual(12);
      ranges.forEach(([from, to], index) => {
        expect(from).toBeGreaterThan(index === 0 ? -1 : ranges[index - 1]![1] + 1);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThan(2 ** 52);
      });
      for (const place of places)
        if (distanceWithin(center, area, placeOf(geohashOf(place))) !== undefined)
          expect([place, covers(center, area, place)]).toEqual([place, true]);
    }),
    { numRuns: 300 },
  );
});

test('Ranges cover what lies right on the edge of an area', () => {
  fc.assert(
    fc.property(aPlace, aPlace, (center, other) => {
      const place = placeOf(geohashOf(other));
      const radius = distanceOf(center, place) + 0.0001;
      expect(covers(center, { radius }, place)).toBe(true);
      const width = 2 * distanceOf(place, at(center.longitude, place.latitude)) + 0.0002;
      const height = 2 * distanceOf(at(0, center.latitude), at(0, place.latitude)) + 0.0002;
      expect(covers(center, { width, height }, place)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('Ranges reach over the longitude 180 and around a pole', () => {
  expect(covers(at(179.99, 10), { radius: 10_000 }, at(-179.99, 10))).toBe(true);
  expect(covers(at(-180, 10), { width: 3000, height: 10 }, at(179.99, 10))).toBe(true);
  expect(covers(at(0, 85), { radius: 1_200_000 }, at(180, 85))).toBe(true);
});

test('An area that is larger than the earth is all of it', () => {
  const all = [[0, 2 ** 52 - 1]];
  expect(geohashRanges(palermo, { radius: 1e9 })).toEqual(all);
  expect(geohashRanges(palermo, { width: 1e9, height: 1e9 })).toEqual(all);
  expect(geohashRanges(palermo, { radius: Number.POSITIVE_INFINITY })).toEqual(all);
});

test('Ranges have little that is not near: on average half of what they have, of places around', () => {
  const inRanges = { near: 0, far: 0 };
  const random = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
  const centers = fc.sample(fc.tuple(random(170), random(60)), { numRuns: 200, seed: 1 });
  for (const [longitude, latitude] of centers) {
    const center = at(longitude, latitude);
    const area = { radius: 1000 };
    for (const [east, north] of fc.sample(fc.tuple(random(0.05), random(0.05)), { numRuns: 200, seed: 2 })) {
      const place = at(longitude + east, latitude + north);
      if (covers(center, area, place)) inRanges[distanceWithin(center, area, place) === undefined ? 'far' : 'near']++;
    }
  }
  expect(inRanges.near / (inRanges.near + inRanges.far)).toBeGreaterThan(0.4);
});
