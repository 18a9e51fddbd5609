import type { Area } from './collection.js';

/** A place on earth, in degrees. */
export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** Redis knows no places further north or south. */
export const MAX_LATITUDE = 85.05112878;

const MAX_LONGITUDE = 180;
// Metres, as Redis has it.
const EARTH_RADIUS = 6372797.560856;
const RADIAN = Math.PI / 180;
// Longitude and latitude are each cut into so many parts, which 26 bits count.
const PARTS = 2 ** 26;
const HALF = 2 ** 13;

/**
 * The geohash of a place: 52 bits, of which longitude and latitude have every other. What Redis has for a score, but for places
 * right on the longitude 180 or the northern limit: those it gives a 53rd bit, and then finds them nowhere. Here they are in the
 * last cell.
 */
export function geohashOf(place: Place): number {
  return interleaved(partOf(place.longitude, MAX_LONGITUDE), partOf(place.latitude, MAX_LATITUDE));
}

/** The middle of a geohash's cell: where everything that has this geohash is said to be. */
export function placeOf(geohash: number): Place {
  const high = Math.floor(geohash / PARTS);
  const low = geohash % PARTS;
  return {
    longitude: middleOf(gathered(high >>> 1) * HALF + gathered(low >>> 1), MAX_LONGITUDE),
    latitude: middleOf(gathered(high) * HALF + gathered(low), MAX_LATITUDE),
  };
}

const DIGITS = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The standard geohash of 11 characters, as Redis tells it of a place with this geohash of 52 bits. */
export function geohashText(geohash: number): string {
  const { longitude, latitude } = placeOf(geohash);
  const standard = interleaved(partOf(longitude, MAX_LONGITUDE), partOf(latitude, 90));
  let text = '';
  // Of the last character there are but two bits: Redis leaves them out.
  for (let shift = 47; shift > 0; shift -= 5) text += DIGITS[Math.floor(standard / 2 ** shift) % 32];
  return `${text}0`;
}

/** Metres between two places, along the surface of a sphere of Redis's radius, to a tenth of a millimetre. */
export function distanceOf(a: Place, b: Place): number {
  return rounded(metresBetween(a, b));
}

/** How many metres a place is from the centre of an area; `undefined` where it lies outside. */
export function distanceWithin(center: Place, area: Area, place: Place): number | undefined {
  if ('radius' in area) {
    const distance = metresBetween(center, place);
    return distance <= area.radius ? rounded(distance) : undefined;
  }
  const up = EARTH_RADIUS * Math.abs(RADIAN * place.latitude - RADIAN * center.latitude);
  if (up > area.height / 2) return undefined;
  const along = metresBetween(place, { longitude: center.longitude, latitude: place.latitude });
  return along > area.width / 2 ? undefined : distanceOf(center, place);
}

type Range = readonly [from: number, to: number];

// Rounding of sines and the like moves nothing that far: a centimetre.
const MARGIN = 1e-7;
// More cells follow an area closer, up to what ranges there may be; beyond that those go together that have least between them.
const MAX_CELLS = 64;
const MAX_RANGES = 12;

/** Ranges of geohashes, both ends included and none twice, that all places of an area lie in, and some others; at most a dozen. */
export function geohashRanges(center: Place, area: Area): readonly Range[] {
  const { longitude, latitude } = center;
  const [up, along] = reachOf(latitude, area);
  const columns = longitudes(longitude - along, longitude + along).map((span) => partsOf(span, MAX_LONGITUDE));
  const rows = partsOf([latitude - up, latitude + up], MAX_LATITUDE);
  let shift = 0;
  const lines = ([from, to]: Range) => (to >>> shift) - (from >>> shift) + 1;
  while (columns.reduce((sum, span) => sum + lines(span), 0) * lines(rows) > MAX_CELLS) shift++;
  const cells: Range[] = [];
  for (const [west, east] of columns)
    for (let column = west >>> shift; column <= east >>> shift; column++)
      for (let row = rows[0] >>> shift; row <= rows[1] >>> shift; row++) {
        const from = interleaved(column << shift, row << shift);
        cells.push([from, from + 4 ** shift - 1]);
      }
  return joined(cells);
}

