import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import type { Plain, StorageType } from '../core/plain.js';
import { ValueFault } from './value-fault.js';

const FITS: Record<StorageType, (plain: unknown) => boolean> = {
  text: (plain) => typeof plain === 'string' && plain.isWellFormed(),
  number: Number.isFinite,
  integer: Number.isSafeInteger,
  bigint: (plain) => typeof plain === 'bigint' && BigInt.asIntN(64, plain) === plain,
  boolean: (plain) => typeof plain === 'boolean',
  date: (plain) => Number.isInteger(plain) && Math.abs(plain as number) <= 8.64e15,
  bytes: (plain) => plain instanceof Uint8Array,
  json: isJson,
};

function isJson(plain: unknown): boolean {
  if (typeof plain !== 'string') return false;
  try {
    JSON.parse(plain);
    return true;
  } catch {
    return false;
  }
}

function reason(codec: Codec, doing: string, error: unknown): string {
  if (error instanceof Error && error.name === 'Error') return error.message;
  return `cannot be ${doing} by its codec '${codec.name}': ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** A user's codec, held to what it declares: nothing of a wrong type gets into a store, and its errors are told as a value's fault. */
export function ownCodec(codec: Codec): Codec {
  const fits = FITS[codec.storage];
  return {
    name: codec.name,
    storage: codec.storage,
    encode(value) {
      let plain: Exclude<Plain, null>;
      try {
        plain = codec.encode(value);
      } catch (error) {
        throw new ValueFault('', reason(codec, 'stored', error), { cause: error });
      }
      if (!fits(plain))
        throw new ValueFault(
          '',
          `was encoded by its codec '${codec.name}' as ${describe(plain)}, which is not ${codec.storage}`,
        );
      if (typeof plain === 'number') return plain + 0;
      return plain instanceof Uint8Array ? new Uint8Array(plain) : plain;
    },
    decode(plain) {
      try {
        return codec.decode(plain);
      } catch (error) {
        throw new ValueFault('', reason(codec, 'read', error), { cause: error });
      }
    },
  };
}
