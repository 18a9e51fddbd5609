import { CircuitBreaker, Entity, Fallback, Field, Key, RedisHash } from '../../src/index.js';

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

/** From now on no call of theirs is given up, however short the time limits are that locks are measured by. */
export function withoutTimeLimits(): void {
  for (const entity of [Note, Page]) CircuitBreaker({ volumeThreshold: 1_000_000, timeout: '1h' })(entity);
}

/** Redis is its only home. */
@Entity('alone')
@RedisHash()
export class Alone {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'integer' }) n!: number;
}
