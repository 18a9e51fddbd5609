import { Entity, Field, Holdfast, Key, KeyProps, RedisHash } from 'holdfast';

@Entity()
@RedisHash()
class City {
  declare [KeyProps]?: ['country', 'cityId'];
  @Key() country!: string;
  @Key({ type: 'integer' }) cityId!: number;
  @Field() name!: string;
}

export async function wrong(): Promise<void> {
  await using holdfast = await Holdfast.open({ entities: [City] });
  const cities = holdfast.repository(City);
  // @ts-expect-error a composite key is an object
  await cities.find('FR');
  // @ts-expect-error no such field
  await cities.update({ country: 'FR', cityId: 1 }, { nope: 1 });
  const part = await cities.find({ country: 'FR', cityId: 1 }, { fields: ['name'] });
  const name: string | undefined = part?.name;
  console.log(name);
}
