import { describe, expect, test } from '@jest/globals';
import { codecs } from '../../src/core/codecs.js';
import type { MappedEntity } from '../../src/core/mapped.js';
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { GeoSet, Points } from '../../src/kinds/geo-set-decorator.js';
import { Items, RedisList, RedisSet } from '../../src/kinds/items-decorators.js';
import { Members, SortedSet } from '../../src/kinds/sorted-set-decorator.js';
import { Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';
import type { SortedSetMembers } from '../../src/metadata/types.js';
import { faultsOf, told } from './build.js';
import { type Decorator, entityWith, field } from './entity-with.js';

describe('faults of a collection', () => {
  const members = (options?: Loose) => Members(options) as Decorator;
  const items = (options?: Loose) => Items(options) as Decorator;
  const kind = (decorator: Loose) => decorator as (target: Loose) => void;

  test.each<[string, (target: Loose) => void, string, string]>([
    ['@SortedSet', kind(SortedSet()), 'Members', 'SortedSetMembers'],
    ['@GeoSet', kind(GeoSet()), 'Points', 'GeoPoints'],
    ['@RedisList', kind(RedisList()), 'Items', 'ListItems'],
    ['@RedisSet', kind(RedisSet()), 'Items', 'SetItems'],
  ])('a %s has one value', (name, decorate, decorator, type) => {
    const one = { Members, Points, Items }[decorator as 'Members']() as Decorator;
    expect(faultsOf([entityWith({}, decorate)])).toEqual([
      {
        subject: 'Thing',
        fact: `is a ${name} without a value.`,
        remedy: `Put @${decorator}() on a property of type ${type}.`,
      },
    ]);
    expect(told([entityWith({ a: one, b: one }, decorate)])).toEqual([`Thing: is a ${name} with 2 values: a and b.`]);
    expect(told([entityWith({ a: one }, decorate)])).toEqual([]);
  });

  test('it has neither fields nor a version, nor what other kinds have', () => {
    const thing = entityWith(
      {
        tracks: members(),
        at: field({ type: 'date' }),
        version: Version() as Decorator,
        seen: Value() as Decorator,
        x: items(),
      },
      kind(SortedSet()),
    );
    expect(told([thing])).toEqual([
      'Thing.at: is declared with @Field(), which a @SortedSet does not have.',
      'Thing.version: is declared with @Version(), which a @SortedSet does not have.',
      'Thing.seen: is declared with @Value(), which a @SortedSet does not have.',
      'Thing.x: is declared with @Items(), which a @SortedSet does not have.',
    ]);
    expect(faultsOf([thing])[0]!.remedy).toBe(
      'A @SortedSet has one @Members(); leave this out, or make the class a @RedisHash().',
    );
    expect(told([entityWith({ tracks: members() })])).toEqual([
      'Thing.tracks: is declared with @Members(), which a @RedisHash does not have.',
    ]);
    expect(told([entityWith({ tracks: members() }, kind(Flag()))])).toContain(
      'Thing.tracks: is declared with @Members(), which a @Flag does not have.',
    );
  });

  test('it has no variants', () => {
    @Entity({ by: 'tracks', variants: () => ({ yes: Best }) })
    @SortedSet()
    class Some {
      @Key() id!: string;
      @Members() tracks!: SortedSetMembers;
    }
    class Best extends Some {}
    expect(told([Some])).toEqual(['Some: has variants, which a @SortedSet cannot have.']);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null])('its limit is not %p', (limit) => {
    const shown = typeof limit === 'string' ? `'${limit}'` : String(limit);
    const remedy = 'Give a whole number of 1 or more.';
    expect(faultsOf([entityWith({ a: members() }, kind(SortedSet({ maxSize: limit as never })))])).toEqual([
      { subject: 'Thing', fact: `has @SortedSet({ maxSize: ${shown} }).`, remedy },
    ]);
    expect(faultsOf([entityWith({ a: items() }, kind(RedisList({ maxLength: limit as never })))])).toEqual([
      { subject: 'Thing', fact: `has @RedisList({ maxLength: ${shown} }).`, remedy },
    ]);
  });

  test('it has the options of its kind alone', () => {
    const loose = (options: Loose): Loose => options;
    expect([
      ...told([entityWith({ a: members({ nullable: true }) }, kind(SortedSet(loose({ maxLength: 5 }))))]),
      ...told([entityWith({ a: Points(loose({ maxSize: 5 })) as Decorator }, kind(GeoSet(loose({ maxSize: 5 }))))]),
      ...told([entityWith({ a: items(loose({ length: 5 })) }, kind(RedisList(loose({ maxSize: 5 }))))]),
      ...told([entityWith({ a: items() }, kind(RedisSet(loose({ maxSize: 5 }))))]),
    ]).toEqual([
      'Thing: has @SortedSet({ maxLength }), which it does not know.',
      'Thing.a: has @Members({ nullable }), which it does not know.',
      'Thing: has @GeoSet({ maxSize }), which it does not know.',
      'Thing.a: has @Points({ maxSize }), which it does not know.',
      'Thing: has @RedisList({ maxSize }), which it does not know.',
      'Thing.a: has @Items({ length }), which it does not know.',
      'Thing: has @RedisSet({ maxSize }), which it does not know.',
    ]);
  });

  test('its members are of a type that can be stored', () => {
    class Empty {}
    expect([
      ...told([entityWith({ a: members({ type: 'varchar' }) }, kind(SortedSet()))]),
      ...told([entityWith({ a: members({ type: null }) }, kind(SortedSet()))]),
      ...told([entityWith({ a: items({ type: Empty }) }, kind(RedisSet()))]),
      ...told([entityWith({ a: items({ type: { name: 'x' } }) }, kind(RedisList()))]),
    ]).toEqual([
      "Thing.a: is of type 'varchar', which there is not.",
      'Thing.a: has null for a type.',
      'Thing.a: is of type Empty, a class without a @Field().',
      'Thing.a: has a codec for a type that lacks a storage (one of text, number, integer, bigint, boolean, date, bytes, json).',
    ]);
  });

  test('its property is of the type that carries the kind', () => {
    @Entity()
    @(RedisSet() as Loose)
    class Strings {
      @Key() id!: string;
      @(Items() as Loose) names!: Set<string>;
    }
    expect(faultsOf([Strings])).toEqual([
      { subject: 'Strings.names', fact: 'is of type Set.', remedy: 'Declare it as SetItems.' },
    ]);
  });

  test('its members do not belong into a nested class', () => {
    class Part {}
    (Field({ type: 'string' }) as Loose)(Part.prototype, 'name');
    members()(Part.prototype, 'tracks');
    expect(told([entityWith({ part: field({ type: () => Part }) })])).toEqual([
      'Part.tracks: is declared with @Members(), but its class is part of another.',
    ]);
  });

  test('TypeORM does not map it', () => {
    @Fallback('sqlite')
    @(SortedSet() as Loose)
    class Ranking {}
    const mapped = (target: Function): MappedEntity => ({
      target,
      table: 'rankings',
      keys: [{ name: 'id', column: 'id', type: 'string', storage: 'text' }],
      fields: [{ name: 'a', column: 'a', codec: codecs.json, storage: 'json', nullable: false, index: false }],
      version: undefined,
      refusals: [],
      faults: [],
    });
    expect(faultsOf([Ranking], { mapped })).toEqual([
      {
        subject: 'Ranking',
        fact: 'is a @SortedSet, which has a row for each member, but TypeORM maps it with one for each entity.',
        remedy: 'Make the class a @RedisHash(), or leave its table to Holdfast: take @Entity() and @Key() from it.',
      },
    ]);
  });
});
