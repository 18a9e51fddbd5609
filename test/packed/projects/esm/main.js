import { defineEntity, Holdfast, RedisHash } from 'holdfast';

const Person = defineEntity({
  name: 'person',
  kind: RedisHash(),
  key: { id: 'string' },
  fields: { name: 'string', age: 'number' },
});

const holdfast = await Holdfast.open({ entities: [Person] });
const people = holdfast.repository(Person);
await people.save(people.create({ id: 'john_doe', name: 'John Doe', age: 33 }));
console.log(await people.find('john_doe'));
await holdfast.close();
