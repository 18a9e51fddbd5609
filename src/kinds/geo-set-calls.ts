import { describe } from '../core/codecs.js';
import type { Answer, Area } from '../core/collection.js';
import { distanceOf, geohashText, type Place, placeOf } from '../core/geo.js';
import type { EntityAccess, QueryCall } from '../core/kind.js';
import { CollectionCall, type Given } from './collection-call.js';
import { placeFrom } from './geo-set-shape.js';

const METRES = { m: 1, km: 1000, mi: 1609.34, ft: 0.3048 } as const;
const SEARCH =
  'from longitude latitude member radius width height unit limit sort withDistance withCoordinates withHash'.split(' ');

/** Those within an area. */
export function search(access: EntityAccess, key: unknown, given: unknown): QueryCall {
  const call = new CollectionCall(access, 'search');
  if (given === undefined)
    call.refuse('it was given no options', 'Give { longitude, latitude, radius }, or { member, radius }.');
  const options = call.options(given, SEARCH);
  const { limit } = options;
  const unit = metresIn(call, options.unit);
  const withDistance = call.flag('withDistance', options.withDistance);
  const withCoordinates = call.flag('withCoordinates', options.withCoordinates);
  const withHash = call.flag('withHash', options.withHash);
  const question = {
    center: centerOf(call, options),
    area: areaOf(call, options, unit),
    limit: limit === undefined ? undefined : call.whole('limit', limit, 1),
    sort: sortIn(call, options.sort),
  } as const;
  return call.ask(key, { type: 'near', ...question }, options, [], ({ members, numbers }) =>
    members.map(({ text, score }, at) => ({
      member: call.member(text),
      ...(withDistance ? { distance: numbers[at]! / unit } : {}),
      ...(withCoordinates ? placeOf(score) : {}),
      ...(withHash ? { hash: geohashText(score) } : {}),
    })),
  );
}

function centerOf(call: CollectionCall, { member, longitude, latitude }: Given): Place | string {
  const byPlace = longitude !== undefined || latitude !== undefined;
  if (byPlace === (member !== undefined))
    call.refuse(
      byPlace ? 'it was given both a member and a place for its centre' : 'it was given no centre',
      'Give { longitude, latitude }, or { member }.',
    );
  if (!byPlace) return call.text('member', member);
  return call.read('its centre', () => placeFrom(longitude, latitude));
}

function areaOf(call: CollectionCall, { radius, width, height }: Given, unit: number): Area {
  const isBox = width !== undefined || height !== undefined;
  if (isBox === (radius !== undefined))
    call.refuse(
      isBox ? 'it was given both a radius and a box for its area' : 'it was given no area',
      'Give { radius }, or { width, height }.',
    );
  const length = (name: string, value: unknown): number => {
    if (typeof value === 'number' && value >= 0 && Number.isFinite(value * unit)) return value * unit;
    return call.refuse(`${name} must be a finite number of 0 or more, got ${describe(value)}`, 'Give another value.');
  };
  if (!isBox) return { radius: length('radius', radius) };
  return { width: length('width', width), height: length('height', height) };
}

function sortIn(call: CollectionCall, sort: unknown = 'asc'): 'asc' | 'desc' {
  if (sort === 'asc' || sort === 'desc') return sort;
  return call.refuse(`sort must be 'asc' or 'desc', got ${shown(sort)}`, 'Give one, or leave it out.');
}

function metresIn(call: CollectionCall, unit: unknown = 'm'): number {
  if (typeof unit === 'string' && Object.hasOwn(METRES, unit)) return METRES[unit as keyof typeof METRES];
  const units = Object.keys(METRES).map((name) => `'${name}'`);
  return call.refuse(`there is no unit ${shown(unit)}`, `Give one of ${units.join(', ')}, or leave it out.`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : describe(value));

/** How far two members are from each other; `undefined` where one is not there. */
export function distance(
  access: EntityAccess,
  key: unknown,
  from: unknown,
  to: unknown,
  givenUnit?: unknown,
  given?: unknown,
): QueryCall {
  const call = new CollectionCall(access, 'distance');
  const unit = metresIn(call, givenUnit);
  const texts = [call.text('the first member', from), call.text('the second member', to)];
  return call.ask(key, { type: 'scores', texts }, call.options(given), undefined, ({ numbers: [a, b] }) =>
    a === undefined || b === undefined ? undefined : distanceOf(placeOf(a), placeOf(b)) / unit,
  );
}

/** Where a member is; `undefined` where it is not there. */
export function position(access: EntityAccess, key: unknown, member: unknown, given?: unknown): QueryCall {
  return askOne(access, 'position', key, member, given, placeOf);
}

/** The geohash of a member; `undefined` where it is not there. */
export function hash(access: EntityAccess, key: unknown, member: unknown, given?: unknown): QueryCall {
  return askOne(access, 'hash', key, member, given, geohashText);
}

function askOne<T>(
  access: EntityAccess,
  name: string,
  key: unknown,
  member: unknown,
  given: unknown,
  of: (geohash: number) => T,
): QueryCall {
  const call = new CollectionCall(access, name);
  const texts = [call.text('member', member)];
  const found = ({ numbers: [score] }: Answer) => (score === undefined ? undefined : of(score));
  return call.ask(key, { type: 'scores', texts }, call.options(given), undefined, found);
}
