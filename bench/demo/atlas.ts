// As Redis has it, in metres.
const EARTH_RADIUS = 6372797.560856;
const RADIAN = Math.PI / 180;

/**
 * A geo set keeps the middle of a cell that is less than a metre wide: so many metres may be between a distance that it tells and
 * that of the places themselves, where both ends are members of it.
 */
export const SLACK = 1;

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** In metres: all around a centre, or from side to side with the centre in the middle. */
export type Area = { readonly radius: number } | { readonly width: number; readonly height: number };

/** A city within an area, or so near to its edge that the geo set may have it on the other side. */
export interface Near {
  readonly member: number;
  readonly distance: number;
  readonly sure: boolean;
}

/** What a geo set of cities must answer: worked out from all of them, with nothing of Holdfast. */
export class Atlas {
  readonly #places = new Map<number, Place>();

  get size(): number {
    return this.#places.size;
  }

  get members(): IterableIterator<number> {
    return this.#places.keys();
  }

  place(member: number): Place | undefined {
    return this.#places.get(member);
  }

  set(member: number, place: Place): void {
    this.#places.set(member, place);
  }

  delete(member: number): void {
    this.#places.delete(member);
  }

  /** In no order. */
  near(center: Place, area: Area): Near[] {
    const found: Near[] = [];
    const [up, along] = 'radius' in area ? [area.radius, Number.POSITIVE_INFINITY] : [area.height / 2, area.width / 2];
    for (const [member, place] of this.#places) {
      const north = northward(center, place) - up;
      // Whatever is between them, they are no nearer than that.
      if (north > SLACK) continue;
      const distance = metres(center, place);
      const beyond =
        'radius' in area
          ? distance - area.radius
          : Math.max(north, metres({ ...center, latitude: place.latitude }, place) - along);
      if (beyond <= SLACK) found.push({ member, distance, sure: beyond < -SLACK });
    }
    return found;
  }
}

const northward = (a: Place, b: Place): number => EARTH_RADIUS * RADIAN * Math.abs(a.latitude - b.latitude);

/** The haversine formula. */
export function metres(a: Place, b: Place): number {
  const u = Math.sin((RADIAN * (b.latitude - a.latitude)) / 2);
  const v = Math.sin((RADIAN * (b.longitude - a.longitude)) / 2);
  const h = u * u + Math.cos(RADIAN * a.latitude) * Math.cos(RADIAN * b.latitude) * v * v;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** What is asked of a search beside the area. */
export interface Wanted {
  readonly limit?: number;
  readonly sort?: 'asc' | 'desc';
}

/** How the answer to a search differs from what it must be; `undefined` where it does not. */
export function searchFault(
  near: readonly Near[],
  { limit = Number.POSITIVE_INFINITY, sort = 'asc' }: Wanted,
  answer: readonly { readonly member: number; readonly distance: number }[],
): string | undefined {
  if (answer.length > limit) return `has ${answer.length} members, more than ${limit}`;
  const sign = sort === 'asc' ? 1 : -1;
  const left = new Map(near.map((one) => [one.member, one]));
  for (const [at, { member, distance }] of answer.entries()) {
    const city = left.get(member);
    if (!city) return `has city ${member}, which does not lie there, or twice`;
    left.delete(member);
    if (!(Math.abs(distance - city.distance) <= SLACK))
      return `says of city ${member} that it is ${distance} m away, not ${city.distance}`;
    const before = answer[at - 1];
    if (before && sign * (distance - before.distance) < 0) return `has city ${member} after one that comes after it`;
  }
  // Of those that are as far away as the last one, any may have been left out.
  const last = answer.length === limit ? sign * answer.at(-1)!.distance - 2 * SLACK : Number.POSITIVE_INFINITY;
  for (const { member, distance, sure } of left.values())
    if (sure && sign * distance < last) return `is without city ${member}, ${distance} m away`;
  return undefined;
}
