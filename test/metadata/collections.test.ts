import { describe, expect, test } from '@jest/globals';
import { membersOf, valueOfMembers } from '../../src/core/collection.js';
import { ValidationError } from '../../src/core/errors.js';
import { Members as MemberList } from '../../src/core/members.js';
import { CorruptPlain } from '../../src/core/plain.js';
import { GeoSet, Points } from '../../src/kinds/geo-set-decorator.js';
import { Items, RedisList, RedisSet } from '../../src/kinds/items-decorators.js';
import { Members, SortedSet } from '../../src/kinds/sorted-set-decorator.js';
import { Entity, Fallback, Field, Key } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import type { Loose } from '../../src/metadata/options.js';
import type { GeoPoints, ListItems, SetItems, SortedSetMembers } from '../../src/metadata/types.js';
import { schemaOf } from './build.js';
import { type Decorator, entityWith } from './entity-with.js';

class Track {
  @Field() title!: string;
  @Field({ type: 'integer', nullable: true }) year?: number | null;
}

@Entity()
@SortedSet({ ttl: '1h', maxSize: 3 })
@Fallback('sqlite')
class Playlist {
  @Key() id!: string;
  @Members({ name: 'members' }) tracks!: SortedSetMembers;
}

@Entity()
@SortedSet()
class Charts {
  @Key() id!: string;
  @Members({ type: () => Track }) tracks!: SortedSetMembers<Track>;
}

@Entity()
@GeoSet({ jitter: 0 })
class CityMap {
  @Key() id!: string;
  @Points({ type: 'integer' }) cities!: GeoPoints<number>;
}

@Entity()
@RedisList({ maxLength: 2 })
class History {
  @Key() id!: string;
  @Items({ type: 'date' }) seen!: ListItems<Date>;
}

@Entity()
@RedisSet({ absentTtl: '1s' })
class Tags {
  @Key() id!: string;
  @Items({ type: 'json' }) tags!: SetItems<unknown>;
}

const key = { id: 'a', parts: ['a'] };
const hydrators = { Playlist, Charts, CityMap, History, Tags };
const hydratorOf = (name: keyof typeof hydrators) => createHydrator(schemaOf(hydrators[name]));
/** What of some data comes back. */
const back = (name: keyof typeof hydrators, data: object): Loose => {
  const hydrator = hydratorOf(name);
  return hydrator.hydrate(key, hydrator.dehydrate({ id: 'a', ...data }));
};
const textsOf = (row: unknown) => Array.from(membersOf(row).ordered, ({ text }) => text);

describe('a collection', () => {
  test.each([
    [Playlist, 'sorted-set', 'tracks', 'members', 'SortedSetMembers<string>', 3],
    [Charts, 'sorted-set', 'tracks', 'tracks', 'SortedSetMembers<Track>', undefined],
    [CityMap, 'geo-set', 'cities', 'cities', 'GeoPoints<integer>', undefined],
    [History, 'list', 'seen', 'seen', 'ListItems<date>', 2],
    [Tags, 'set', 'tags', 'tags', 'SetItems<json>', undefined],
  ])('is one field that every entity has, whose members have a codec of their own (%p)', (...given) => {
    const [entity, kind, name, column, codec, limit] = given;
    const schema = schemaOf(entity);
    expect([schema.kind.name, schema.kind.structure, schema.limit]).toEqual([kind, kind, limit]);
    expect(schema.fields).toMatchObject([{ name, column, nullable: false, required: true }]);
    expect(schema.fields[0]!.codec.name).toBe(codec);
    expect(codec).toContain(`<${schema.fields[0]!.member!.name}>`);
  });

  test('has another fingerprint where its kind, or what its members are, is another', () => {
    const set = (type: Loose) => entityWith({ x: Items({ type }) as Decorator }, RedisSet() as (target: Loose) => void);
    const list = entityWith({ x: Items({ type: 'string' }) as Decorator }, RedisList() as (target: Loose) => void);
    const upper = { name: 'upper', storage: 'text', encode: String, decode: String };
    const all = [set('string'), set('integer'), set(upper), set({ ...upper, name: 'lower' }), set(Track), list];
    expect(new Set(all.map((entity) => schemaOf(entity).fingerprint)).size).toBe(all.length);
    expect(schemaOf(set(undefined)).fingerprint).toBe(schemaOf(all[0]).fingerprint);
  });

  test.each([
    ['members', SortedSet({ maxSize: 3 }), Playlist, { name: 'playlist', members: { tracks: { name: 'members' } } }],
    ['points', GeoSet(), CityMap, { name: 'city_map', points: { cities: 'integer' } }],
    ['a list of items', RedisList({ maxLength: 2 }), History, { name: 'history', items: { seen: { type: 'date' } } }],
    ['a set of items', RedisSet(), Tags, { name: 'tags', items: { tags: 'json' } }],
  ])('can be defined without decorators: %s', (_, kind, decorated, definition) => {
    const Defined = defineEntity({ kind, key: { id: 'string' }, ...definition } as Loose);
    const [defined, same] = [schemaOf(Defined), schemaOf(decorated)];
    expect([defined.name, defined.kind, defined.limit]).toEqual([same.name, same.kind, same.limit]);
    expect(defined.fingerprint).toBe(same.fingerprint);
  });

  test('that is defined by the name of its property alone has strings for members', () => {
    const Defined = defineEntity({ name: 'x', kind: RedisSet(), key: { id: 'string' }, items: 'names' });
    expect(schemaOf(Defined).fields[0]!).toMatchObject({ name: 'names', member: { name: 'string' } });
  });
});

