import { type Duration, Entity, Field, Holdfast, Key, RedisHash } from 'holdfast';

const ttl: Duration = '1h';

@Entity()
@RedisHash({ ttl })
class Animal {
  @Key() id!: string;
  @Field() legs!: number;
}

async function main(): Promise<void> {
  const holdfast = await Holdfast.open({ entities: [Animal] });
  const animals = holdfast.repository(Animal);
  await animals.save({ id: 'cat', legs: 4 });
  const cat: Animal | undefined = await animals.find('cat');
  console.log(cat);
  await holdfast.close();
}

void main();
