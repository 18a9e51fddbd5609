import { Cached, Entity, Fallback, Field, Key, RedisHash, Version } from '../../src/index.js';

@Entity()
@RedisHash({ ttl: '1h', absentTtl: '30s', jitter: 0 })
@Fallback('home')
export class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) age?: number;
  @Field({ type: 'string', nullable: true }) email?: string | null;
  @Field({ type: 'json' }) tags?: string[];
}

@Entity()
@RedisHash({ ttl: '1h', jitter: 0 })
@Fallback('home')
@Cached({ ttl: '5s', jitter: 0, staleIfError: '1m' })
export class Visitor {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) visits?: number;
}

@Entity()
@RedisHash()
@Fallback('home')
export class Account {
  @Key() id!: string;
  @Field({ type: 'integer' }) balance!: number;
  @Version() version!: number;
}
