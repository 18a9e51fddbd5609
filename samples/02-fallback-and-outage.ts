// A database behind Redis: reads and writes go on while Redis is away, and nothing old is served when it is back.
// Without servers: the hot tier is in process, made faulty on purpose. With REDIS_URL and DATABASE_URL it is your own Redis and database.
import { CircuitBreaker, Entity, Fallback, Field, Holdfast, Key, RedisHash } from 'holdfast';
import { faultyHotStore, memoryHotStore } from 'holdfast/testing';

@Entity()
@RedisHash({ ttl: '1h' })
@Fallback('home')
@CircuitBreaker({ hot: { resetTimeout: '200ms', volumeThreshold: 3 } })
class Session {
  @Key() id!: string;
  @Field() user!: string;
  @Field() visits!: number;
}

const redis = faultyHotStore(memoryHotStore());
const holdfast = await Holdfast.open({
  entities: [Session],
  redis: redis.store,
  fallbacks: { home: process.env.DATABASE_URL ?? 'sqlite:' },
  repairInterval: '100ms',
});
const sessions = holdfast.repository(Session);

await sessions.save({ id: 's1', user: 'ann', visits: 1 });
console.log('hot:', await sessions.find('s1'));

redis.down();
console.log('Redis is away. Read from the database:', await sessions.find('s1'));
await sessions.increment('s1', 'visits');
console.log('Written without Redis:', await sessions.find('s1'));

redis.up();
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('Redis is back, with the value of before; served is:', await sessions.find('s1'));
await holdfast.close();
