import { Cached, CircuitBreaker, Entity, Fallback, Field, Holdfast, Key, RedisHash, Version } from 'holdfast';

@Entity('people')
@RedisHash({ ttl: '1h' })
@Fallback('home')
@Cached({ max: 100 })
@CircuitBreaker({ volumeThreshold: 5 })
class Person {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'string' }) name!: string;
  @Field({ type: 'number' }) age!: number;
  @Version() version!: number;
}

const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { home: 'memory:' } });
const people = holdfast.repository(Person);
await people.save(people.create({ id: 'john_doe', name: 'John Doe', age: 33 }));
const found: Person | undefined = await people.find('john_doe');
console.log(found);
await holdfast.close();
