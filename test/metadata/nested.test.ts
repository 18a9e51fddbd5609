import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/core/codec.js';
import { CorruptPlain } from '../../src/core/plain.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key, Version } from '../../src/metadata/decorators.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import { schemaOf } from './build.js';

const money: Codec<{ amount: number; currency: string }> = {
  name: 'money',
  storage: 'text',
  encode: ({ amount, currency }) => `${amount} ${currency}`,
  decode: (text) => {
    const [amount, currency] = (text as string).split(' ');
    if (!currency) throw new Error('has no currency');
    return { amount: Number(amount), currency };
  },
};

class Address {
  @Field({ type: 'string' }) street = 'unknown';
  @Field({ length: 5 }) zip!: string;
  @Field() since!: Date;
  @Field() population!: bigint;
  @Field() stamp!: Uint8Array;
  @Field({ type: 'json' }) extra?: unknown;
  @Field({ type: money }) rent?: { amount: number; currency: string };
  @Field({ type: 'string', nullable: true }) floor?: string | null;
  #visits = 0;
  visit(): number {
    return ++this.#visits;
  }
}

@Entity()
@RedisHash()
class Person {
  @Key() id!: string;
  @Field() home?: Address;
  @Field({ type: () => [Address] }) others?: Address[];
  @Field({ type: ['date'] }) dates?: Date[];
}

const schema = schemaOf(Person);
const hydrator = createHydrator(schema);
const key = { id: 'john', parts: ['john'] };
const roundTrip = (data: object): Person => hydrator.hydrate(key, hydrator.dehydrate(data)) as Person;
const home = {
  street: 'Main',
  zip: '12345',
  since: new Date(0),
  population: 9_007_199_254_740_993n,
  stamp: new Uint8Array([0, 255, 128]),
  extra: { a: [1, null, 'x'] },
  rent: { amount: 500, currency: 'EUR' },
  floor: null,
};

test('a nested class is stored as JSON and comes back exact, as an instance of its class', () => {
  const { home: back } = roundTrip({ id: 'john', home });
  expect(back).toBeInstanceOf(Address);
  expect({ ...back, stamp: [...back!.stamp] }).toEqual({ ...home, stamp: [0, 255, 128] });
  expect(back!.visit()).toBe(1);
});

test('its document can be read by others: dates are ISO 8601, bigints and bytes text', () => {
  const row = hydrator.dehydrate({ id: 'john', home });
  expect(JSON.parse(row[0] as string)).toEqual({
    street: 'Main',
    zip: '12345',
    since: '1970-01-01T00:00:00.000Z',
    population: '9007199254740993',
    stamp: 'AP+A',
    extra: { a: [1, null, 'x'] },
    rent: '500 EUR',
    floor: null,
  });
});

test('instances are taken as well as plain objects, and may carry properties that are not stored', () => {
  const address = Object.assign(new Address(), home, { distance: 5 });
  expect(hydrator.dehydrate({ id: 'john', home: address })).toEqual(hydrator.dehydrate({ id: 'john', home }));
});

test('what was not stored does not come back as the value of an initialiser', () => {
  expect(roundTrip({ id: 'john', home: { zip: '1' } }).home).toEqual({ zip: '1' });
});

test('arrays of classes and of other types keep their order and their types', () => {
  const { others, dates } = roundTrip({ id: 'john', others: [home, { zip: '2' }], dates: [new Date(5), new Date(3)] });
  expect(others!.map((one) => [one.constructor, one.zip])).toEqual([
    [Address, '12345'],
    [Address, '2'],
  ]);
  expect(dates).toEqual([new Date(5), new Date(3)]);
  expect(roundTrip({ id: 'john', others: [] }).others).toEqual([]);
});

