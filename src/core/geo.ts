import type { Area } from './collection.js';

/** A place on earth, in degrees. */
export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** Redis knows no places further north or south. */
export const MAX_LATITUDE = 85.05112878;

/** The geohash of a place: 52 bits, of which longitude and latitude have every other. What Redis has for a score. */
export function geohashOf(place: Place): number {
  throw new Error(`to come: ${place.longitude}`);
}

/** The middle of a geohash's cell: where everything that has this geohash is said to be. */
export function placeOf(geohash: number): Place {
  throw new Error(`to come: ${geohash}`);
}

/** The standard geohash of 11 characters, as Redis tells it of a place with this geohash of 52 bits. */
export function geohashText(geohash: number): string {
  throw new Error(`to come: ${geohash}`);
}

/** Metres between two places, along the surface of a sphere of Redis's radius, to a tenth of a millimetre. */
export function distanceOf(a: Place, b: Place): number {
  throw new Error(`to come: ${a.longitude} ${b.longitude}`);
}

/** How many metres a place is from the centre of an area; `undefined` where it lies outside. */
export function distanceWithin(center: Place, area: Area, place: Place): number | undefined {
  throw new Error(`to come: ${center.longitude} ${place.longitude} ${JSON.stringify(area)}`);
}

/** Ranges of geohashes, both ends included and none twice, that all places of an area lie in, and some others; at most a dozen. */
export function geohashRanges(center: Place, area: Area): readonly (readonly [from: number, to: number])[] {
  throw new Error(`to come: ${center.longitude} ${JSON.stringify(area)}`);
}
