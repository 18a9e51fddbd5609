import { Entity, Field, Holdfast, Key, KeyProps, RedisHash, Version, VersionConflictError } from 'holdfast';

// A key of two properties: KeyProps names them in order, so that keys are typed.
@Entity()
@RedisHash()
class City {
  declare [KeyProps]?: ['country', 'cityId'];
  @Key() country!: string;
  @Key({ type: 'integer' }) cityId!: number;
  @Field() name!: string;
  @Field({ type: 'integer' }) population!: number;
  @Field({ type: 'string', nullable: true }) mayor?: string | null;
  @Version() version!: number;
}

await using holdfast = await Holdfast.open({ entities: [City] });
const cities = holdfast.repository(City);

const paris = await cities.insert({
  country: 'FR',
  cityId: 2988507,
  name: 'Paris',
  population: 2_138_551,
  mayor: 'Anne Hidalgo',
});
console.log(paris.version); // filled in by the save
// => 1

// A patch changes what it names: undefined leaves a field, null clears it.
await cities.update({ country: 'FR', cityId: 2988507 }, { population: 2_148_271, mayor: null });

// A function changes the entity it is given, atomically.
await cities.update({ country: 'FR', cityId: 2988507 }, (city) => {
  city.population += 1;
});

// What was read before somebody else wrote cannot be saved over it.
try {
  await cities.save(paris);
} catch (error) {
  console.log(error instanceof VersionConflictError, (error as Error).message);
  // => true City { country: "FR", cityId: 2988507 } is no longer at version 1; nothing was written. Find it again and repeat the change, or use update() with a function.
}

// Only the fields that are asked for are read.
console.log(await cities.find({ country: 'FR', cityId: 2988507 }, { fields: ['name', 'population'] }));
// => { country: 'FR', cityId: 2988507, name: 'Paris', population: 2148272 }