describe('what is stored of a collection, and comes back', () => {
  test('is in the order of the collection, whatever order it was given in', () => {
    const tracks = [
      { member: 'b', score: 1 },
      { member: 'ä', score: -0 },
      { member: 'a', score: 1 },
    ];
    const found = back('Playlist', { tracks });
    expect(found).toBeInstanceOf(Playlist);
    expect(found.tracks).toEqual([tracks[1], tracks[2], tracks[0]]);
    expect(back('Tags', { tags: new Set(['b', 'a', { x: 1 }]) }).tags).toEqual(new Set(['a', 'b', { x: 1 }]));
    const seen = [new Date(5), new Date(3)];
    expect(back('History', { seen }).seen).toEqual(seen);
    expect(back('CityMap', { cities: [] }).cities).toEqual([]);
  });

  test('is of the type of its members, and made anew each time', () => {
    const hydrator = hydratorOf('Charts');
    const row = hydrator.dehydrate({ id: 'a', tracks: [{ member: { title: 'x' }, score: 1 }] });
    const [one, other] = [1, 2].map(() => hydrator.hydrate(key, row) as Charts);
    expect(one!.tracks[0]!.member).toBeInstanceOf(Track);
    expect(one).toEqual(other);
    one!.tracks[0]!.member.title = 'y';
    one!.tracks.pop();
    expect(hydrator.hydrate(key, row)).toEqual(other);
  });

  test.each([
    ['string', ['', '\0', 'a:b', '💥'], ['', '\0\0', 'a:b', '💥']],
    ['number', [-0, 0.1, 1e300], ['0', '0.1', '1e+300']],
    ['bigint', [-(2n ** 63n)], ['-9223372036854775808']],
    ['boolean', [false, true], ['0', '1']],
    ['bytes', [Buffer.from([0, 255])], ['AP8=']],
    ['json', [{ a: null }, 'x', 5], ['"x"', '5', '{"a":null}']],
  ] as const)('has one text for each member: %s', (type, items, texts) => {
    const schema = schemaOf(entityWith({ x: Items({ type }) as Decorator }, RedisSet() as (target: Loose) => void));
    const hydrator = createHydrator(schema);
    const row = hydrator.dehydrate({ id: 'a', x: new Set<unknown>(items) });
    expect(textsOf(row)).toEqual(texts);
    const found = (hydrator.hydrate(key, row) as { x: Set<unknown> }).x;
    expect([...found]).toEqual(expect.arrayContaining(items.map((item) => (Object.is(item, -0) ? 0 : item))));
    expect(found.size).toBe(items.length);
  });

  test('is cut down to the limit: the highest scores, the last items', () => {
    const tracks = [5, 1, 4, 2].map((score) => ({ member: `t${score}`, score }));
    expect(back('Playlist', { tracks }).tracks.map(({ score }: { score: number }) => score)).toEqual([2, 4, 5]);
    const seen = [5, 1, 4].map((at) => new Date(at));
    expect(back('History', { seen }).seen).toEqual(seen.slice(1));
  });

  test('places are those of their geohash', () => {
    const [paris] = back('CityMap', { cities: [{ member: 1, longitude: 2.3522, latitude: 48.8566 }] }).cities;
    expect(paris.member).toBe(1);
    expect(paris.longitude).toBeCloseTo(2.3522, 5);
    expect(paris.latitude).toBeCloseTo(48.8566, 5);
    expect(back('CityMap', { cities: [paris] }).cities).toEqual([paris]);
  });

  test('what is the same twice in a Set is there once', () => {
    expect(back('Tags', { tags: new Set([{ a: 1 }, { a: 1 }]) }).tags.size).toBe(1);
  });

  test('a list may hold an item twice', () => {
    expect(back('History', { seen: [new Date(5), new Date(5)] }).seen.length).toBe(2);
  });

  test('create() makes instances of plain members, and leaves what it was given alone', () => {
    const given = [{ member: { title: 'x' }, score: 1 }];
    const made = hydratorOf('Charts').create({ id: 'a', tracks: given }) as Charts;
    expect(made.tracks[0]!.member).toBeInstanceOf(Track);
    expect(given[0]!.member).not.toBeInstanceOf(Track);
    expect(made.tracks).not.toBe(given);
    expect((hydratorOf('Charts').create({ id: 'a' }) as Charts).tracks).toBe(undefined);
  });

  test('a patch replaces all of it', () => {
    const { set } = hydratorOf('Playlist').patchOf({ tracks: [{ member: 'a', score: 1 }] });
    expect(textsOf([set.get(0)])).toEqual(['a']);
  });

  test('a member that cannot be read is told', () => {
    const row = valueOfMembers(MemberList.of('geo-set', [{ text: 'x', score: 5 }])) as never;
    expect(() => hydratorOf('CityMap').hydrate(key, row)).toThrow(CorruptPlain);
    expect(() => hydratorOf('CityMap').hydrate(key, row)).toThrow('the member "x": "x" is not a stored integer');
  });
});