describe('a value that cannot be stored is named by its path', () => {
  test.each<[object, string]>([
    [{ home: { ...home, zip: 5 } }, 'Person.home.zip must be a string, got the number 5.'],
    [{ home: { ...home, zip: '123456' } }, 'Person.home.zip must be at most 5 characters long, got 6.'],
    [
      { home: { ...home, zip: null } },
      'Person.home.zip must be of type string, got null; it is not declared nullable.',
    ],
    [
      { home: { ...home, since: new Date(Number.NaN) } },
      'Person.home.since must be a valid Date, got an invalid Date.',
    ],
    [{ home: { ...home, population: 2n ** 64n } }, 'Person.home.population must fit in 64 bits'],
    [
      { home: { ...home, extra: { a: Number.NaN } } },
      'Person.home.extra cannot be stored as JSON: at .a it holds NaN.',
    ],
    [{ home: { ...home, town: 'x' } }, 'Person.home.town is not known (there are: street, zip,'],
    [{ home: JSON.parse('{"__proto__": {"zip": "1"}}') as object }, 'Person.home.__proto__ is not known'],
    [{ home: 'Main' }, 'Person.home must be an instance of Address or a plain object of its shape, got a string.'],
    [
      { home: new Map() },
      'Person.home must be an instance of Address or a plain object of its shape, got an instance of Map.',
    ],
    [{ home: [] }, 'Person.home must be an instance of Address or a plain object of its shape, got an array.'],
    [{ others: home }, 'Person.others must be an array of Address, got an instance of Object.'],
    [{ others: [home, { zip: 1 }] }, 'Person.others[1].zip must be a string, got the number 1.'],
    [{ others: [null] }, 'Person.others[0] must be an instance of Address'],
    [{ dates: [new Date(), 'now'] }, 'Person.dates[1] must be a valid Date, got a string.'],
  ])('%#', (data, message) => {
    expect(() => hydrator.dehydrate({ id: 'john', ...data })).toThrow(message);
  });
});

describe('a document that is not what it should be', () => {
  const read = (home: string) => () => hydrator.hydrate(key, [home, undefined, undefined]);
  test.each([
    ['[]', 'Person.home must be an object, got an array'],
    ['{"since":"yesterday"}', /^Person\.home\.since .* is not a stored date$/],
    ['{"zip":5}', /^Person\.home\.zip .* is not a stored text$/],
    ['{"rent":"500"}', 'Person.home.rent has no currency'],
    ['{"stamp":"*"}', 'Person.home.stamp "*" is not a stored bytes'],
    ['{', 'Person.home cannot be read:'],
  ])('%s is corrupt', (text, message) => {
    expect(read(text)).toThrow(CorruptPlain);
    expect(read(text)).toThrow(message);
  });

  test('may have properties that this version does not know', () => {
    expect(read('{"zip":"1","later":true,"__proto__":{"x":1}}')()).toMatchObject({ home: { zip: '1' } });
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

test('a default stands in for what is left out of a nested object', () => {
  class Inner {
    @Field({ default: () => 'x' }) a!: string;
    @Field({ default: 3 }) b!: number;
  }
  @Entity()
  @RedisHash()
  class Outer {
    @Key() id!: string;
    @Field() inner!: Inner;
  }
  const row = createHydrator(schemaOf(Outer)).dehydrate({ id: '1', inner: { b: 4 } });
  expect(row).toEqual(['{"a":"x","b":4}']);
});

test('an entity can be a part of another, with its key and version', () => {
  @Entity()
  @RedisHash()
  class Inner {
    @Key() id!: bigint;
    @Version() version!: number;
  }
  @Entity()
  @RedisHash()
  class Outer {
    @Key() id!: string;
    @Field() inner!: Inner;
  }
  const outer = createHydrator(schemaOf(Outer));
  const row = outer.dehydrate({ id: '1', inner: { id: 5n, version: 2 } });
  expect(row).toEqual(['{"id":"5","version":2}']);
  expect(outer.hydrate(key, row)).toMatchObject({ inner: { id: 5n, version: 2 } });
});
