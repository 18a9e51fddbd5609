import fc from 'fast-check';
import type { Area } from '../../src/core/collection.js';
import { MAX_LATITUDE, type Place } from '../../src/core/geo.js';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const longitude = fc.oneof(
  between(-180, 180),
  between(179.9, 180),
  between(-180, -179.9),
  fc.constantFrom(-180, 180, 0),
);
const latitude = fc.oneof(
  between(-MAX_LATITUDE, MAX_LATITUDE),
  between(84, MAX_LATITUDE),
  between(-MAX_LATITUDE, -84),
  fc.constantFrom(-MAX_LATITUDE, MAX_LATITUDE, 0),
);

/** A place anywhere, as often as not near the longitude 180 or as far north or south as can be. */
export const aPlace: fc.Arbitrary<Place> = fc.record({ longitude, latitude });

// Of every order of magnitude, from a centimetre to more than the earth.
const metres = fc.oneof(
  between(-2, 8).map((power) => 10 ** power),
  fc.constantFrom(0, 1, 1e8),
);

/** A circle or a box of any size. */
export const anArea: fc.Arbitrary<Area> = fc.oneof(
  fc.record({ radius: metres }),
  fc.record({ width: metres, height: metres }),
);