/** How many degrees of latitude, and of longitude, a place of an area is from its centre at most. */
function reachOf(latitude: number, area: Area): readonly [up: number, along: number] {
  const angle = ('radius' in area ? area.radius : area.height / 2) / EARTH_RADIUS;
  const up = angle / RADIAN + MARGIN;
  const furthest = Math.abs(latitude) + up;
  if ('radius' in area) {
    // Around a pole every longitude is near.
    if (furthest > 90 - MARGIN) return [up, MAX_LONGITUDE];
    return [up, Math.asin(Math.sin(angle) / Math.cos(latitude * RADIAN)) / RADIAN + MARGIN];
  }
  // A box is as wide everywhere: it spans most degrees where it is nearest to a pole.
  const sine = area.width / 4 / EARTH_RADIUS < Math.PI / 2 ? Math.sin(area.width / 4 / EARTH_RADIUS) : 1;
  const ratio = sine / Math.cos(Math.min(furthest, MAX_LATITUDE) * RADIAN);
  return [up, ratio < 1 ? (2 * Math.asin(ratio)) / RADIAN + MARGIN : MAX_LONGITUDE];
}

/** From west to east, cut in two where it goes over the longitude 180. */
function longitudes(west: number, east: number): Range[] {
  if (east - west >= 2 * MAX_LONGITUDE) return [[-MAX_LONGITUDE, MAX_LONGITUDE]];
  const over: Range[] = [[west, Math.min(east, MAX_LONGITUDE)]];
  if (west < -MAX_LONGITUDE) over.push([west + 2 * MAX_LONGITUDE, MAX_LONGITUDE]);
  if (east > MAX_LONGITUDE) over.push([-MAX_LONGITUDE, east - 2 * MAX_LONGITUDE]);
  return over;
}

function joined(cells: readonly Range[]): Range[] {
  const ranges: Range[] = [];
  for (const [from, to] of [...cells].sort((a, b) => a[0] - b[0])) {
    const last = ranges.at(-1);
    if (last && from <= last[1] + 1) ranges[ranges.length - 1] = [last[0], Math.max(last[1], to)];
    else ranges.push([from, to]);
  }
  const gapAfter = (at: number) => ranges[at + 1]![0] - ranges[at]![1];
  while (ranges.length > MAX_RANGES) {
    let least = 0;
    for (let at = 1; at + 1 < ranges.length; at++) if (gapAfter(at) < gapAfter(least)) least = at;
    ranges.splice(least, 2, [ranges[least]![0], ranges[least + 1]![1]]);
  }
  return ranges;
}

function metresBetween(a: Place, b: Place): number {
  const [north, south] = [a.latitude * RADIAN, b.latitude * RADIAN];
  const u = Math.sin((south - north) / 2);
  const v = Math.sin((b.longitude * RADIAN - a.longitude * RADIAN) / 2);
  // On the other side of the earth the sum may come out above 1.
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(u * u + Math.cos(north) * Math.cos(south) * v * v)));
}

const rounded = (metres: number): number => Math.round(metres * 1e4) / 1e4;

const partOf = (degrees: number, limit: number): number =>
  Math.max(0, Math.min(PARTS - 1, Math.floor(((degrees + limit) / (2 * limit)) * PARTS)));

const partsOf = ([from, to]: Range, limit: number): Range => [partOf(from, limit), partOf(to, limit)];

// In the order of Redis's own steps, so that the last bit is the same.
const middleOf = (part: number, limit: number): number =>
  (-limit + (part / PARTS) * (2 * limit) + (-limit + ((part + 1) / PARTS) * (2 * limit))) / 2;

/** The bits of two numbers of 26 bits, one after the other. */
function interleaved(longitude: number, latitude: number): number {
  const high = (spread(longitude >>> 13) << 1) | spread(latitude >>> 13);
  return high * PARTS + ((spread(longitude % HALF) << 1) | spread(latitude % HALF));
}

/** 13 bits, with a 0 before each. */
function spread(bits: number): number {
  let x = (bits | (bits << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Every other of 26 bits. */
function gathered(bits: number): number {
  let x = bits & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}
