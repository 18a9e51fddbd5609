import { Entity, Fallback, Field, Key, RedisHash } from '../../src/index.js';

@Entity('note')
@RedisHash({ ttl: '1h', jitter: 0 })
@Fallback('home')
export class Note {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'integer' }) n!: number;
}

@Entity('page')
@RedisHash({ ttl: '1h', jitter: 0 })
@Fallback('home')
export class Page {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'integer' }) n!: number;
}

/** Redis is its only home. */
@Entity('alone')
@RedisHash()
export class Alone {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'integer' }) n!: number;
}
