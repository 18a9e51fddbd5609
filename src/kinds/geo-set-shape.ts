import { describe } from '../core/codecs.js';
import { geohashOf, MAX_LATITUDE, type Place, placeOf } from '../core/geo.js';
import { ValueFault } from '../metadata/value-fault.js';
import { type CollectionShape, within } from './collection-codec.js';
import { memberText, textMember } from './member-text.js';

interface Item {
  readonly member?: unknown;
  readonly longitude?: unknown;
  readonly latitude?: unknown;
}

/** A geo set in an entity: an array of members and places. */
export const geoSetShape: CollectionShape = {
  structure: 'geo-set',
  type: 'GeoPoints',
  item: 'a member and its place, as in { member, longitude, latitude }',
  parts: ['member', 'longitude', 'latitude'],
  toMember: (codec, item) => {
    const { member, longitude, latitude } = item as Item;
    const text = within('.member', () => memberText(codec, member));
    return { text, score: geohashOf(placeFrom(longitude, latitude)) };
  },
  toItem: (codec, { text, score }) => {
    const { longitude, latitude } = placeOf(score);
    return { member: textMember(codec, text), longitude, latitude };
  },
};

/** A place that Redis knows. @throws ValueFault */
export function placeFrom(longitude: unknown, latitude: unknown): Place {
  return {
    longitude: within('.longitude', () => degrees(longitude, 180, 'Give another value.')),
    latitude: within('.latitude', () => degrees(latitude, MAX_LATITUDE, 'Redis knows no places nearer to the poles.')),
  };
}

function degrees(given: unknown, most: number, remedy: string): number {
  if (typeof given === 'number' && Math.abs(given) <= most) return given;
  throw new ValueFault('', `must be a number from -${most} to ${most}, got ${describe(given)}`, { remedy });
}
