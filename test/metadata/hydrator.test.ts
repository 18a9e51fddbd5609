import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/core/codec.js';
import { CorruptPlain } from '../../src/core/plain.js';
import type { Row } from '../../src/core/schema.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key } from '../../src/metadata/decorators.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import { keyCodec } from '../../src/metadata/key-codec.js';
import type { KeyProps } from '../../src/metadata/types.js';
import { schemaOf } from './build.js';

const celsius: Codec<{ degrees: number }> = {
  name: 'celsius',
  storage: 'number',
  encode: (t) => t.degrees,
  decode: (plain) => {
    if ((plain as number) < -273.15) throw new Error('is below absolute zero');
    return { degrees: plain as number };
  },
};

@Entity()
@RedisHash()
class Reading {
  declare [KeyProps]?: ['station', 'at'];
  @Key() station!: string;
  @Key() at!: Date;
  @Field() text!: string;
  @Field({ type: 'number' }) count? = 7;
  @Field() big?: bigint;
  @Field() ok?: boolean;
  @Field() on?: Date;
  @Field() raw?: Buffer;
  @Field({ type: 'json', nullable: true }) data?: unknown;
  @Field({ type: celsius }) temperature?: { degrees: number };
  #calls = 0;
  cache = new Map<string, number>();
  call(): number {
    return ++this.#calls;
  }
}

const schema = schemaOf(Reading);
const codec = keyCodec(schema);
const key = codec.toKey({ station: 'x', at: new Date(5) });
const row: Row = ['hello', 3, 5n, true, 99, new Uint8Array([1, 2]), '{"a":[1]}', 21.5];
const absent: Row = new Array(8).fill(undefined);

describe.each([
  ['with generated code', true],
  ['where code generation is forbidden', false],
])('a hydrator %s', (_, generate) => {
  const hydrator = createHydrator(schema, { generate });
  const hydrate = (given: Row): Reading => hydrator.hydrate(key, given) as Reading;

  test('makes an entity of its class, with every value decoded', () => {
    const reading = hydrate(row);
    expect(reading).toBeInstanceOf(Reading);
    expect({ ...reading }).toEqual({
      station: 'x',
      at: new Date(5),
      text: 'hello',
      count: 3,
      big: 5n,
      ok: true,
      on: new Date(99),
      raw: Buffer.from([1, 2]),
      data: { a: [1] },
      temperature: { degrees: 21.5 },
      cache: new Map(),
    });
  });

  test('runs the constructor: initialisers and private members work', () => {
    expect(hydrate(row).call()).toBe(1);
  });

  test('gives every caller values of its own', () => {
    const [one, other] = [hydrate(row), hydrate(row)];
    (one.data as { a: number[] }).a.push(2);
    one.raw![0] = 9;
    one.on!.setFullYear(2000);
    one.cache.set('a', 1);
    expect(other).toEqual(hydrate(row));
    expect(row[5]).toEqual(new Uint8Array([1, 2]));
  });

  test('leaves what is absent undefined, whatever an initialiser says, and null as null', () => {
    const reading = hydrate(absent.with(6, null));
    expect(reading.count).toBeUndefined();
    expect(reading.data).toBeNull();
    expect(reading.text).toBeUndefined();
  });

  test('gives no property to an entity that has none of that name', () => {
    class Bare {}
    Entity()(Bare);
    RedisHash()(Bare);
    (Key({ type: 'string' }) as (target: object, name: string) => void)(Bare.prototype, 'id');
    Field({ type: 'string' })(Bare.prototype, 'name');
    const bare = createHydrator(schemaOf(Bare), { generate });
    const id = { id: '1', parts: ['1'] };
    expect(Object.keys(bare.hydrate(id, [undefined]))).toEqual(['id']);
    expect(Object.keys(bare.hydrate(id, ['x']))).toEqual(['id', 'name']);
  });

  test('tells a value that its codec cannot read as corrupt, with the property', () => {
    expect(() => hydrate(row.with(7, -300))).toThrow(CorruptPlain);
    expect(() => hydrate(row.with(7, -300))).toThrow('Reading.temperature is below absolute zero');
    expect(() => hydrate(row.with(6, '{'))).toThrow(/^Reading\.data cannot be read: /);
  });

  test('takes names that are no identifiers', () => {
    class Odd {}
    Entity()(Odd);
    RedisHash()(Odd);
    (Key({ type: 'string' }) as (target: object, name: string) => void)(Odd.prototype, 'the "id"\\');
    Field({ type: 'string', name: 'x' })(Odd.prototype, "']; throw 1; //\n`$y`");
    const faults = () => schemaOf(Odd);
    expect(faults).toThrow('is stored as \'the "id"\\\'');
  });
});

