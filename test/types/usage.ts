// Compiled with legacy and with standard decorators. What must not compile stands under a @ts-expect-error.
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key, Version } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import type {
  EntityInput,
  FilledNames,
  FlagValue,
  KeyOf,
  KindOf,
  Patch,
  SortedSetMembers,
} from '../../src/metadata/types.js';
import { type Generated, KeyProps } from '../../src/metadata/types.js';
import type { Batch, FlagRepository, HashRepository, Repository, RepositoryOf } from '../../src/repository/types.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <_ extends true>(): void => {};
declare const holdfast: { repository<E>(entity: abstract new (...args: never[]) => E): RepositoryOf<E> };

class Address {
  @Field({ type: 'string' }) zip!: string;
}

@Entity({ create: (data) => Object.assign(new Person(), data) })
@RedisHash({ ttl: '1h' })
class Person {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'string' }) name!: string;
  @Field({ type: 'integer' }) age!: number;
  @Field({ type: 'string', nullable: true }) email?: string | null;
  @Field({ type: () => Address }) address?: Address;
  @Field({ type: () => [Address] }) others?: Address[];
  // biome-ignore lint/suspicious/noExplicitAny: a field of any type must not become a kind.
  @Field({ type: 'json' }) anything?: any;
  @Version() version!: number;
  greet(): string {
    return this.name;
  }
  get shout(): string {
    return this.name.toUpperCase();
  }
}

@Entity('cities')
@RedisHash()
class City {
  declare [KeyProps]?: ['country', 'cityId'];
  @Key({ type: 'string' }) country!: string;
  @Key({ type: 'integer' }) cityId!: number;
  @Field({ type: 'bigint' }) population!: bigint;
}

@Entity()
@RedisHash()
class Event {
  declare [KeyProps]?: 'at';
  @Key({ type: 'date' }) at!: Date;
}

@Entity()
@RedisHash()
class Ticket {
  @Key({ generate: 'ulid' }) id!: Generated<string>;
  @Field({ type: 'string', default: 'open' }) state!: Generated<string>;
  @Field({ type: 'string' }) title!: string;
  @Version() revision!: Generated<number>;
}

@Entity()
@Flag()
class Visited {
  declare [KeyProps]?: ['user', 'city'];
  @Key({ type: 'string' }) user!: string;
  @Key({ type: 'integer' }) city!: number;
  @Value() seen!: FlagValue;
  isNew(): boolean {
    return !this.seen;
  }
}

check<Equal<KindOf<Person>, 'hash'>>();
check<Equal<KindOf<Visited>, 'flag'>>();
check<Equal<KindOf<{ id: string; tracks: SortedSetMembers }>, 'sorted-set'>>();
check<Equal<KeyOf<Event>, Date | Required<Pick<Event, 'at'>>>>();
check<Equal<KeyOf<{ name: string }>, never>>();
check<Equal<FilledNames<Ticket>, 'id' | 'state' | 'revision'>>();
check<Equal<FilledNames<Person>, 'id' | 'version'>>();

const people: HashRepository<Person> = holdfast.repository(Person);
const cities = holdfast.repository(City);

export async function reading(): Promise<void> {
  const one = await people.find('x');
  check<Equal<typeof one, Person | undefined>>();
  one?.greet();
  await people.find({ id: 'x' });
  const many = await people.findMany(['x', 'y']);
  check<Equal<typeof many, (Person | undefined)[]>>();
  await cities.find({ country: 'de', cityId: 5 });
  await holdfast.repository(Event).find(new Date());
  // @ts-expect-error the key is a string
  await people.find(42);
  // @ts-expect-error undefined is no key
  await people.find(undefined);
  // @ts-expect-error a key of two properties is an object
  await cities.find('de');
  // @ts-expect-error a key has all its properties
  await cities.find({ country: 'de' });
  // @ts-expect-error a key has properties of the right type
  await cities.find({ country: 'de', cityId: '5' });
  // @ts-expect-error find takes a key, never a where
  await people.find({ name: 'John' });
  // @ts-expect-error there is no such method on a hash
  people.range('x');
}

export async function readingParts(): Promise<void> {
  const part = await people.find('x', { fields: ['name'] });
  check<Equal<typeof part, Pick<Person, 'name' | 'id'> | undefined>>();
  part?.id.length;
  part?.name.length;
  // @ts-expect-error it was not read
  part?.age;
  // @ts-expect-error there is no such field
  await people.find('x', { fields: ['nope'] });
  // @ts-expect-error a method is no field
  await people.find('x', { fields: ['greet'] });
  // @ts-expect-error a part is no entity
  if (part) await people.save(part);
}

export async function writing(): Promise<void> {
  await people.save({ id: '1', name: 'n', age: 1 });
  await people.save({ id: '1', name: 'n', age: 1, version: 3, email: null, address: { zip: '1' } });
  await people.save([{ id: '1', name: 'n', age: 1 }]);
  await people.save(new Person());
  const saved = await people.save(Object.assign(new Person(), { id: '1' }));
  saved.greet();
  await holdfast.repository(Ticket).save({ title: 'x' });
  await holdfast.repository(Ticket).save({ id: 'x', title: 'x', state: 'closed', revision: 1 });
  // @ts-expect-error name is missing
  await people.save({ id: '1', age: 1 });
  // @ts-expect-error the key is missing, and not generated
  await people.save({ name: 'n', age: 1 });
  // @ts-expect-error a name is a string
  await people.save({ id: '1', name: 5, age: 1 });
  // @ts-expect-error a name is not nullable
  await people.save({ id: '1', name: null, age: 1 });
  // @ts-expect-error a field of a nested class is missing
  await people.save({ id: '1', name: 'n', age: 1, address: {} });
}

