// Compiled with legacy and with standard decorators. What must not compile stands under a @ts-expect-error.
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { GeoSet, Points } from '../../src/kinds/geo-set-decorator.js';
import { Items, RedisList, RedisSet } from '../../src/kinds/items-decorators.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Members, SortedSet } from '../../src/kinds/sorted-set-decorator.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import {
  type FlagValue,
  type GeoPoints,
  KeyProps,
  type ListItems,
  type SetItems,
  type SortedSetMembers,
} from '../../src/metadata/types.js';

@Entity()
@RedisHash({ ttl: '1h', absentTtl: 500 })
@Fallback('postgres', { through: 'typeorm' })
@Cached({ max: 10, ttl: '5s', store: new Map() })
@CircuitBreaker({ timeout: '500ms', hot: { resetTimeout: '10s' }, isFault: () => true })
export class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field() private secret!: string;
  @Version() version!: number;
  reveal(): string {
    return this.secret;
  }
}

@Entity()
@SortedSet()
export class Playlist {
  declare [KeyProps]?: ['user', 'list'];
  @Key() user!: bigint;
  @Key() list!: Date;
  @Members() tracks!: SortedSetMembers;
}

@Entity()
@Flag({ ttl: '1h', jitter: 0.5 })
@Cached()
export class Visited {
  declare [KeyProps]?: ['user', 'city'];
  @Key() user!: string;
  @Key() city!: number;
  @Value({ name: 'was_seen' }) seen!: FlagValue;
  isNew(): boolean {
    return !this.seen;
  }
}

@Flag()
export class VisitedOrNot {
  @Key() id!: string;
  @Value() seen?: FlagValue;
}

class Track {
  @Field() title!: string;
}

@Entity()
@SortedSet({ ttl: '1h', absentTtl: 500, jitter: 0, maxSize: 100 })
@Cached()
export class Charts {
  @Key() id!: string;
  @Members({ type: Track, name: 'track' }) tracks!: SortedSetMembers<Track>;
}

@Entity()
@GeoSet({ ttl: '1h' })
export class CityMap {
  @Key() id!: string;
  @Points({ type: 'integer' }) cities!: GeoPoints<number>;
}

@Entity()
@RedisList({ ttl: '1h', maxLength: 5 })
export class History {
  @Key() id!: string;
  @Items({ type: () => Track }) tracks!: ListItems<Track>;
}

@Entity()
@RedisSet({ ttl: '1h' })
export class Followers {
  @Key() id!: string;
  @Items() names!: SetItems;
}

@Entity({ by: 'type', variants: () => ({ cat: Cat }) })
@RedisHash()
export abstract class Animal {
  @Key() id!: string;
  @Field() type!: string;
}
class Cat extends Animal {
  @Field() lives?: number;
}

export class Generic<T extends string> {
  @Key({ type: 'string' }) id!: T;
}

// @ts-expect-error a year is no unit
@RedisHash({ ttl: '1y' })
export class BadDuration {
  @Key() id!: string;
}

// @ts-expect-error a hash has no members
@RedisHash()
export class HashWithMembers {
  @Key() id!: string;
  @Members() tracks!: SortedSetMembers;
}

// @ts-expect-error a sorted set has members
@SortedSet()
export class SetWithoutMembers {
  @Key() id!: string;
  @Field() n!: number;
}

// @ts-expect-error a hash has no flag's value
@RedisHash()
export class HashWithValue {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

// @ts-expect-error a flag has a value
@Flag()
export class FlagWithoutValue {
  @Key() id!: string;
  @Field() seen!: boolean;
}

// @ts-expect-error a flag is no sorted set
@Flag()
export class FlagWithMembers {
  @Key() id!: string;
  @Members() tracks!: SortedSetMembers;
}

// @ts-expect-error a set is no list
@RedisSet()
export class SetOfList {
  @Key() id!: string;
  @Items() items!: ListItems;
}

// @ts-expect-error a list is no set
@RedisList()
export class ListOfSet {
  @Key() id!: string;
  @Items() items!: SetItems;
}

// @ts-expect-error a geo set has points
@GeoSet()
export class GeoSetOfMembers {
  @Key() id!: string;
  @Members() members!: SortedSetMembers;
}

// @ts-expect-error a hash has no items
@RedisHash()
export class HashWithItems {
  @Key() id!: string;
  @Items() items!: SetItems;
}

// @ts-expect-error a list has a length
@RedisList({ maxSize: 5 })
export class BadListOption {
  @Key() id!: string;
  @Items() items!: ListItems;
}

// @ts-expect-error only sorted sets and lists are trimmed
@RedisSet({ maxSize: 5 })
export class BadSetOption {
  @Key() id!: string;
  @Items() items!: SetItems;
}

// @ts-expect-error there is no such option
@Flag({ maxSize: 5 })
export class BadFlagOption {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

export class BadProperties {
  // @ts-expect-error members are SortedSetMembers
  @Members() tracks!: { member: string; score: number }[];
  // @ts-expect-error a flag is no sorted set
  @Members() seen!: FlagValue;
  // @ts-expect-error members are no points
  @Points() members!: SortedSetMembers;
  // @ts-expect-error points are no members
  @Members() points!: GeoPoints;
  // @ts-expect-error an ordinary array has no kind
  @Items() array!: string[];
  // @ts-expect-error an ordinary Set has no kind
  @Items() set!: Set<string>;
  // @ts-expect-error a sorted set has members, not items
  @Items() scored!: SortedSetMembers;
  // @ts-expect-error there is no such type
  @Items({ type: 'varchar' }) typed!: ListItems;
  // @ts-expect-error a member is not nullable
  @Members({ nullable: true }) nullable!: SortedSetMembers;
  @Items() list?: ListItems;
  @Items() others!: SetItems<number> | undefined;
  @Value() right!: FlagValue;
  // @ts-expect-error a flag's value is a FlagValue
  @Value() plain!: boolean;
  // @ts-expect-error members are no flag
  @Value() listed!: SortedSetMembers;
  // @ts-expect-error a key that is not called id is named in [KeyProps]
  @Key() country!: string;
  // @ts-expect-error a version is a number
  @Version() version!: string;
  // @ts-expect-error there is no such type
  @Field({ type: 'varchar' }) text!: string;
  // @ts-expect-error there is no such option
  @Field({ nulable: true }) other!: string;
}

export class BadKey {
  // @ts-expect-error a key is no boolean
  @Key() id!: boolean;
}

// @ts-expect-error writes go through, or behind
@Fallback('x', { write: 'sometimes' })
export class BadFallback {}
