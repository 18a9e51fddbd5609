import { describe, expect, test } from '@jest/globals';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';
import { recordProperty } from '../../src/metadata/record.js';
import { told } from './build.js';
import { type Decorator, entityWith, field } from './entity-with.js';

describe('fields', () => {
  class Empty {}
  test.each<[string, Loose, string]>([
    ['nothing', undefined, 'has no type: the compiler emitted none (design:type).'],
    ['an unknown name', 'varchar', "is of type 'varchar', which there is not."],
    ['an inherited name', 'constructor', "is of type 'constructor', which there is not."],
    ['null', null, 'has null for a type.'],
    ['a number', 7, 'has 7 for a type.'],
    ['Map', Map, 'is of type Map, which cannot be stored.'],
    ['Set', Set, 'is of type Set, which cannot be stored.'],
    ['Promise', Promise, 'is of type Promise, which cannot be stored.'],
    ['Function', Function, 'is of type Function, which cannot be stored.'],
    ['RegExp', RegExp, 'is of type RegExp, which cannot be stored.'],
    ['Symbol', Symbol, 'is of type Symbol, which cannot be stored.'],
    ['a class without fields', Empty, 'is of type Empty, a class without a @Field().'],
    ['a function that returns nothing', () => undefined, 'has a function for a type that returns undefined.'],
    ['a function of a function', () => () => Empty, 'has a function for a type that returns another function.'],
    ['an empty array', [], 'has an array of 0 types for a type.'],
    ['an array of two', ['string', 'date'], 'has an array of 2 types for a type.'],
    [
      'a codec without a name',
      { storage: 'text', encode: String, decode: String },
      'has a codec for a type that lacks a name.',
    ],
    [
      'a codec with another storage',
      { name: 'x', storage: 'xml', encode: String, decode: String },
      'has a codec for a type that lacks a storage (one of text, number, integer, bigint, boolean, date, bytes, json).',
    ],
    [
      'a codec without decode',
      { name: 'x', storage: 'text', encode: String },
      'has a codec for a type that lacks encode and decode.',
    ],
  ])('cannot have %s for a type', (_, type, fact) => {
    expect(told([entityWith({ value: field({ type }) })])).toEqual([`Thing.value: ${fact}`]);
  });

  test('whose type is a function that throws say why', () => {
    const type = () => {
      throw new Error('not yet');
    };
    expect(told([entityWith({ value: field({ type }) })])).toEqual([
      'Thing.value: has a function for a type that throws: not yet.',
    ]);
  });

  test.each([
    ['constructor', undefined],
    ['__proto__', undefined],
    ['prototype', undefined],
    ['toString', undefined],
  ])('cannot be called %s', (name, column) => {
    class Thing {}
    Entity()(Thing);
    RedisHash()(Thing);
    (Key({ type: 'string' }) as Decorator)(Thing.prototype, 'id');
    field({ type: 'string', name: column })(Thing.prototype, name);
    expect(told([Thing])).toEqual([`Thing.${name}: has a name that every object has already.`]);
  });

  test.each([
    ['~', "is where Holdfast keeps an entry's state"],
    ['_expires_at', 'Holdfast keeps for itself'],
    ['_ABSENT', 'Holdfast keeps for itself'],
    ['__proto__', 'JavaScript keeps for itself'],
    ['a"b', 'is not made of letters'],
    ['', 'is not made of letters'],
    ['x'.repeat(64), 'longer than 63 bytes'],
    [3, 'is not a string'],
  ])('cannot be stored as %j', (name, fact) => {
    expect(told([entityWith({ value: field({ type: 'string', name }) })])).toEqual([expect.stringContaining(fact)]);
  });

  test('cannot share a name in the store', () => {
    const both = { a: field({ type: 'string' }), b: field({ type: 'string', name: 'a' }) };
    expect(told([entityWith(both)])).toEqual(["Thing.a: is stored as 'a', as Thing.b is."]);
    expect(told([entityWith({ a: field({ type: 'string', name: 'id' }) })])).toHaveLength(1);
  });

  test('cannot share one but for upper and lower case, where a database is behind them', () => {
    const both = { a: field({ type: 'string' }), A: field({ type: 'string' }) };
    expect(told([entityWith(both)])).toEqual([]);
    expect(told([entityWith(both, RedisHash(), Fallback('sqlite'))])).toEqual([
      "Thing.a: is stored as 'a', which a database may not tell from 'A' of Thing.A.",
    ]);
  });

  test.each<[Loose, string]>([
    [{ type: 'integer', length: 5 }, 'has a length, but is stored as integer.'],
    [{ type: 'string', length: 0 }, 'has the length 0.'],
    [{ type: 'string', length: 1.5 }, 'has the length 1.5.'],
    [{ type: 'json', index: true }, 'has an index, but is stored as json.'],
    [{ type: 'string', default: null }, 'has the default null, but is not nullable.'],
    [{ type: 'json', default: [] }, 'has an object for a default, which all entities would share.'],
    [
      { type: 'integer', default: 1.5 },
      'has a default that it cannot have: it must be a safe integer, got the number 1.5.',
    ],
  ])('cannot have %j', (options, fact) => {
    expect(told([entityWith({ value: field(options) })])).toEqual([`Thing.value: ${fact}`]);
  });

  test('are declared once in a class', () => {
    const json = field({ type: 'json' });
    expect(told([entityWith({ value: [json, json] })])).toEqual(['Thing.value: has two @Field decorators.']);
    expect(told([entityWith({ value: [json, Version() as Decorator] })])).toContain(
      'Thing.value: has both @Field and @Version.',
    );
    expect(told([entityWith({ id: json })])).toContain('Thing.id: has both @Key and @Field.');
  });

  test('are public properties with names, of instances', () => {
    const secret: unique symbol = Symbol('secret');
    @Entity()
    @RedisHash()
    class Person {
      @Key() id!: string;
      @Field({ type: 'string' }) static planet = 'earth';
      @Field({ type: 'string' }) [secret] = 'x';
      @Field({ type: 'string' }) get shout(): string {
        return this.id.toUpperCase();
      }
    }
    (Field({ type: 'string' }) as Loose)(Person.prototype, 'greet', { value: () => 'hello' });
    expect(told([Person]).sort()).toEqual([
      'Person.Symbol(secret): has a symbol for a name, so it cannot be stored.',
      'Person.greet: is a method, so it cannot be stored.',
      'Person.planet: is static, so it cannot be stored.',
      'Person.shout: has a getter but no setter, so it cannot be stored.',
    ]);
  });

  test('with a decorator of another kind do not belong on a hash', () => {
    const members: Decorator = (target, property) =>
      recordProperty(target, property, undefined, { role: 'value', decorator: 'Members', options: {} });
    expect(told([entityWith({ tracks: members })])).toEqual([
      'Thing.tracks: is declared with @Members(), which a @RedisHash does not have.',
    ]);
  });
});

describe('nested classes', () => {
  test('must be made without arguments', () => {
    class Address {
      @Field() zip: string;
      constructor(zip: string) {
        this.zip = zip;
      }
    }
    expect(told([entityWith({ home: field({ type: () => Address }) })])).toEqual([
      'Address: is made without arguments when it is read, but its constructor takes some.',
    ]);
  });

  test('cannot be a part of themselves, over whatever detour', () => {
    class Leaf {
      @Field({ type: () => [Branch] }) branches!: unknown;
    }
    class Branch {
      @Field({ type: Leaf }) leaf!: Leaf;
    }
    expect(told([entityWith({ tree: field({ type: Branch }) })])).toEqual([
      'Leaf.branches: is of type Branch, which it is itself a part of.',
    ]);
  });

  test('are checked like entities, once however often they are used', () => {
    class Address {
      @Field() zip!: string;
      @Field({ name: 'zip' }) code!: string;
      @Field() kind!: string | number;
    }
    const use = field({ type: [Address] });
    expect(told([entityWith({ home: use, work: use })])).toEqual([
      expect.stringMatching(/^Address\.kind: is of a union/),
      "Address.zip: is stored as 'zip', as Address.code is.",
    ]);
  });
});
