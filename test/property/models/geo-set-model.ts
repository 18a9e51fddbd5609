import { byBytes, commonModel, type Model } from './model.js';

interface Place {
  readonly longitude: number;
  readonly latitude: number;
}
type Point = Place & { readonly member: string };

const LATITUDE = 85.05112878;
const METRES = { m: 1, km: 1000, mi: 1609.34, ft: 0.3048 };
type Unit = keyof typeof METRES;

/** Which of so many equal parts from -limit to limit; what lies on the limit is in the last. */
const partOf = (degrees: number, limit: number, parts: number) =>
  Math.min(parts - 1, Math.floor(((degrees + limit) / (2 * limit)) * parts));

const middle = (degrees: number, limit: number) =>
  ((partOf(degrees, limit, 2 ** 26) + 0.5) / 2 ** 26 - 0.5) * 2 * limit;

/** Bit by bit, longitude first: each says in which half of what is left the place lies. */
function bitsOf({ longitude, latitude }: Place, limit: number): string {
  const bits = (degrees: number, most: number) =>
    partOf(degrees, most, 2 ** 26)
      .toString(2)
      .padStart(26, '0');
  const north = bits(latitude, limit);
  return [...bits(longitude, 180)].map((bit, at) => bit + north[at]).join('');
}

function textOf(place: Place): string {
  const bits = bitsOf(place, 90).slice(0, 50).match(/.{5}/g)!;
  return `${bits.map((five) => '0123456789bcdefghjkmnpqrstuvwxyz'[Number.parseInt(five, 2)]).join('')}0`;
}

const kept = ({ member, longitude, latitude }: Point): Point => ({
  member,
  longitude: middle(longitude, 180),
  latitude: middle(latitude, LATITUDE),
});

const order = (a: Point, b: Point) => byBytes(bitsOf(a, LATITUDE), bitsOf(b, LATITUDE)) || byBytes(a.member, b.member);

const radians = (degrees: number) => (degrees * Math.PI) / 180;

function metres(a: Place, b: Place): number {
  const hav = (angle: number) => Math.sin(radians(angle) / 2) ** 2;
  const cosines = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude));
  const sum = hav(a.latitude - b.latitude) + cosines * hav(a.longitude - b.longitude);
  return 2 * 6372797.560856 * Math.asin(Math.min(1, Math.sqrt(sum)));
}

interface Search extends Partial<Place> {
  readonly member?: string;
  readonly radius?: number;
  readonly width?: number;
  readonly height?: number;
  readonly unit?: Unit;
  readonly limit?: number;
  readonly sort?: 'asc' | 'desc';
  readonly withDistance?: boolean;
  readonly withCoordinates?: boolean;
  readonly withHash?: boolean;
}

function isWithin(center: Place, point: Place, { radius, width = 0, height = 0, unit = 'm' }: Search): boolean {
  const scale = METRES[unit];
  if (radius !== undefined) return metres(center, point) <= radius * scale;
  const north = { longitude: center.longitude, latitude: point.latitude };
  return metres(center, north) <= (height * scale) / 2 && metres(north, point) <= (width * scale) / 2;
}

/** A geo set of the property `points`. */
export function geoSetModel(): Model {
  const there = new Map<string, readonly Point[]>();
  const get = (key: string) => there.get(key) ?? [];
  const find = (key: string, member: string) => get(key).find((one) => one.member === member);
  return {
    ...commonModel<readonly Point[]>({
      there,
      kept: ({ points }) => (points as Point[]).map(kept).sort(order),
      told: (points) => ({ points }),
    }),
    add(key: string, ...given: readonly Point[]) {
      const points = new Map(get(key).map((point) => [point.member, point]));
      const before = points.size;
      for (const point of given) points.set(point.member, kept(point));
      if (given.length > 0) there.set(key, [...points.values()].sort(order));
      return points.size - before;
    },
    remove(key: string, ...given: readonly string[]) {
      const before = get(key);
      const after = before.filter(({ member }) => !given.includes(member));
      if (there.has(key)) there.set(key, after);
      return before.length - after.length;
    },
    size: (key: string) => get(key).length,
    position(key: string, member: string) {
      const point = find(key, member);
      return point && { longitude: point.longitude, latitude: point.latitude };
    },
    hash(key: string, member: string) {
      const point = find(key, member);
      return point && textOf(point);
    },
    distance(key: string, from: string, to: string, unit: Unit = 'm') {
      const [a, b] = [find(key, from), find(key, to)];
      return a && b && metres(a, b) / METRES[unit];
    },
    search(key: string, options: Search) {
      const { member, longitude, latitude, limit, sort = 'asc', unit = 'm' } = options;
      const center = member === undefined ? { longitude: longitude!, latitude: latitude! } : find(key, member);
      if (!center) return [];
      const sign = sort === 'asc' ? 1 : -1;
      return get(key)
        .filter((point) => isWithin(center, point, options))
        .map((point) => ({ point, distance: metres(center, point) }))
        .sort((a, b) => sign * (a.distance - b.distance) || byBytes(a.point.member, b.point.member))
        .slice(0, limit)
        .map(({ point, distance }) => ({
          member: point.member,
          ...(options.withDistance ? { distance: distance / METRES[unit] } : {}),
          ...(options.withCoordinates ? { longitude: point.longitude, latitude: point.latitude } : {}),
          ...(options.withHash ? { hash: textOf(point) } : {}),
        }));
    },
  };
}