export async function changing(): Promise<void> {
  await people.update('1', { age: 3, email: null, name: undefined });
  await people.update('1', (person) => {
    person.age += 1;
  });
  await people.increment('1', 'age', 2);
  await cities.increment({ country: 'de', cityId: 5 }, 'population', 2n);
  // @ts-expect-error there is no such field
  await people.update('1', { nope: 1 });
  // @ts-expect-error a name is a string
  await people.update('1', { name: 1 });
  // @ts-expect-error the key does not change
  await people.update('1', { id: '2' });
  // @ts-expect-error a name cannot be incremented
  await people.increment('1', 'name');
}

export async function flags(batch: Batch): Promise<void> {
  const visited: FlagRepository<Visited> = holdfast.repository(Visited);
  const key = { user: 'u', city: 1 };
  await visited.set(key);
  await visited.unset(key, { hot: 'never', fallbackTtl: '7d' });
  const is = [await visited.isSet(key), await visited.get(key, { from: 'durable' }), await visited.isSetMany([key])];
  check<Equal<typeof is, (boolean | boolean[] | undefined)[]>>();
  const found = await visited.find(key);
  check<Equal<typeof found, Visited | undefined>>();
  const plain: boolean | undefined = found?.seen;
  if (found) found.seen = !plain;
  await visited.save({ ...key, seen: true });
  await visited.update(key, { seen: false });
  await visited.update(key, (one) => {
    one.seen = one.isNew();
  });
  const general: Repository<Visited> = visited;
  await general.delete(key);
  batch.repository(Visited).set(key);
  batch.repository(Visited).unset(key, { fallbackTtl: 1000 });
  batch.repository(Person).increment('1', 'age');
  // @ts-expect-error a key of two properties is an object
  await visited.isSet('u');
  // @ts-expect-error a key has properties of the right type
  await visited.isSetMany([{ user: 'u', city: '1' }]);
  // @ts-expect-error a flag has no fields
  await visited.find(key, { fields: ['seen'] });
  // @ts-expect-error a flag's value is a boolean
  await visited.save({ ...key, seen: 'yes' });
  // @ts-expect-error a flag has a value
  await visited.save(key);
  // @ts-expect-error a flag is no hash
  visited.increment(key, 'city');
  // @ts-expect-error a hash is no flag
  await people.isSet('x');
  // @ts-expect-error nor in a batch
  batch.repository(Person).set('x');
  // @ts-expect-error a flag is no hash in a batch either
  batch.repository(Visited).increment(key, 'city');
  // @ts-expect-error what is hot after a batch is not chosen
  batch.repository(Visited).set(key, { hot: 'never' });
  const Seen = defineEntity({ name: 'seen', kind: Flag(), key: { id: 'string' }, value: 'seen' });
  const seen = holdfast.repository(Seen);
  check<Equal<typeof seen, FlagRepository<InstanceType<typeof Seen>>>>();
  await seen.set('x');
  await seen.save({ id: 'x', seen: true });
}

export const inputs: EntityInput<Person>[] = [
  new Person(),
  { id: '1', name: 'n', age: 1, email: undefined },
  // @ts-expect-error there is no such field
  { id: '1', name: 'n', age: 1, nope: 1 },
];
export const patches: Patch<City>[] = [
  { population: 1n },
  { population: undefined },
  // @ts-expect-error the key does not change
  { country: 'de' },
];

const Defined = defineEntity({
  name: 'defined',
  kind: RedisHash(),
  key: { country: 'string', number: { type: 'integer' } },
  fields: {
    name: 'string',
    born: Date,
    age: { type: 'integer', nullable: true },
    state: { type: 'text', default: 'open' },
    address: () => Address,
    tags: ['string'],
  },
  version: 'revision',
});
type Defined = InstanceType<typeof Defined>;
check<Equal<Defined['name'], string>>();
check<Equal<Defined['born'], Date>>();
check<Equal<Defined['age'], number | null | undefined>>();
check<Equal<Defined['address'], Address>>();
check<Equal<Defined['tags'], string[]>>();
check<Equal<KeyOf<Defined>, { country: string; number: number }>>();

export async function defined(): Promise<void> {
  const repository = holdfast.repository(Defined);
  await repository.save({ country: 'de', number: 1, name: 'n', born: new Date(), address: { zip: '1' }, tags: [] });
  await repository.update({ country: 'de', number: 1 }, { age: null });
  // @ts-expect-error a key of two properties is an object
  await repository.find('de');
  const given = defineEntity({ target: Address, name: 'address', kind: RedisHash(), key: { zip: 'string' } });
  check<Equal<typeof given, typeof Address>>();
  // @ts-expect-error there is no such type
  defineEntity({ name: 'x', kind: RedisHash(), key: { id: 'varchar' } });
  // @ts-expect-error an entity has a kind
  defineEntity({ name: 'x', key: { id: 'string' } });
}
