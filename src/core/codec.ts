import type { Plain, StorageType } from './plain.js';

/**
 * How values of one field type become plain and come back. A codec of your own goes into `@Field({ type })`.
 *
 * @example
 * const money: Codec<Money> = {
 *   name: 'money', storage: 'text',
 *   encode: (m) => `${m.amount} ${m.currency}`,
 *   decode: (text) => Money.parse(text as string),
 * };
 */
export interface Codec<T = unknown> {
  /** Part of the schema's fingerprint: change it when the stored form changes. */
  readonly name: string;
  readonly storage: StorageType;
  /** The plain form. Throws an Error whose message says what is wrong with the value, as in `must be a number, got a string`. */
  encode(value: T): Exclude<Plain, null>;
  /** A new value each time, so that no two callers share one. */
  decode(plain: Exclude<Plain, null>): T;
  /** True where encode and decode return what they are given. */
  readonly identity?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: codecs of different types stand in one list
export type AnyCodec = Codec<any>;
