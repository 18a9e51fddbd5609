import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  Entity,
  Fallback,
  Field,
  type HashRepository,
  Holdfast,
  type HoldfastOptions,
  Key,
  RedisHash,
  ValidationError,
  Version,
} from '../../src/index.js';

/** The classes of one entity with variants, with or without a fallback named `home`. */
function zoo(name: string, homed: boolean) {
  class Animal {
    id!: string;
    type!: string;
    name!: string;
    legs?: number;
    version!: number;
  }
  class Cat extends Animal {
    lives?: number;
  }
  class Dog extends Animal {
    trick?: string;
    bones?: number;
  }
  Key({ type: 'string' })(Animal.prototype, 'id');
  Field({ type: 'string' })(Animal.prototype, 'type');
  Field({ type: 'string' })(Animal.prototype, 'name');
  Field({ type: 'integer' })(Animal.prototype, 'legs');
  Version()(Animal.prototype, 'version');
  Field({ type: 'integer' })(Cat.prototype, 'lives');
  Field({ type: 'string', nullable: true })(Dog.prototype, 'trick');
  Field({ type: 'integer' })(Dog.prototype, 'bones');
  RedisHash()(Animal);
  if (homed) Fallback('home')(Animal);
  Entity({ name, by: 'type', variants: () => ({ cat: Cat, feline: Cat, dog: Dog }) })(Animal);
  return { Animal, Cat, Dog };
}

type Any = Record<string, unknown>;

/** Where entities with variants are kept. */
export interface VariantsPlace {
  readonly homed: boolean;
  options(): Promise<Omit<HoldfastOptions, 'entities'>>;
  cleanUp?(): Promise<void>;
}

/** What changes of an entity with variants may do, the same wherever it is stored. */
export function variantsCases({ homed, options, cleanUp }: VariantsPlace): void {
  const { Animal, Cat, Dog } = zoo(`zoo_${process.pid}_${homed ? 'homed' : 'alone'}`, homed);
  let holdfast: Holdfast;
  let animals: HashRepository<Any>;
  const tom = { id: 'tom', type: 'cat', name: 'Tom', legs: 4, lives: 7 };

  beforeAll(async () => {
    holdfast = await Holdfast.open({ ...(await options()), entities: [Animal], logger: false });
    animals = holdfast.repository(Animal) as unknown as HashRepository<Any>;
  }, 60_000);
  afterAll(async () => {
    await animals.delete(['tom', 'rex'] as never);
    await holdfast.close();
    await cleanUp?.();
  });

  /** Insists that a change of the cat is refused, with nothing written in any tier. */
  async function refused(change: () => Promise<unknown>, message: RegExp): Promise<void> {
    await animals.delete(['tom', 'rex'] as never);
    await animals.save([{ ...tom }, { id: 'rex', type: 'dog', name: 'Rex', trick: 'sit' }] as never);
    const error = await change().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toMatch(message);
    await animals.evict(['tom', 'rex'] as never);
    for (const from of ['durable', undefined] as const) {
      const found = await animals.find('tom' as never, from ? { from } : {});
      expect(found).toBeInstanceOf(Cat);
      expect({ ...found }).toEqual({ ...tom, version: 1 });
    }
    expect({ ...(await animals.find('rex' as never)) }).toMatchObject({ name: 'Rex', trick: 'sit', version: 1 });
  }
  const update = (change: unknown) => () => animals.update('tom' as never, change as never);

  test('a patch cannot set, nor clear, a field that another variant has', async () => {
    const message =
      /^Animal "tom" was not changed: it is of class Cat, which has no trick\. Leave trick out, or save the entity anew as what has it\.$/;
    await refused(update({ trick: 'roll' }), message);
    await refused(update({ name: 'Tim', trick: null }), message);
    await refused(update({ version: 1, trick: 'roll' }), message);
  });

  test('an increment cannot add to a field that another variant has', async () => {
    await refused(
      () => animals.increment('tom' as never, 'bones' as never, 1),
      /it is of class Cat, which has no bones/,
    );
  });

  test('a function cannot set a field that another variant has', async () => {
    await refused(
      update((cat: Any) => {
        cat.trick = 'roll';
      }),
      /it is of class Cat, which has no trick/,
    );
  });

  test('no change makes another variant of it', async () => {
    const message = /its type is "cat", which no change makes "(dog|feline)"\. Save the entity anew as that\./;
    await refused(update({ type: 'dog' }), message);
    await refused(update({ type: 'feline', lives: 3 }), message);
    await refused(
      update((cat: Any) => {
        cat.type = 'feline';
      }),
      message,
    );
  });

  test('a batch with such a change in it leaves nothing of the others', async () => {
    await refused(
      () =>
        holdfast.batch(async (batch) => {
          const recorded = batch.repository(Animal) as unknown as HashRepository<Any>;
          recorded.update('rex' as never, { trick: 'roll' } as never);
          recorded.update('tom' as never, { trick: 'roll' } as never);
        }),
      /it is of class Cat, which has no trick/,
    );
  });

  test('fields of its own and of all variants are changed, also beside its own name', async () => {
    await animals.delete('tom' as never);
    await animals.save({ ...tom } as never);
    await animals.update('tom' as never, { lives: 6, type: 'cat' } as never);
    await animals.update('tom' as never, { name: 'Tim', legs: 3 } as never);
    await animals.update(
      'tom' as never,
      ((cat: Any) => {
        cat.lives = 5;
      }) as never,
    );
    expect(await animals.increment('tom' as never, 'lives' as never, -1)).toBe(4);
    expect(await animals.increment('tom' as never, 'legs' as never, 1)).toBe(4);
    const expected = { ...tom, name: 'Tim', legs: 4, lives: 4, version: 6 };
    expect({ ...(await animals.find('tom' as never)) }).toEqual(expected);
    expect({ ...(await animals.find('tom' as never, { from: 'durable' })) }).toEqual(expected);
  });

  test('a save makes another variant of it, with nothing of what it was', async () => {
    await animals.delete('tom' as never);
    const cat = (await animals.save({ ...tom } as never)) as Any;
    await animals.save({ id: 'tom', type: 'dog', name: 'Tom', trick: 'sit', version: cat.version } as never);
    for (const from of ['durable', undefined] as const) {
      const found = await animals.find('tom' as never, from ? { from } : {});
      expect(found).toBeInstanceOf(Dog);
      expect({ ...found }).toEqual({ id: 'tom', type: 'dog', name: 'Tom', trick: 'sit', version: 2 });
    }
  });
}
