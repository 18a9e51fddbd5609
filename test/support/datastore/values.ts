import { compareKeys, type StoredKey, storedKey } from './keys.js';
import { Refusal, unknownHere, type WireEntity, type WireKey, type WireValue } from './wire.js';

const MOST_INDEXED = 1500;
const MOST_VALUE = 2 ** 20 - 89;
const MOST_ENTITY = 2 ** 20 - 4;

/** A value of an index, with its place among those of other types. */
type Place = readonly [rank: number, value: bigint | number | string | StoredKey];

/** Where a value stands in an index. */
export function placeOf(value: WireValue): Place {
  switch (value.valueType) {
    case 'nullValue':
      return [0, 0];
    case 'integerValue':
      return [1, BigInt(value.integerValue!)];
    case 'timestampValue': {
      const { seconds = '0', nanos = 0 } = value.timestampValue!;
      return [2, BigInt(seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1000))];
    }
    case 'booleanValue':
      return [3, value.booleanValue ? 1 : 0];
    case 'blobValue':
      return [4, value.blobValue!.toString('latin1')];
    case 'stringValue':
      return [5, Buffer.from(value.stringValue!).toString('latin1')];
    case 'doubleValue':
      return [6, value.doubleValue!];
    case 'keyValue':
      return [7, storedKey(value.keyValue!)];
    default:
      throw unknownHere(`values of the type ${value.valueType}`);
  }
}

export function comparePlaces([rank, a]: Place, [other, b]: Place): number {
  if (rank !== other) return rank - other;
  if (typeof a === 'object') return compareKeys(a, b as StoredKey);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Bytes of a value, as the documentation of the service counts them. */
function sizeOf(value: WireValue): number {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
      return 1;
    case 'stringValue':
      return Buffer.byteLength(value.stringValue!) + 1;
    case 'blobValue':
      return value.blobValue!.length;
    case 'keyValue':
      return sizeOfKey(value.keyValue!);
    default:
      return 8;
  }
}

const sizeOfKey = ({ path }: WireKey): number =>
  path.reduce(
    (sum, { kind, name }) => sum + Buffer.byteLength(kind) + 1 + (name === undefined ? 8 : Buffer.byteLength(name) + 1),
    16,
  );

/** @throws Refusal for an entity that the service would not take */
export function checkEntity({ key, properties }: WireEntity): void {
  const invalid = (fact: string) => new Refusal('INVALID_ARGUMENT', fact);
  let total = sizeOfKey(key) + 32;
  for (const [name, value] of Object.entries(properties)) {
    if (name === '') throw invalid('the name of a property is empty');
    if (/^__.*__$/s.test(name)) throw invalid(`the name "${name}" of a property is reserved`);
    if (Buffer.byteLength(name) > MOST_INDEXED) throw invalid('the name of a property is too long');
    const [, place] = placeOf(value);
    const size = sizeOf(value);
    const bytes = typeof place === 'string' ? place.length : 0;
    if (!value.excludeFromIndexes && bytes > MOST_INDEXED)
      throw invalid(`the value of property "${name}" is longer than ${MOST_INDEXED} bytes`);
    if (size > MOST_VALUE) throw invalid(`the value of property "${name}" is longer than ${MOST_VALUE} bytes`);
    if (value.valueType === 'timestampValue') checkTimestamp(value.timestampValue!.seconds ?? '0');
    total += Buffer.byteLength(name) + 1 + size;
  }
  if (total > MOST_ENTITY) throw invalid(`the entity is larger than ${MOST_ENTITY} bytes`);
}

function checkTimestamp(seconds: string): void {
  const at = BigInt(seconds);
  if (at < -62_135_596_800n || at > 253_402_300_799n)
    throw new Refusal('INVALID_ARGUMENT', 'a timestamp is out of range');
}

/** Floats to microseconds, as the service keeps timestamps. */
export function kept(entity: WireEntity): WireEntity {
  const properties = Object.entries(entity.properties).map(([name, value]) => {
    if (value.valueType !== 'timestampValue') return [name, value] as const;
    const { seconds = '0', nanos = 0 } = value.timestampValue!;
    return [name, { ...value, timestampValue: { seconds, nanos: Math.floor(nanos / 1000) * 1000 } }] as const;
  });
  // A property may have any name.
  return { ...entity, properties: Object.assign(Object.create(null), Object.fromEntries(properties)) };
}
