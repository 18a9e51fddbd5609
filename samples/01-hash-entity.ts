import { Entity, Field, Holdfast, Key, RedisHash } from 'holdfast';

@Entity()
@RedisHash()
class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field() age!: number;
}

const holdfast = await Holdfast.open({ entities: [Person] });
const people = holdfast.repository(Person);
await people.save(people.create({ id: 'john_doe', name: 'John Doe', age: 33 }));
console.log(await people.find('john_doe'));
// => Person { id: 'john_doe', name: 'John Doe', age: 33 }
await holdfast.close();
