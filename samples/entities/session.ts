import { CircuitBreaker, Entity, Fallback, Field, Key, RedisHash } from 'holdfast';

@Entity()
@RedisHash({ ttl: '1h' })
@Fallback('home')
@CircuitBreaker({ hot: { resetTimeout: '200ms', volumeThreshold: 3 } })
export class Session {
  @Key() id!: string;
  @Field() user!: string;
  @Field({ type: 'integer' }) visits!: number;
}
