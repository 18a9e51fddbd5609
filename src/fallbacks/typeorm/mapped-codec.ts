import type { AnyCodec, Codec } from '../../core/codec.js';

/** TypeORM's word for what stands between a property and its column. */
export interface Transformer {
  to(value: unknown): unknown;
  from(value: unknown): unknown;
}

/** The codec of a mapped field: TypeORM's transformers around the codec of the column's type. */
export function transformed(codec: AnyCodec, transformers: readonly Transformer[]): Codec {
  if (transformers.length === 0) return codec;
  const back = [...transformers].reverse();
  return {
    name: `transformed ${codec.name}`,
    storage: codec.storage,
    encode: (value) => codec.encode(transformers.reduce((at, transformer) => transformer.to(at), value)),
    decode: (plain) => back.reduce((at, transformer) => transformer.from(at), codec.decode(plain) as unknown),
  };
}