describe('a collection that cannot be stored says where and why', () => {
  const scored = (...items: unknown[]) => ({ tracks: items });
  const point = (more: object) => ({ cities: [{ member: 1, longitude: 0, latitude: 0, ...more }] });
  test.each<[keyof typeof hydrators, Loose, string]>([
    ['Playlist', {}, 'Playlist.tracks is missing, which every Playlist has. Give it a value.'],
    [
      'Playlist',
      { tracks: null },
      'Playlist.tracks must be of type SortedSetMembers<string>, got null; it is not declared nullable. Give another value.',
    ],
    [
      'Playlist',
      { tracks: new Set() },
      'Playlist.tracks must be an array, got an instance of Set. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 'a', score: 1 }, { member: 'b', score: Number.NaN }),
      'Playlist.tracks[1].score must be a finite or infinite number, got NaN. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 'a', score: 5n }),
      'Playlist.tracks[0].score must be a finite or infinite number, got a bigint. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 'a' }),
      'Playlist.tracks[0].score must be a finite or infinite number, got undefined. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: null, score: 1 }),
      'Playlist.tracks[0].member must be of type string, got null. Give another value.',
    ],
    [
      'Playlist',
      scored({ score: 1 }),
      'Playlist.tracks[0].member must be of type string, got undefined. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 5, score: 1 }),
      'Playlist.tracks[0].member must be a string, got the number 5. Give another value.',
    ],
    [
      'Playlist',
      scored('a'),
      'Playlist.tracks[0] must be a member and its score, as in { member, score }, got a string. Give another value.',
    ],
    [
      'Playlist',
      { tracks: new Array(1) },
      'Playlist.tracks[0] must be a member and its score, as in { member, score }, got undefined. Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 'a', score: 1, label: 'x' }),
      'Playlist.tracks[0].label is not known (there are: member, score). Give another value.',
    ],
    [
      'Playlist',
      scored({ member: 'a', score: 1 }, { member: 'b', score: 1 }, { member: 'a', score: 2 }),
      'Playlist.tracks[2].member is the member of [0] again. Give each member once.',
    ],
    [
      'Charts',
      scored({ member: { title: 5 }, score: 1 }),
      'Charts.tracks[0].member.title must be a string, got the number 5. Give another value.',
    ],
    [
      'CityMap',
      point({ longitude: 181 }),
      'CityMap.cities[0].longitude must be a number from -180 to 180, got the number 181. Give another value.',
    ],
    [
      'CityMap',
      point({ longitude: Number.NaN }),
      'CityMap.cities[0].longitude must be a number from -180 to 180, got NaN. Give another value.',
    ],
    [
      'CityMap',
      point({ latitude: -86 }),
      'CityMap.cities[0].latitude must be a number from -85.05112878 to 85.05112878, got the number -86. Redis knows no places nearer to the poles.',
    ],
    [
      'CityMap',
      point({ member: 0.5 }),
      'CityMap.cities[0].member must be a safe integer, got the number 0.5. Give another value.',
    ],
    [
      'CityMap',
      { cities: [point({}).cities[0], point({}).cities[0]] },
      'CityMap.cities[1].member is the member of [0] again. Give each member once.',
    ],
    [
      'History',
      { seen: [new Date(1), 'x'] },
      'History.seen[1] must be a valid Date, got a string. Give another value.',
    ],
    ['Tags', { tags: ['a'] }, 'Tags.tags must be a Set, got an array. Give new Set([…]).'],
    ['Tags', { tags: new Set(['a', null]) }, 'Tags.tags[1] must be of type json, got null. Give another value.'],
  ])('%s, %j', (name, data, message) => {
    const hydrator = hydratorOf(name);
    expect(() => hydrator.dehydrate({ id: 'a', ...data })).toThrow(ValidationError);
    expect(() => hydrator.dehydrate({ id: 'a', ...data })).toThrow(new Error(message));
  });
});
