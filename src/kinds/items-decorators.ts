import type { KindDecorator, ValueDecorator } from '../metadata/decorator-types.js';
import type { HotOptions, ListOptions, MemberOptions } from '../metadata/options.js';
import { kindDecorator, valueDecorator } from '../metadata/record-kind.js';
import { list } from './list.js';
import { set } from './set.js';

const decorateList = kindDecorator<'list', ListOptions>(list, 'RedisList');
const decorateSet = kindDecorator<'set'>(set, 'RedisSet');
// Both have the same; which one it is of, the class says.
const decorateItems = valueDecorator<'list' | 'set', MemberOptions>(list);

/**
 * Declares an entity as a list: items one after the other, in the property with `@Items()`.
 *
 * @example
 * @Entity() @RedisList({ maxLength: 100 })
 * class History { @Key() id!: string; @Items() pages!: ListItems }
 */
export function RedisList(options: ListOptions = {}): KindDecorator<'list'> {
  return decorateList(options);
}

/**
 * Declares an entity as a set: items of which each is there once, in the property with `@Items()`.
 *
 * @example
 * @Entity() @RedisSet()
 * class Followers { @Key() id!: string; @Items() names!: SetItems }
 */
export function RedisSet(options: HotOptions = {}): KindDecorator<'set'> {
  return decorateSet(options);
}

/** Declares the property of a `@RedisList`, a `ListItems`, or of a `@RedisSet`, a `SetItems`. Items are strings where no other `type` is given. */
export function Items(options: MemberOptions = {}): ValueDecorator<'list' | 'set'> {
  return decorateItems(options);
}