test('the two kinds of hydrator agree on every row', () => {
  const [fast, slow] = [createHydrator(schema), createHydrator(schema, { generate: false })];
  for (const values of [row, absent, row.map(() => null), absent.with(1, 0), row.with(0, '')])
    expect(fast.hydrate(key, values)).toEqual(slow.hydrate(key, values));
});

describe('a class with create', () => {
  @Entity({ create: (data) => new Account(data.id, data.owner) })
  @RedisHash()
  class Account {
    @Key() readonly id: string;
    readonly #owner: string;
    @Field({ type: 'number' }) balance = 0;
    constructor(id: string, owner: string) {
      if (!id) throw new Error('an account needs an id');
      this.id = id;
      this.#owner = owner;
    }
    @Field()
    get owner(): string {
      return this.#owner;
    }
    set owner(_: string) {
      throw new Error('the owner never changes');
    }
  }
  const accounts = () => createHydrator(schemaOf(Account));

  test('is made from its data, and given only what it does not have yet', () => {
    const account = accounts().hydrate({ id: '1', parts: ['1'] }, [5, 'ann']) as Account;
    expect([account.id, account.owner, account.balance]).toEqual(['1', 'ann', 5]);
  });

  test('is created from data the same way', () => {
    const account = accounts().create({ id: '2', owner: 'bob' }) as Account;
    expect([account.id, account.owner, account.balance]).toEqual(['2', 'bob', 0]);
  });

  test('tells an error of its own constructor as it is', () => {
    expect(() => accounts().create({ owner: 'bob' })).toThrow('an account needs an id');
    expect(() => accounts().hydrate({ id: '', parts: [''] }, [])).toThrow('an account needs an id');
  });
});

describe('a part', () => {
  const hydrator = createHydrator(schema);

  test('is a plain object of the key and the asked fields that are there', () => {
    const part = hydrator.part(key, row.with(2, undefined).with(6, null), [0, 2, 6]);
    expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
    expect(part).toStrictEqual({ station: 'x', at: new Date(5), text: 'hello', data: null });
  });

  test('cannot be saved, nor made an entity of', () => {
    const part = hydrator.part(key, row, [0]);
    const message = "This is only part of Reading (station, at, text), read with 'fields'.";
    expect(() => hydrator.dehydrate(part)).toThrow(message);
    expect(() => hydrator.fill(part, 0)).toThrow(message);
    expect(() => hydrator.create(part)).toThrow(message);
  });

  test('is corrupt where its value is', () => {
    expect(() => hydrator.part(key, row.with(7, -300), [7])).toThrow(CorruptPlain);
  });
});

test('fields are named in any order, once or often; the key costs nothing', () => {
  const hydrator = createHydrator(schema);
  expect(hydrator.indexes(['ok', 'text', 'station', 'ok', 'at'])).toEqual([0, 3]);
  expect(hydrator.indexes(['station'])).toEqual([]);
  expect(() => hydrator.indexes(['colour'])).toThrow(
    'Reading has no property "colour" that is stored. It has: station, at, text,',
  );
  expect(() => hydrator.indexes(['__proto__'])).toThrow('has no property "__proto__"');
});
