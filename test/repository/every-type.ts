import {
  Entity,
  Fallback,
  Field,
  Flag,
  type FlagValue,
  Key,
  KeyProps,
  RedisHash,
  Value,
  Version,
} from '../../src/index.js';

export class Address {
  @Field() street!: string;
  @Field({ type: 'date' }) since!: Date;
  @Field({ type: 'bigint' }) big?: bigint;
}

/** One field of every type, and a key of two parts. */
class EveryTypeFields {
  declare [KeyProps]?: ['country', 'number'];
  @Key() country!: string;
  @Key({ type: 'integer' }) number!: number;
  @Field() name?: string;
  @Field({ type: 'text', nullable: true }) note?: string | null;
  @Field() score?: number;
  @Field({ type: 'integer', index: true }) count?: number;
  @Field({ type: 'bigint' }) big?: bigint;
  @Field() active?: boolean;
  @Field() at?: Date;
  @Field({ type: 'bytes' }) data?: Uint8Array;
  @Field({ type: 'json' }) tags?: unknown;
  @Field({ type: () => Address }) address?: Address;
  @Field({ type: () => [Address] }) others?: Address[];
}

@Entity('every_type')
@RedisHash({ ttl: '1h' })
@Fallback('home')
export class EveryType extends EveryTypeFields {}

@Entity('every_type_alone')
@RedisHash({ ttl: '1h' })
export class EveryTypeAlone extends EveryTypeFields {}

class CounterFields {
  @Key() id!: string;
  @Field({ type: 'integer' }) value!: number;
  @Version() version!: number;
}

@Entity('counter')
@RedisHash()
@Fallback('home')
export class Counter extends CounterFields {}

@Entity('counter_alone')
@RedisHash()
export class CounterAlone extends CounterFields {}

class VisitedFields {
  declare [KeyProps]?: ['user', 'city'];
  @Key() user!: string;
  @Key({ type: 'integer' }) city!: number;
  @Value() seen!: FlagValue;
}

@Entity('visited')
@Flag({ ttl: '1h' })
@Fallback('home')
export class Visited extends VisitedFields {}

@Entity('visited_alone')
@Flag({ ttl: '1h' })
export class VisitedAlone extends VisitedFields {}
