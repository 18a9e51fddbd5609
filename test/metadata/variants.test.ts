import { describe, expect, test } from '@jest/globals';
import { ValidationError } from '../../src/core/errors.js';
import { CorruptPlain } from '../../src/core/plain.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key } from '../../src/metadata/decorators.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import type { Loose } from '../../src/metadata/options.js';
import { schemaOf, told } from './build.js';

@Entity({ by: 'type', variants: () => ({ animal: Animal, cat: Cat, kitten: Kitten, dog: Dog }) })
@RedisHash()
class Animal {
  @Key() id!: string;
  @Field() type!: string;
  @Field() name!: string;
  speak(): string {
    return '…';
  }
}
class Cat extends Animal {
  @Field() lives?: number = 9;
  override speak(): string {
    return 'meow';
  }
}
class Kitten extends Cat {
  @Field({ default: 3 }) weeks!: number;
}
class Dog extends Animal {
  @Field() lives?: number;
  @Field() trick?: string;
  override speak(): string {
    return 'woof';
  }
}
class Lizard extends Animal {}

const schema = schemaOf(Animal);
const key = { id: '1', parts: ['1'] };

describe.each([true, false])('an entity of several classes (generated code: %p)', (generate) => {
  const hydrator = createHydrator(schema, { generate });

  test('has the fields of all of them, those of the same name once', () => {
    expect(schema.fields.map(({ name }) => name)).toEqual(['type', 'name', 'lives', 'weeks', 'trick']);
    expect(schema.variants?.field).toBe(0);
    expect([...schema.variants!.classes]).toEqual([
      ['animal', Animal],
      ['cat', Cat],
      ['kitten', Kitten],
      ['dog', Dog],
    ]);
  });

  test('comes back as its own class, with the fields of that class', () => {
    const cat = hydrator.hydrate(key, ['cat', 'Tom', 7, undefined, 'none']) as Cat;
    expect(cat.constructor).toBe(Cat);
    expect({ ...cat }).toEqual({ id: '1', type: 'cat', name: 'Tom', lives: 7 });
    expect(Object.hasOwn(cat, 'trick')).toBe(false);
    expect((hydrator.hydrate(key, ['dog', 'Rex', 1, undefined, 'sit']) as Dog).speak()).toBe('woof');
    expect(hydrator.hydrate(key, ['animal', 'x']).constructor).toBe(Animal);
  });

  test('that is stored under an unknown name is corrupt', () => {
    const read = (type: string | null | undefined) => () => hydrator.hydrate(key, [type, 'x']);
    expect(read('bird')).toThrow(CorruptPlain);
    expect(read('bird')).toThrow('Animal.type is "bird", which is none of its variants (animal, cat, kitten, dog)');
    expect(read(undefined)).toThrow('Animal.type is undefined');
    expect(read(null)).toThrow('Animal.type is null');
    expect(read('constructor')).toThrow(CorruptPlain);
  });

  test('is stored under the name of its class, which a save fills in', () => {
    const dog = Object.assign(new Dog(), { id: '1', name: 'Rex' });
    expect(hydrator.dehydrate(dog)).toEqual(['dog', 'Rex', undefined, undefined, undefined]);
    hydrator.fill(dog, 0);
    expect(dog.type).toBe('dog');
    const kitten = Object.assign(new Kitten(), { id: '1', name: 'Tim' });
    hydrator.fill(kitten, 0);
    expect(hydrator.dehydrate(kitten)).toEqual(['kitten', 'Tim', 9, 3, undefined]);
  });

  test.each<[object, string]>([
    [
      Object.assign(new Dog(), { id: '1', type: 'cat' }),
      'Dog.type is "cat", but of this class it must be "dog". Leave it out.',
    ],
    [Object.assign(new Lizard(), { id: '1' }), 'Lizard is none of the variants of Animal. Add it to them.'],
    [
      { id: '1', name: 'x' },
      'Animal.type is undefined, which is none of its variants. Give one of: animal, cat, kitten, dog.',
    ],
    [{ id: '1', type: 'bird' }, 'Animal.type is "bird", which is none of its variants.'],
    [
      { id: '1', type: 'cat', trick: 'sit' },
      'Cat has no property "trick" that is stored; it has id, type, name, lives.',
    ],
    [{ id: '1', type: 'cat', lives: 'nine' }, 'Cat.lives must be a finite number, got a string.'],
  ])('cannot be saved as what it is not: %#', (source, message) => {
    expect(() => hydrator.dehydrate(source)).toThrow(ValidationError);
    expect(() => hydrator.dehydrate(source)).toThrow(message);
  });

  test('is created from data as the class that the data names', () => {
    const cat = hydrator.create({ id: '1', type: 'cat', name: 'Tom' }) as Cat;
    expect([cat.constructor, cat.lives]).toEqual([Cat, 9]);
    expect(() => hydrator.create({ id: '1' })).toThrow('Animal.type is undefined');
  });

  test('can be patched in the fields of all its classes, and only to a class that it has', () => {
    expect([...hydrator.patchOf({ trick: 'roll', type: 'dog' }).set]).toEqual([
      [0, 'dog'],
      [4, 'roll'],
    ]);
    expect(() => hydrator.patchOf({ type: 'bird' })).toThrow('Animal.type is "bird", which is none of its variants.');
  });
});

