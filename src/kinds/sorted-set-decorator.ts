import type { KindDecorator, ValueDecorator } from '../metadata/decorator-types.js';
import type { MemberOptions, SortedSetOptions } from '../metadata/options.js';
import { kindDecorator, valueDecorator } from '../metadata/record-kind.js';
import { sortedSet } from './sorted-set.js';

const decorate = kindDecorator<'sorted-set', SortedSetOptions>(sortedSet, 'SortedSet');
const decorateMembers = valueDecorator<'sorted-set', MemberOptions>(sortedSet);

/**
 * Declares an entity as a sorted set: members with scores, in the order of these, in the property with `@Members()`.
 *
 * @example
 * @Entity() @SortedSet({ maxSize: 1000 })
 * class Playlist { @Key() id!: string; @Members() tracks!: SortedSetMembers }
 */
export function SortedSet(options: SortedSetOptions = {}): KindDecorator<'sorted-set'> {
  return decorate(options);
}

/** Declares the property of a `@SortedSet`, whose type is `SortedSetMembers`. Members are strings where no other `type` is given. */
export function Members(options: MemberOptions = {}): ValueDecorator<'sorted-set'> {
  return decorateMembers(options);
}
