// Compiled with legacy and with standard decorators. What must not compile stands under a @ts-expect-error.
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { GeoSet, Points } from '../../src/kinds/geo-set-decorator.js';
import { Items, RedisList, RedisSet } from '../../src/kinds/items-decorators.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Members, SortedSet } from '../../src/kinds/sorted-set-decorator.js';
import { Entity, Field, Key, Version } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import type {
  EntityInput,
  FilledNames,
  FlagValue,
  GeoPoints,
  KeyOf,
  KindOf,
  ListItems,
  Patch,
  Scored,
  SetItems,
  SortedSetMembers,
} from '../../src/metadata/types.js';
import { type Generated, KeyProps } from '../../src/metadata/types.js';
import type {
  GeoSetRepository,
  ListRepository,
  MemberOf,
  SetRepository,
  SortedSetRepository,
} from '../../src/repository/collection-types.js';
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

class Track {
  @Field({ type: 'string' }) title!: string;
}

@Entity()
@SortedSet({ maxSize: 100 })
class Playlist {
  declare [KeyProps]?: ['user', 'list'];
  @Key({ type: 'string' }) user!: string;
  @Key({ type: 'integer' }) list!: number;
  @Members({ type: Track }) tracks!: SortedSetMembers<Track>;
  best(): Track | undefined {
    return this.tracks.at(-1)?.member;
  }
}

@Entity()
@GeoSet()
class CityMap {
  @Key({ type: 'string' }) id!: string;
  @Points() cities!: GeoPoints;
}

@Entity()
@RedisList()
class History {
  @Key({ type: 'string' }) id!: string;
  @Items({ type: 'integer' }) pages!: ListItems<number>;
}

@Entity()
@RedisSet()
class Followers {
  @Key({ type: 'string' }) id!: string;
  @Items({ type: 'bigint' }) ids!: SetItems<bigint>;
}

check<Equal<KindOf<Playlist>, 'sorted-set'>>();
check<Equal<KindOf<CityMap>, 'geo-set'>>();
check<Equal<KindOf<History>, 'list'>>();
check<Equal<KindOf<Followers>, 'set'>>();
check<Equal<MemberOf<Playlist>, Track>>();
check<Equal<MemberOf<CityMap>, string>>();
check<Equal<MemberOf<History>, number>>();
check<Equal<MemberOf<Followers>, bigint>>();
check<Equal<MemberOf<{ id: string; plain: Scored[]; tracks?: SortedSetMembers<Date> }>, Date>>();

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

export async function sortedSets(batch: Batch): Promise<void> {
  const playlists: SortedSetRepository<Playlist> = holdfast.repository(Playlist);
  const key = { user: 'u', list: 1 };
  const track: Track = { title: 't' };
  const members = await playlists.range(key);
  check<Equal<typeof members, Track[]>>();
  const paged = await playlists.range(key, { page: 2, pageSize: 5, reverse: true, minScore: 1, from: 'durable' });
  check<Equal<typeof paged, Track[]>>();
  const scored = await playlists.range(key, { offset: 2, limit: 5, withScores: true });
  check<Equal<typeof scored, Scored<Track>[]>>();
  const sized = await playlists.range(key, { withSize: true });
  check<Equal<typeof sized, { items: Track[]; size: number }>>();
  const both = await playlists.range(key, { withScores: true, withSize: true });
  check<Equal<typeof both, { items: Scored<Track>[]; size: number }>>();
  const added = await playlists.add(key, { member: track, score: 1 }, { member: new Track(), score: -Infinity });
  const numbers = [
    added,
    await playlists.remove(key, track),
    await playlists.incrementScore(key, track),
    await playlists.score(key, track),
    await playlists.rank(key, track, { reverse: true, from: 'durable' }),
    await playlists.size(key),
    await playlists.countBetween(key, 0, Infinity, { from: 'durable' }),
  ];
  check<Equal<typeof numbers, (number | undefined)[]>>();
  await playlists.save({ ...key, tracks: [{ member: { title: 'x' }, score: 1 }] });
  await playlists.update(key, { tracks: [] });
  await playlists.update(key, (one) => {
    one.tracks.push({ member: track, score: 5 });
    one.best();
  });
  batch.repository(Playlist).add(key, { member: track, score: 1 });
  batch.repository(Playlist).incrementScore(key, track, 2);
  // @ts-expect-error a page is no offset
  await playlists.range(key, { page: 1, offset: 5 });
  // @ts-expect-error there is no such option
  await playlists.range(key, { withScore: true });
  // @ts-expect-error a member is a Track
  await playlists.score(key, 't');
  // @ts-expect-error a member has a score
  await playlists.add(key, { member: track });
  // @ts-expect-error a member has a score here too
  await playlists.save({ ...key, tracks: [{ member: track }] });
  // @ts-expect-error nothing is read in a batch
  batch.repository(Playlist).range(key);
  // @ts-expect-error a sorted set has no places
  playlists.search(key);
  // @ts-expect-error a sorted set has no fields
  await playlists.find(key, { fields: ['tracks'] });
  const general: Repository<Playlist> = playlists;
  await general.exists(key);
}

