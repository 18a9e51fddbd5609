import { describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/core/codec.js';
import { ValidationError } from '../../src/core/errors.js';
import type { Plain } from '../../src/core/plain.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key, Version } from '../../src/metadata/decorators.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import { keyCodec } from '../../src/metadata/key-codec.js';
import type { Loose } from '../../src/metadata/options.js';
import type { KeyProps } from '../../src/metadata/types.js';
import { schemaOf } from './build.js';

class Address {
  @Field() zip!: string;
  label(): string {
    return `Zip ${this.zip}`;
  }
}

@Entity()
@RedisHash()
class Person {
  @Key({ generate: 'uuid' }) id!: string;
  @Field({ length: 10 }) name!: string;
  @Field({ type: 'integer' }) age?: number;
  @Field({ type: 'string', nullable: true }) email?: string | null;
  @Field({ length: 3 }) photo?: Buffer;
  @Field({ type: 'json' }) tags?: unknown;
  @Field() address?: Address;
  @Version() version!: number;
  nickname = 'none';
  greet(): string {
    return `Hello ${this.name}`;
  }
}

const schema = schemaOf(Person);
const hydrator = createHydrator(schema);
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  return 'it was taken';
};

describe('dehydrate', () => {
  test('takes plain data and entities alike', () => {
    const data = { id: '1', name: 'Ann', age: 33, email: null, photo: Buffer.from([1]), tags: ['a'], version: 2 };
    const row = ['Ann', 33, null, new Uint8Array([1]), '["a"]', undefined, 2];
    expect(hydrator.dehydrate(data)).toEqual(row);
    expect(hydrator.dehydrate(Object.assign(new Person(), data))).toEqual(row);
    expect(hydrator.dehydrate(Object.assign(Object.create(null), data))).toEqual(row);
  });

  test('passes over what an entity has beside its stored properties, and refuses it in data', () => {
    const person = Object.assign(new Person(), { id: '1', name: 'Ann', mood: 'good' });
    expect(hydrator.dehydrate(person)[0]).toBe('Ann');
    expect(refusal(() => hydrator.dehydrate({ id: '1', nmae: 'Ann' }))).toBe(
      'Person has no property "nmae" that is stored; it has id, name, age, email, photo, tags, address, version. Leave it out, or declare it with @Field().',
    );
  });

  test('keeps values that are changed afterwards as they were', () => {
    const photo = Buffer.from([1]);
    const row = hydrator.dehydrate({ id: '1', photo });
    photo[0] = 9;
    expect(row[3]).toEqual(new Uint8Array([1]));
  });

  test.each<[Loose, string]>([
    [{ age: Number.NaN }, 'Person.age must be a safe integer, got NaN. Give another value, or leave the property out.'],
    [{ age: 1.5 }, 'Person.age must be a safe integer, got the number 1.5.'],
    [{ age: '33' }, 'Person.age must be a safe integer, got a string.'],
    [{ name: 5 }, 'Person.name must be a string, got the number 5.'],
    [
      { name: null },
      'Person.name must be of type string, got null; it is not declared nullable. Declare it with nullable: true, or leave it out.',
    ],
    [{ name: 'x'.repeat(11) }, 'Person.name must be at most 10 characters long, got 11.'],
    [{ name: '\ud800' }, 'Person.name holds a lone surrogate'],
    [{ photo: Buffer.alloc(4) }, 'Person.photo must be at most 3 bytes long, got 4.'],
    [{ photo: [1] }, 'Person.photo must be a Uint8Array or Buffer, got an array.'],
    [
      { tags: { a: { b: undefined, c: () => 1 } } },
      'Person.tags cannot be stored as JSON: at .a.c it holds a function.',
    ],
    [{ address: { zip: 1 } }, 'Person.address.zip must be a string, got the number 1.'],
    [{ version: 'one' }, 'Person.version must be a safe integer, got a string.'],
  ])('%#: names the property, what is wrong and what to do', (data, message) => {
    expect(refusal(() => hydrator.dehydrate({ id: '1', ...data }))).toContain(message);
  });

  test('counts the length in characters, not in UTF-16 units', () => {
    expect(hydrator.dehydrate({ id: '1', name: '👍'.repeat(10) })[0]).toHaveLength(20);
    expect(refusal(() => hydrator.dehydrate({ id: '1', name: '👍'.repeat(11) }))).toContain('got 11');
  });

  test('refuses __proto__ as a property, and pollutes nothing', () => {
    const data = JSON.parse('{"id": "1", "__proto__": {"name": "polluted"}}') as object;
    expect(refusal(() => hydrator.dehydrate(data))).toContain('Person has no property "__proto__" that is stored');
    expect(refusal(() => hydrator.create(data))).toContain('__proto__');
    expect(refusal(() => hydrator.patchOf(data))).toContain('__proto__');
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  test.each([undefined, null, 'ann', 5, [{ id: '1' }], () => 1])('refuses what is no object: %p', (source) => {
    expect(refusal(() => hydrator.dehydrate(source))).toMatch(/^An entity of Person must be an object, got /);
  });
});

describe('a codec of the user', () => {
  const withCodec = (codec: Partial<Codec<Loose>>) => {
    class Thing {}
    Entity()(Thing);
    RedisHash()(Thing);
    (Key({ type: 'string' }) as Loose)(Thing.prototype, 'id');
    Field({ type: { name: 'own', storage: 'text', decode: String, ...codec } as Codec<Loose> })(
      Thing.prototype,
      'value',
    );
    return createHydrator(schemaOf(Thing));
  };

  test('that throws makes the value invalid, and its error the cause', () => {
    const cause = new Error('must be even');
    const codec = withCodec({
      encode: () => {
        throw cause;
      },
    });
    expect(refusal(() => codec.dehydrate({ value: 3 }))).toBe(
      'Thing.value must be even. Give another value, or leave the property out.',
    );
    expect(() => codec.dehydrate({ value: 3 })).toThrow(expect.objectContaining({ cause }));
  });

  test('is held to the length of what it makes, not of what it is given', () => {
    class Tagged {}
    Entity()(Tagged);
    RedisHash()(Tagged);
    (Key({ type: 'string' }) as Loose)(Tagged.prototype, 'id');
    const type: Codec<string[]> = { name: 'tags', storage: 'text', encode: (tags) => tags.join(), decode: () => [] };
    Field({ type, length: 3 })(Tagged.prototype, 'tags');
    const tagged = createHydrator(schemaOf(Tagged));
    expect(tagged.dehydrate({ tags: ['a', 'b'] })).toEqual(['a,b']);
    expect(refusal(() => tagged.dehydrate({ tags: ['a', 'bc'] }))).toContain(
      'must be at most 3 characters long, got 4',
    );
  });

  test('that fails on a value it did not expect is named', () => {
    const codec = withCodec({ encode: (value) => value.amount.toFixed(2) });
    expect(refusal(() => codec.dehydrate({ value: {} }))).toMatch(
      /^Thing\.value cannot be stored by its codec 'own': TypeError: /,
    );
  });

  test.each<[Codec['storage'], unknown]>([
    ['text', 5],
    ['text', '\ud800'],
    ['number', Number.NaN],
    ['integer', 0.5],
    ['bigint', 2n ** 70n],
    ['boolean', 1],
    ['date', '2020-01-01'],
    ['bytes', [1]],
    ['json', '{'],
    ['json', { a: 1 }],
    ['text', undefined],
    ['text', null],
  ])('of storage %s cannot make %p of a value', (storage, plain) => {
    const codec = withCodec({ storage, encode: () => plain as Exclude<Plain, null> });
    expect(refusal(() => codec.dehydrate({ value: 1 }))).toContain(`which is not ${storage}`);
  });
});

describe('fill', () => {
  @Entity()
  @RedisHash()
  class Note {
    declare [KeyProps]?: ['list', 'id'];
    @Key() list!: string;
    @Key({ generate: 'ulid' }) id!: string;
    @Field({ default: 'draft' }) state!: string;
    @Field({ type: 'json', default: () => [] }) tags!: string[];
    @Field({ type: 'string', nullable: true, default: 'x' }) title?: string | null;
  }
  const notes = createHydrator(schemaOf(Note));

  test('puts keys and defaults where there are none', () => {
    const note: Loose = { list: 'a', id: '', title: null };
    notes.fill(note, 1_700_000_000_000);
    expect(note).toEqual({
      list: 'a',
      id: expect.stringMatching(/^01HF7YAT[0-9A-HJKMNP-TV-Z]{18}$/),
      state: 'draft',
      tags: [],
      title: null,
    });
    const again = { ...note };
    notes.fill(note, 5);
    expect(note).toEqual(again);
  });

  test('gives each entity a default of its own', () => {
    const [one, other] = [notes.create({ list: 'a' }) as Note, notes.create({ list: 'a' }) as Note];
    one.tags.push('x');
    expect(other.tags).toEqual([]);
  });

  test('makes ULIDs that sort in the order in which they were made', () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => {
      const note: Loose = { list: 'a' };
      notes.fill(note, 1_000 + Math.floor(at / 500));
      return note.id as string;
    });
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('makes UUIDs', () => {
    const person: Loose = { name: 'Ann' };
    hydrator.fill(person, 0);
    expect(person.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('says that it cannot fill what is frozen, and leaves alone what has all it needs', () => {
    expect(refusal(() => notes.fill(Object.freeze({ list: 'a' }), 0))).toBe(
      'Note.id is filled in before it is saved, but the object does not take it. Give one that is not frozen.',
    );
    expect(() => hydrator.fill(Object.freeze({ id: '1', name: 'Ann' }), 0)).not.toThrow();
  });
});

describe('create', () => {
  test('makes an entity with what is given and keeps what its initialisers say', () => {
    const person = hydrator.create({ id: '1', name: 'Ann', age: undefined, email: null }) as Person;
    expect(person).toBeInstanceOf(Person);
    expect(person.greet()).toBe('Hello Ann');
    expect({ ...person }).toMatchObject({ id: '1', name: 'Ann', email: null, nickname: 'none' });
    expect(hydrator.create()).toBeInstanceOf(Person);
  });

  test('makes instances of nested plain objects, and keeps instances', () => {
    const address = Object.assign(new Address(), { zip: '1' });
    expect((hydrator.create({ address: { zip: '2' } }) as Person).address!.label()).toBe('Zip 2');
    expect((hydrator.create({ address }) as Person).address).toBe(address);
    expect(refusal(() => hydrator.create({ address: { zip: 2 } }))).toContain('Person.address.zip must be a string');
    expect(refusal(() => hydrator.create({ nmae: 'Ann' }))).toContain('Person has no property "nmae"');
  });
});

describe('a patch', () => {
  const key = keyCodec(schema).toKey('1');

  test('leaves what is undefined, clears what is null, and tells the version apart', () => {
    const { set, version } = hydrator.patchOf({ name: 'Bob', age: undefined, email: null, version: 4 });
    expect([...set]).toEqual([
      [0, 'Bob'],
      [2, null],
    ]);
    expect(version).toBe(4);
    expect(hydrator.patchOf({}).set.size).toBe(0);
  });

  test('may repeat the key, but not change it', () => {
    expect(hydrator.patchOf({ id: '1', age: 5 }, key).set).toEqual(new Map([[1, 5]]));
    const message =
      'Person.id is part of the key, which cannot change. Save the entity under the other key and delete this one.';
    expect(refusal(() => hydrator.patchOf({ id: '2' }, key))).toBe(message);
    expect(refusal(() => hydrator.patchOf({ id: '1' }))).toBe(message);
    expect(refusal(() => hydrator.patchOf({ id: 1 }, key))).toContain('Person.id must be a string');
  });

  test.each<[unknown, string]>([
    [{ name: null }, 'Person.name must be of type string, got null'],
    [{ nmae: 'x' }, 'Person has no property "nmae"'],
    [{ age: 'x' }, 'Person.age must be a safe integer, got a string.'],
    [null, 'The patch of Person must be an object, got null.'],
    [[], 'The patch of Person must be an object, got an array.'],
    ['x', 'The patch of Person must be an object, got a string.'],
  ])('that cannot be right is refused: %#', (patch, message) => {
    expect(refusal(() => hydrator.patchOf(patch))).toContain(message);
  });

  test('can be an entity', () => {
    const { set } = hydrator.patchOf(Object.assign(new Person(), { id: '1', name: 'Bob' }), key);
    expect([...set]).toEqual([[0, 'Bob']]);
  });
});
