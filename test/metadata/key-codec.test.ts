import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ValidationError } from '../../src/core/errors.js';
import { keyOf, keyOfId } from '../../src/core/key-text.js';
import type { KeyType, Schema } from '../../src/core/schema.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Key } from '../../src/metadata/decorators.js';
import { type KeyLimits, keyCodec } from '../../src/metadata/key-codec.js';
import type { Loose } from '../../src/metadata/options.js';
import type { KeyProps } from '../../src/metadata/types.js';
import { schemaOf } from './build.js';

function entity(keys: Record<string, KeyType>): Schema {
  class City {}
  Entity()(City);
  RedisHash()(City);
  for (const [name, type] of Object.entries(keys)) (Key({ type }) as Loose)(City.prototype, name);
  return schemaOf(City);
}
const codecOf = (keys: Record<string, KeyType>, limits?: KeyLimits) => keyCodec(entity(keys), limits);
const text = codecOf({ id: 'string' });
const pair = codecOf({ country: 'string', cityId: 'integer' });
const textKeys = entity({ id: 'string' }).keys;
const pairKeys = entity({ country: 'string', cityId: 'integer' }).keys;

describe('the id of a key', () => {
  test.each([
    ['john_doe', 'john_doe'],
    ['a:b', 'a%3Ab'],
    ['100%', '100%25'],
    ['{tag}', '%7Btag%7D'],
    ['', '%'],
    ['%', '%25'],
    ['not-found:x', 'not-found%3Ax'],
    ['*', '*'],
    ['größe 日本 👍', 'größe 日本 👍'],
    ['a\0b\n', 'a\0b\n'],
    ['x'.repeat(10_240), 'x'.repeat(10_240)],
  ])('of %j is escaped and exact', (id, escaped) => {
    expect(text.toKey(id)).toEqual({ id: escaped, parts: [id] });
    expect(keyOfId(textKeys, escaped)).toEqual({ id: escaped, parts: [id] });
  });

  test.each<[KeyType, unknown, string, unknown]>([
    ['number', 1.5, '1.5', 1.5],
    ['number', -0, '0', 0],
    ['number', 1e21, '1e+21', 1e21],
    ['integer', -42, '-42', -42],
    ['bigint', 9_223_372_036_854_775_807n, '9223372036854775807', 9_223_372_036_854_775_807n],
    ['date', new Date(5), '5', 5],
    ['date', new Date(-5), '-5', -5],
  ])('of a %s is its value', (type, value, id, part) => {
    const codec = codecOf({ id: type });
    expect(codec.toKey(value)).toEqual({ id, parts: [part] });
    expect(codec.toKey({ id: value })).toEqual({ id, parts: [part] });
    expect(keyOfId(entity({ id: type }).keys, id)).toEqual({ id, parts: [part] });
    const shown = Object.is(value, -0) ? 0 : value;
    expect(codec.toValue(codec.toKey(value))).toEqual(shown);
    expect(codec.toObject(codec.toKey(value))).toEqual({ id: shown });
  });

  test('of several properties has them in their order', () => {
    const key = pair.toKey({ cityId: 7, country: 'd:e' });
    expect(key).toEqual({ id: 'd%3Ae:7', parts: ['d:e', 7] });
    expect(pair.toObject(key)).toEqual({ country: 'd:e', cityId: 7 });
    expect(pair.toValue(key)).toEqual({ country: 'd:e', cityId: 7 });
    expect(keyOf(['d:e', 7])).toEqual(key);
  });

  test('is different for any two different keys, and leads back to its own', () => {
    const types = { a: 'string', b: 'string', c: 'bigint' } as const;
    const three = codecOf(types);
    const threeKeys = entity(types).keys;
    const part = fc.string({ unit: fc.constantFrom('%', ':', '{', '}', '2', '5', '3', 'A', 'B', 'a', '\0', 'é') });
    const key = fc.record({ a: part, b: part, c: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) });
    fc.assert(
      fc.property(key, key, (left, right) => {
        const [one, other] = [three.toKey(left), three.toKey(right)];
        const same = left.a === right.a && left.b === right.b && left.c === right.c;
        expect(one.id === other.id).toBe(same);
        expect(one.id).not.toMatch(/[{}]/);
        expect(keyOfId(threeKeys, one.id)).toEqual(one);
        expect(keyOf(one.parts)).toEqual(one);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['', 'a:b', '%2', '%3a', '{', 'a%', '%41', '%25%'])('is never %j', (id) => {
    expect(keyOfId(textKeys, id)).toBeUndefined();
  });

  test.each(['de', 'de:x', 'de:1:2', 'de:1.5', 'de:', 'de:01', 'de: 1', ':1'])('of a pair is never %j', (id) => {
    expect(keyOfId(pairKeys, id)).toBeUndefined();
  });
});

describe('a key that cannot be right is refused', () => {
  test.each<[unknown, string]>([
    [undefined, 'The key given for City is undefined. Give id.'],
    [null, 'The key given for City is null. A key is id or { id }.'],
    [42, 'City.id must be a string, got the number 42. Give a key of that type.'],
    [true, 'City.id must be a string, got a boolean.'],
    [['john'], 'The key given for City is an array.'],
    [{}, 'The key given for City lacks id. A key is { id }.'],
    [{ id: undefined }, 'The key given for City lacks id. A key is { id }.'],
    [{ id: null }, 'City.id is part of the key, but is null.'],
    [{ id: 'x', name: 'y' }, 'The key given for City has name, which is no part of it. A key is { id }.'],
    [JSON.parse('{"id": "x", "__proto__": 1}'), 'has __proto__, which is no part of it'],
    [Object.create({ id: 'x' }), 'The key given for City lacks id.'],
    ['\ud800', 'City.id holds a lone surrogate'],
    [`${'x'.repeat(99)}\udfff`, 'City.id holds a lone surrogate'],
    [() => 'x', 'City.id must be a string, got a function.'],
    [Symbol('x'), 'City.id must be a string, got a symbol.'],
  ])('%#', (input, message) => {
    expect(() => text.toKey(input)).toThrow(ValidationError);
    expect(() => text.toKey(input)).toThrow(message);
  });

  test.each<[KeyType, unknown, string]>([
    ['number', Number.NaN, 'must be a finite number, got NaN'],
    ['number', Number.POSITIVE_INFINITY, 'must be a finite number, got Infinity'],
    ['number', '1', 'must be a finite number, got a string'],
    ['integer', 1.5, 'must be a safe integer'],
    ['integer', 2 ** 53, 'must be a safe integer'],
    ['bigint', 1, 'must be a bigint'],
    ['bigint', 2n ** 63n, 'must fit in 64 bits'],
    ['date', new Date('never'), 'must be a valid Date, got an invalid Date'],
    ['date', 5, 'must be a valid Date, got the number 5'],
  ])('a %s of the wrong value: %#', (type, value, message) => {
    expect(() => codecOf({ id: type }).toKey(value)).toThrow(ValidationError);
    expect(() => codecOf({ id: type }).toKey(value)).toThrow(message);
  });

  test.each<[unknown, string]>([
    ['de', 'The key given for City is a string. A key is { country, cityId }.'],
    [{ country: 'de' }, 'The key given for City lacks cityId.'],
    [
      { country: 'de', citId: 5, zip: 1 },
      'The key given for City lacks cityId and has citId, zip, which are no part of it.',
    ],
    [{ country: 'de', cityId: '5' }, 'City.cityId must be a safe integer, got a string.'],
    [new Date(), 'The key given for City is the Date'],
  ])('of several properties: %#', (input, message) => {
    expect(() => pair.toKey(input)).toThrow(ValidationError);
    expect(() => pair.toKey(input)).toThrow(message);
  });
});

describe('the limits of a store', () => {
  test('U+0000 is refused where the store cannot keep it', () => {
    expect(() => codecOf({ id: 'string' }, { nul: false }).toKey('a\0')).toThrow('City.id holds the character U+0000');
    expect(codecOf({ id: 'string' }, { nul: true }).toKey('a\0').parts).toEqual(['a\0']);
  });

  test('the length of a text is counted in characters', () => {
    const codec = codecOf({ id: 'string' }, { nul: true, keyPartLength: 5 });
    expect(codec.toKey('👍👍👍👍👍').parts).toEqual(['👍👍👍👍👍']);
    expect(codec.toKey('12345').id).toBe('12345');
    expect(() => codec.toKey('👍👍👍👍👍👍')).toThrow(
      'City.id is 6 characters long, but its store takes keys of at most 5.',
    );
    expect(() => codec.toKey('123456')).toThrow(ValidationError);
  });

  test('the length of all texts together is counted in UTF-8 bytes', () => {
    const one = codecOf({ id: 'string' }, { nul: true, keyBytes: 8 });
    expect(one.toKey('12345678').id).toBe('12345678');
    expect(one.toKey('éééé').id).toBe('éééé');
    expect(() => one.toKey('ééééé')).toThrow('is 10 bytes long, but its store takes keys of at most 8');
    const two = codecOf({ a: 'string', b: 'string' }, { nul: true, keyBytes: 8 });
    expect(two.toKey({ a: '1234', b: '5678' }).parts).toEqual(['1234', '5678']);
    expect(() => two.toKey({ a: '12345', b: '6789' })).toThrow('is 9 bytes long');
  });
});

describe('the key of an entity', () => {
  @Entity()
  @RedisHash()
  class City {
    declare [KeyProps]?: ['country', 'cityId', 'part'];
    @Key() country!: string;
    @Key({ type: 'integer' }) cityId!: number;
    @Key({ generate: 'uuid' }) part!: string;
  }
  const codec = keyCodec(schemaOf(City));
  const city = Object.assign(new City(), { country: 'de', cityId: 5, part: 'x', mayor: 'y' });

  test('is read from among its other properties, also where the entity stands for its key', () => {
    expect(codec.fromEntity(city)).toEqual({ id: 'de:5:x', parts: ['de', 5, 'x'] });
    expect(codec.toKey(city)).toEqual(codec.fromEntity({ ...city }));
  });

  test.each([
    [{ country: undefined }, 'City.country is part of the key, but is undefined. Give it a value.'],
    [{ cityId: null }, 'City.cityId is part of the key, but is null. Give it a value.'],
    [{ part: undefined }, 'City.part is part of the key, but is undefined. Save it first: the key is generated then.'],
    [{ cityId: 'x' }, 'City.cityId must be a safe integer, got a string.'],
  ])('must be whole: %j', (change, message) => {
    expect(() => codec.fromEntity({ ...city, ...change })).toThrow(ValidationError);
    expect(() => codec.fromEntity({ ...city, ...change })).toThrow(message);
  });
});