describe('variants that cannot be', () => {
  const animal = (options: Loose, typeOptions: Loose = { type: 'string' }) => {
    class Base {}
    RedisHash()(Base);
    (Key({ type: 'string' }) as Loose)(Base.prototype, 'id');
    if (typeOptions) Field(typeOptions)(Base.prototype, 'type');
    const made = typeof options === 'function' ? options(Base) : options;
    Entity(made)(Base);
    return Base;
  };
  const sub = (Base: Loose, name: string, options?: Loose): Loose => {
    const made = { [name]: class extends Base {} }[name]!;
    if (options) Field(options)(made.prototype, 'size');
    return made;
  };

  test.each<[string, Loose, string]>([
    ['without by', { variants: () => ({}) }, 'Base: has variants, but does not say what tells them apart.'],
    ['without variants', { by: 'type' }, "Base: has by: 'type', but no variants."],
    ['none', { by: 'type', variants: () => ({}) }, "Base: has a function 'variants' that names none."],
    ['undefined', { by: 'type', variants: () => undefined }, "Base: has a function 'variants' that names none."],
    [
      'of no class',
      { by: 'type', variants: () => ({ cat: undefined }) },
      'Base: has the variant cat: undefined, which does not extend Base.',
    ],
    [
      'of another class',
      { by: 'type', variants: () => ({ map: Map }) },
      'Base: has the variant map: Map, which does not extend Base.',
    ],
  ])('%s', (_, options, message) => {
    expect(told([animal(options)])).toEqual([message]);
  });

  test('a property by that is no field, or no string', () => {
    const options = (by: string) => (Base: Loose) => ({ by, variants: () => ({ base: Base }) });
    expect(told([animal(options('kind'))])).toEqual([
      "Base: tells its variants apart by 'kind', which is no @Field() of it.",
    ]);
    expect(told([animal(options('type'), { type: 'integer' })])).toEqual([
      'Base.type: tells variants apart, but is of type integer.',
    ]);
  });

  test('two classes that declare one field differently', () => {
    const two = animal((Base: Loose) => ({
      by: 'type',
      variants: () => ({ cat: sub(Base, 'Cat', { type: 'string' }), dog: sub(Base, 'Dog', { type: 'integer' }) }),
    }));
    expect(told([two])).toEqual([
      "Dog.size: is declared otherwise in another class of Base (as string 'size', here as integer 'size').",
    ]);
  });

  test('a variant with a key of its own, or a constructor that takes arguments', () => {
    const base = animal((Base: Loose) => {
      class Cat extends Base {
        constructor(readonly lives: number) {
          super();
        }
      }
      (Key({ type: 'string' }) as Loose)(Cat.prototype, 'tag');
      return { by: 'type', variants: () => ({ cat: Cat }) };
    });
    expect(told([base])).toEqual([
      'Cat.tag: is a @Key() of a variant.',
      'Cat: is made without arguments when it is read, but its constructor takes some.',
    ]);
  });

  test('a variant that is listed as an entity too', () => {
    expect(told([Animal, Cat])).toEqual([
      'Cat: is a variant of Animal, in whose repository it is already.',
      "Cat: has the entity name 'animal', as Animal has.",
    ]);
  });
});
