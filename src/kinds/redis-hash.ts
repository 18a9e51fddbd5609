import type { KindDecorator } from '../metadata/decorator-types.js';
import type { HotOptions } from '../metadata/options.js';
import { kindDecorator } from '../metadata/record-kind.js';
import { hash } from './hash.js';

const decorate = kindDecorator<'hash'>(hash, 'RedisHash');

/**
 * Declares an entity as a hash: one value for each `@Field()`.
 *
 * @example
 * @Entity() @RedisHash({ ttl: '1h' })
 * class Person { @Key() id!: string; @Field() name!: string }
 */
export function RedisHash(options: HotOptions = {}): KindDecorator<'hash'> {
  return decorate(options);
}
