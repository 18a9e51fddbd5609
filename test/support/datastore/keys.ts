import { Refusal, unknownHere, type WireKey, type WirePathElement } from './wire.js';

const MOST_BYTES = 1500;
const MOST_KEY_BYTES = 6144;

const bytesOf = (text: string): number => Buffer.byteLength(text);
const isReserved = (text: string): boolean => /^__.*__$/s.test(text);

// The order of the bytes, as an order of code units.
const inBytes = (text: string): string => Buffer.from(text).toString('latin1');

/** One element of a path, ready to be compared: its kind, ids before names, the id or the name. */
type Place = readonly [kind: string, rank: 0 | 1, place: bigint | string];

/** A key as the store has it. */
export interface StoredKey {
  readonly wire: WireKey;
  /** Unique within the partition. */
  readonly text: string;
  readonly kind: string;
  readonly places: readonly Place[];
}

export const partitionOf = (projectId: string, databaseId: string, namespaceId: string): string =>
  JSON.stringify([projectId, databaseId, namespaceId]);

const placeOf = ({ kind, id, name }: WirePathElement): Place =>
  name === undefined ? [inBytes(kind), 0, BigInt(id ?? 0)] : [inBytes(kind), 1, inBytes(name)];

const textOf = (path: readonly WirePathElement[]): string =>
  JSON.stringify(path.map(({ kind, id, name }) => (name === undefined ? [kind, 0, id ?? '0'] : [kind, 1, name])));

export function storedKey(wire: WireKey): StoredKey {
  return { wire, text: textOf(wire.path), kind: wire.path.at(-1)!.kind, places: wire.path.map(placeOf) };
}

/** @throws Refusal for a key that the service would not take; `incomplete` allows the last element to have neither id nor name */
export function checkKey(key: WireKey, incomplete = false): void {
  const invalid = (fact: string) => new Refusal('INVALID_ARGUMENT', fact);
  if (key.path.length === 0) throw invalid('a key path must have an element');
  if (key.path.length > 100) throw invalid('a key path may have at most 100 elements');
  let total = 0;
  key.path.forEach(({ kind, id, name }, at) => {
    if (kind === '' || kind === undefined) throw invalid('the kind is the empty string');
    if (isReserved(kind)) throw invalid(`the kind "${kind}" is reserved`);
    if (bytesOf(kind) > MOST_BYTES) throw invalid(`the kind is longer than ${MOST_BYTES} bytes`);
    total += bytesOf(kind);
    if (name !== undefined) {
      if (name === '') throw invalid('the key path element has an empty name');
      if (isReserved(name)) throw invalid(`the name "${name}" is reserved`);
      if (bytesOf(name) > MOST_BYTES) throw invalid(`the key path element name is longer than ${MOST_BYTES} bytes`);
      total += bytesOf(name);
    } else if (id === undefined) {
      if (!incomplete || at < key.path.length - 1) throw invalid('the key path is incomplete');
    } else {
      if (BigInt(id) <= 0n) throw unknownHere('ids that are not positive');
      total += 8;
    }
  });
  if (total > MOST_KEY_BYTES) throw invalid(`the key is longer than ${MOST_KEY_BYTES} bytes`);
}

function comparePlaces(a: Place, b: Place): number {
  for (const at of [0, 1, 2] as const) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}

/** The order of keys: element by element, ancestors first. */
export function compareKeys(a: StoredKey, b: StoredKey): number {
  const shared = Math.min(a.places.length, b.places.length);
  for (let at = 0; at < shared; at++) {
    const order = comparePlaces(a.places[at]!, b.places[at]!);
    if (order !== 0) return order;
  }
  return a.places.length - b.places.length;
}

export const hasAncestor = (key: StoredKey, ancestor: StoredKey): boolean =>
  key.places.length >= ancestor.places.length &&
  ancestor.places.every((place, at) => comparePlaces(place, key.places[at]!) === 0);
