// Compiled with legacy and with standard decorators. What must not compile stands under a @ts-expect-error.
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import type { KindDecorator, ValueDecorator } from '../../src/metadata/decorator-types.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import { type FlagValue, KeyProps, type SortedSetMembers } from '../../src/metadata/types.js';

// Kinds that come later are declared with the same types.
declare function SortedSet(): KindDecorator<'sorted-set'>;
declare function Members(): ValueDecorator<'sorted-set'>;

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
