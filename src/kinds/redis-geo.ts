import type { Area } from '../core/collection.js';
import { MAX_LATITUDE, type Place } from '../core/geo.js';

// From half a thousand kilometres on GEOSEARCH leaves out cells near the poles that it should look at, up to where it looks at all.
const SURE = 500_000;
const ALL = 1_260_000;

/**
 * The radius, in metres, of a circle to ask GEOSEARCH for in place of an area, and to take from what `distanceWithin` says is in
 * the area: large ones it searches with gaps near the poles. `undefined` where it finds all that is in the area itself.
 */
export function redisRadius(area: Area): number | undefined {
  if (cornerOf(area) < SURE) return undefined;
  return Math.max(ALL, 'radius' in area ? area.radius : (area.width + area.height) / 2);
}

/** Whether GEOSEARCH may look at much of the earth for it: near the poles its cells are four times as wide. */
export const isFar = (area: Area): boolean => cornerOf(area) >= SURE / 4;

const cornerOf = (area: Area): number => ('radius' in area ? area.radius : Math.hypot(area.width, area.height) / 2);

/**
 * A place less than a thousandth of a millimetre away, to ask GEOSEARCH about in place of one right on the longitude 180 or the
 * northern limit, around which it finds next to nothing.
 */
export function redisCenter({ longitude, latitude }: Place): Place {
  return { longitude: within(longitude, 180), latitude: within(latitude, MAX_LATITUDE) };
}

const within = (degrees: number, limit: number): number =>
  (degrees + limit) / (2 * limit) < 1 ? degrees : limit - 1e-13;
