import { checkKey, compareKeys, hasAncestor, type StoredKey, storedKey } from './keys.js';
import type { Stored } from './store.js';
import { comparePlaces, placeOf } from './values.js';
import { Refusal, unknownHere, type WireFilter, type WireQuery, type WireValue } from './wire.js';

const KEY = '__key__';

type Place = ReturnType<typeof placeOf>;

interface Condition {
  readonly name: string;
  readonly op: string;
  readonly place: Place;
}

/** A query that the server knows, checked. */
export interface Asked {
  readonly kind: string;
  readonly conditions: readonly Condition[];
  readonly ancestor: StoredKey | undefined;
  readonly orders: readonly { readonly name: string; readonly sign: 1 | -1 }[];
  readonly keysOnly: boolean;
  readonly offset: number;
  readonly limit: number;
  readonly after: Buffer | undefined;
  readonly until: Buffer | undefined;
}

const INEQUALITIES = ['LESS_THAN', 'LESS_THAN_OR_EQUAL', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL'];

/** @throws Refusal for what the service refuses, and for what the server does not know */
export function askedOf(query: WireQuery): Asked {
  if (query.kind.length !== 1) throw unknownHere('queries of no kind, or of several');
  if (query.distinctOn.length > 0 || query.findNearest) throw unknownHere('distinct_on and find_nearest');
  const names = query.projection.map(({ property }) => property.name);
  const keysOnly = names.length === 1 && names[0] === KEY;
  if (names.length > 0 && !keysOnly) throw unknownHere('projections of other properties than __key__');
  const conditions: Condition[] = [];
  let ancestor: StoredKey | undefined;
  for (const { property, op, value } of flat(query.filter)) {
    if (property.name === KEY && value.valueType !== 'keyValue')
      throw new Refusal('INVALID_ARGUMENT', '__key__ filter value must be a Key');
    if (value.valueType === 'keyValue' && property.name === KEY && query.kind[0]!.name !== '__kind__')
      checkKey(value.keyValue!);
    if (op === 'HAS_ANCESTOR') ancestor = storedKey(value.keyValue!);
    else if (op === 'EQUAL' || INEQUALITIES.includes(op))
      conditions.push({ name: property.name, op, place: placeOf(value) });
    else throw unknownHere(`the operator ${op}`);
  }
  const orders = query.order.map(({ property, direction }) => ({
    name: property.name,
    sign: direction === 'DESCENDING' ? (-1 as const) : (1 as const),
  }));
  const asked: Asked = {
    kind: query.kind[0]!.name,
    conditions,
    ancestor,
    orders,
    keysOnly,
    offset: query.offset ?? 0,
    limit: query.limit ? (query.limit.value ?? 0) : Number.POSITIVE_INFINITY,
    after: query.startCursor?.length ? query.startCursor : undefined,
    until: query.endCursor?.length ? query.endCursor : undefined,
  };
  checkIndexes(asked);
  return asked;
}

function flat(filter: WireFilter | undefined): NonNullable<WireFilter['propertyFilter']>[] {
  if (!filter) return [];
  if (filter.filterType === 'propertyFilter') return [filter.propertyFilter!];
  const { op, filters } = filter.compositeFilter!;
  if (op !== 'AND') throw unknownHere(`composite filters with ${op}`);
  return filters.flatMap(flat);
}

/**
 * The service answers by itself: ancestors and equalities; inequalities of one property, with its order; ancestors, equalities and
 * inequalities of the key; one order without a filter. Anything else needs an index that somebody has declared.
 */
function checkIndexes({ conditions, ancestor, orders }: Asked): void {
  const unequal = new Set(conditions.filter(({ op }) => op !== 'EQUAL').map(({ name }) => name));
  const equal = new Set(conditions.filter(({ op }) => op === 'EQUAL').map(({ name }) => name));
  const sorted = orders.at(-1)?.name === KEY && orders.at(-1)!.sign === 1 ? orders.slice(0, -1) : orders;
  const needs = (fact: string) =>
    new Refusal(
      'FAILED_PRECONDITION',
      `no matching index found: ${fact} needs a composite index, and none is declared`,
    );
  if (unequal.size > 1) throw needs('inequalities of several properties');
  const [property] = unequal;
  if (property !== undefined && property !== KEY && (equal.size > 0 || ancestor))
    throw needs('an inequality of a property beside another filter');
  if (sorted.length > 1) throw needs('several orders');
  const [order] = sorted;
  if (!order) return;
  if (order.name === KEY) throw needs('a descending order of the key');
  if (equal.size > 0 || ancestor) throw needs('an order beside another filter');
  if (property !== undefined && property !== order.name)
    throw needs('an order beside an inequality of another property');
}

const indexed = (value: WireValue | undefined): Place | undefined =>
  value && !value.excludeFromIndexes ? placeOf(value) : undefined;

const placeIn = (stored: Stored, name: string): Place | undefined =>
  name === KEY ? [7, stored.key] : indexed(stored.entity.properties[name]);

function meets(place: Place | undefined, { op, place: other }: Condition): boolean {
  if (!place || place[0] !== other[0]) return false;
  const order = comparePlaces(place, other);
  switch (op) {
    case 'EQUAL':
      return order === 0;
    case 'LESS_THAN':
      return order < 0;
    case 'LESS_THAN_OR_EQUAL':
      return order <= 0;
    case 'GREATER_THAN':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Where a result stands: the places of its orders, and its key. */
interface Placed {
  readonly stored: Stored;
  readonly places: readonly Place[];
}

/** All that the filters let through, in order; without cursors, offset and limit. */
export function matching({ conditions, ancestor, orders }: Asked, entities: Iterable<Stored>): Placed[] {
  const found: Placed[] = [];
  for (const stored of entities) {
    if (ancestor && !hasAncestor(stored.key, ancestor)) continue;
    if (!conditions.every((condition) => meets(placeIn(stored, condition.name), condition))) continue;
    const places = orders.map(({ name }) => placeIn(stored, name));
    if (places.every((place) => place !== undefined)) found.push({ stored, places: places as Place[] });
  }
  return found.sort((a, b) => compare(orders, a, b));
}

function compare(
  orders: Asked['orders'],
  a: Pick<Placed, 'places'> & { stored: { key: StoredKey } },
  b: typeof a,
): number {
  for (const [at, { sign }] of orders.entries()) {
    const order = comparePlaces(a.places[at]!, b.places[at]!);
    if (order !== 0) return sign * order;
  }
  return compareKeys(a.stored.key, b.stored.key);
}

/** A place in the results, as bytes that say nothing to others. */
export function cursorOf(asked: Asked, { stored }: Placed): Buffer {
  const values = asked.orders.map(({ name }) => (name === KEY ? null : stored.entity.properties[name]));
  return Buffer.from(JSON.stringify({ key: stored.key.wire, values }));
}

function placedAt(cursor: Buffer): Pick<Placed, 'places'> & { stored: { key: StoredKey } } {
  const { key, values } = JSON.parse(cursor.toString()) as { key: StoredKey['wire']; values: (WireValue | null)[] };
  const stored = { key: storedKey(key) };
  return { stored, places: values.map((value) => (value === null ? ([7, stored.key] as Place) : placeOf(value))) };
}

/** Those between the cursors. */
export function between(asked: Asked, all: readonly Placed[]): Placed[] {
  const { after, until, orders } = asked;
  const [from, to] = [after, until].map((cursor) => {
    const place = cursor && placedAt(cursor);
    return place && firstAfter(all.length, (at) => compare(orders, place, all[at]!) < 0);
  });
  return all.slice(from ?? 0, to ?? all.length);
}

/** The first number that passes, where all after it do. */
function firstAfter(count: number, passes: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