export async function geoSets(batch: Batch): Promise<void> {
  const maps: GeoSetRepository<CityMap> = holdfast.repository(CityMap);
  const found = await maps.search('x', { longitude: 2, latitude: 48, radius: 5, unit: 'km', limit: 3, sort: 'desc' });
  check<Equal<typeof found, { member: string }[]>>();
  const [nearest] = await maps.search('x', {
    member: 'Paris',
    width: 5,
    height: 5,
    withDistance: true,
    withHash: true,
  });
  check<Equal<typeof nearest, { member: string; distance: number; hash: string } | undefined>>();
  const all = { withDistance: true, withCoordinates: true, withHash: true } as const;
  const [one] = await maps.search('x', { member: 'Paris', radius: 5, from: 'durable', ...all });
  check<
    Equal<
      typeof one,
      { member: string; distance: number; longitude: number; latitude: number; hash: string } | undefined
    >
  >();
  await maps.add('x', { member: 'Paris', longitude: 2.35, latitude: 48.85 });
  const distance = await maps.distance('x', 'Paris', 'Rome', 'mi', { from: 'durable' });
  check<Equal<typeof distance, number | undefined>>();
  const position = await maps.position('x', 'Paris');
  check<Equal<typeof position, { longitude: number; latitude: number } | undefined>>();
  const hash = await maps.hash('x', 'Paris');
  check<Equal<typeof hash, string | undefined>>();
  batch.repository(CityMap).remove('x', 'Paris');
  // @ts-expect-error it has no centre
  await maps.search('x', { radius: 5 });
  // @ts-expect-error it has two centres
  await maps.search('x', { member: 'Paris', longitude: 2, latitude: 48, radius: 5 });
  // @ts-expect-error it has no area
  await maps.search('x', { member: 'Paris' });
  // @ts-expect-error a box has a height
  await maps.search('x', { member: 'Paris', width: 5 });
  // @ts-expect-error there is no such unit
  await maps.search('x', { member: 'Paris', radius: 5, unit: 'yd' });
  // @ts-expect-error there is no such option
  await maps.search('x', { member: 'Paris', radius: 5, withDist: true });
  // @ts-expect-error it was not asked for
  found[0]?.distance;
}

export async function listsAndSets(batch: Batch): Promise<void> {
  const history: ListRepository<History> = holdfast.repository(History);
  const lengths = [await history.push('x', 1, 2), await history.unshift('x', 1), await history.length('x')];
  check<Equal<typeof lengths, number[]>>();
  const items = [await history.pop('x'), await history.shift('x'), await history.at('x', -1, { from: 'durable' })];
  check<Equal<typeof items, (number | undefined)[]>>();
  const range = await history.range('x', 0, 5, { from: 'durable' });
  check<Equal<typeof range, number[]>>();
  batch.repository(History).pop('x');
  // @ts-expect-error items are numbers
  await history.push('x', '1');
  // @ts-expect-error a list is no set
  await history.has('x', 1);

  const followers: SetRepository<Followers> = holdfast.repository(Followers);
  const counts = [await followers.add('x', 1n), await followers.remove('x', 1n, 2n), await followers.size('x')];
  check<Equal<typeof counts, number[]>>();
  const has = [await followers.has('x', 1n), ...(await followers.hasMany('x', [1n, 2n], { from: 'durable' }))];
  check<Equal<typeof has, boolean[]>>();
  for await (const id of followers.scan('x', { batch: 100 })) check<Equal<typeof id, bigint>>();
  await followers.save({ id: 'x', ids: new Set([1n]) });
  batch.repository(Followers).add('x', 1n);
  // @ts-expect-error items are bigints
  await followers.has('x', 1);
  // @ts-expect-error a set is saved as a Set
  await followers.save({ id: 'x', ids: [1n] });
  // @ts-expect-error a set is no list
  await followers.push('x', 1n);
  // @ts-expect-error a hash is no set
  await people.has('x', 'y');
}

export async function definedCollections(): Promise<void> {
  const Ranking = defineEntity({ name: 'ranking', kind: SortedSet(), key: { id: 'string' }, members: 'players' });
  check<Equal<InstanceType<typeof Ranking>['players'], SortedSetMembers>>();
  const ranking = holdfast.repository(Ranking);
  check<Equal<typeof ranking, SortedSetRepository<InstanceType<typeof Ranking>>>>();
  await ranking.add('x', { member: 'a', score: 1 });
  const Places = defineEntity({ name: 'places', kind: GeoSet(), key: { id: 'string' }, points: { at: 'integer' } });
  check<Equal<InstanceType<typeof Places>['at'], GeoPoints<number>>>();
  const Log = defineEntity({
    name: 'log',
    kind: RedisList({ maxLength: 5 }),
    key: { id: 'string' },
    items: { tracks: { type: () => Track, name: 'track' } },
  });
  check<Equal<InstanceType<typeof Log>['tracks'], ListItems<Track>>>();
  const Tags = defineEntity({ name: 'tags', kind: RedisSet(), key: { id: 'string' }, items: { tags: { name: 't' } } });
  check<Equal<InstanceType<typeof Tags>['tags'], SetItems>>();
  await holdfast.repository(Tags).has('x', 'y');
  await holdfast.repository(Log).push('x', { title: 't' });
  // @ts-expect-error there is no such type
  defineEntity({ name: 'x', kind: RedisSet(), key: { id: 'string' }, items: { tags: 'varchar' } });
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
