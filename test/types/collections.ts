// Compiled with legacy and with standard decorators. What must not compile stands under a @ts-expect-error.
import { GeoSet, Points } from '../../src/kinds/geo-set-decorator.js';
import { Items, RedisList, RedisSet } from '../../src/kinds/items-decorators.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Members, SortedSet } from '../../src/kinds/sorted-set-decorator.js';
import { Entity, Field, Key } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import {
  type GeoPoints,
  KeyProps,
  type KindOf,
  type ListItems,
  type Scored,
  type SetItems,
  type SortedSetMembers,
} from '../../src/metadata/types.js';
import type {
  GeoSetRepository,
  ListRepository,
  MemberOf,
  SetRepository,
  SortedSetRepository,
} from '../../src/repository/collection-types.js';
import type { Batch, Repository, RepositoryOf } from '../../src/repository/types.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <_ extends true>(): void => {};
declare const holdfast: { repository<E>(entity: abstract new (...args: never[]) => E): RepositoryOf<E> };

@Entity()
@RedisHash()
class Person {
  @Key({ type: 'string' }) id!: string;
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
  await holdfast.repository(Person).has('x', 'y');
  // @ts-expect-error a hash is no sorted set
  await holdfast.repository(Person).range('x');
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
