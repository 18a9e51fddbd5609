import { describe, expect, test } from '@jest/globals';
import { MetadataError } from '../../src/core/errors.js';
import { hash } from '../../src/kinds/hash.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';
import { recordProperty } from '../../src/metadata/record.js';
import { kindDecorator } from '../../src/metadata/record-kind.js';
import { buildSchemas } from '../../src/metadata/registry.js';
import { faultsOf, told } from './build.js';

type Decorator = (target: Loose, property: Loose) => void;

/** An entity with a key and the given property decorators. */
function entityWith(
  properties: Record<string, Decorator | Decorator[]>,
  ...classDecorators: ((target: Loose) => void)[]
) {
  class Thing {}
  Entity()(Thing);
  if (classDecorators.length === 0) RedisHash()(Thing);
  for (const decorate of classDecorators) decorate(Thing);
  (Key({ type: 'string' }) as Decorator)(Thing.prototype, 'id');
  for (const [name, decorators] of Object.entries(properties))
    for (const decorate of [decorators].flat()) decorate(Thing.prototype, name);
  return Thing;
}
const field = (options?: Loose) => Field(options) as Decorator;

test('all faults of all entities come in one error that says where, what and what instead', () => {
  @Entity()
  @Fallback('mysql')
  class Person {
    @Field() email?: string | null;
  }
  class Stranger {}
  const open = () => buildSchemas([Person, Stranger], { fallbacks: ['sqlite'], hot: true });
  expect(open).toThrow(MetadataError);
  expect(open).toThrow(
    [
      '5 faults in the declared entities:',
      '  - Person: has no kind. Say what it is in Redis: @RedisHash().',
      "  - Person: is declared with @Fallback('mysql'), but open() was given no fallback of that name (it has: sqlite). Add it to 'fallbacks'.",
      "  - Person.email: is of a union, an interface or another type of which nothing is left when it runs, or its type is not written. Give the type: @Field({ type: 'string' }), or 'json' for data of any shape.",
      '  - Person: has no key. Put @Key() on the property that identifies it.',
      "  - Stranger: is not declared as an entity. Write @Entity() @RedisHash() above the class (imported from 'holdfast'), or use defineEntity().",
    ].join('\n'),
  );
});

describe('entities', () => {
  test('must be classes: what is undefined comes from modules that import each other', () => {
    const [fault] = faultsOf([entityWith({}), undefined]);
    expect(fault).toEqual({
      subject: 'entities[1]',
      fact: 'is undefined, not a class.',
      remedy: 'List classes; one that is undefined comes from modules that import each other.',
    });
    expect(told(['person', null])).toEqual([
      'entities[0]: is a string, not a class.',
      'entities[1]: is null, not a class.',
    ]);
  });

  test('given twice are taken once', () => {
    const thing = entityWith({});
    expect(buildSchemas([thing, thing], { fallbacks: [], hot: true })).toHaveLength(1);
  });

  test('need @Entity() beside their kind', () => {
    @RedisHash()
    class Person {
      @Key() id!: string;
    }
    expect(told([Person])).toEqual(['Person: has a kind, but no @Entity().']);
  });

  test('have one kind', () => {
    const other = kindDecorator(hash, 'SortedSet')({}) as (target: Loose) => void;
    expect(told([entityWith({}, RedisHash(), other)])).toEqual(['Thing: has 2 kinds: @RedisHash and @SortedSet.']);
    expect(told([entityWith({}, RedisHash(), RedisHash())])).toEqual([
      'Thing: has 2 kinds: @RedisHash and @RedisHash.',
    ]);
  });

  test('say each thing once', () => {
    const twice = [RedisHash(), Fallback('sqlite'), Fallback('archive'), Cached(), Cached()];
    expect(told([entityWith({}, ...twice)])).toEqual([
      'Thing: has two @Fallback decorators.',
      'Thing: has two @Cached decorators.',
    ]);
  });

  test('have different names, also but for upper and lower case', () => {
    @Entity('people')
    @RedisHash()
    class Person {
      @Key() id!: string;
    }
    @Entity('People')
    @RedisHash()
    class Human {
      @Key() id!: string;
    }
    expect(told([Person, Human])).toEqual(["Human: has the entity name 'People', as Person has."]);
  });

  test.each([
    ['', 'is not made of letters'],
    ['a:b', 'is not made of letters'],
    ['{x}', 'is not made of letters'],
    ['1st', 'is not made of letters'],
    ['__proto__', 'JavaScript keeps for itself'],
    ['constructor', 'JavaScript keeps for itself'],
    ['holdfast_outbox', "begins with 'holdfast_'"],
    ['n'.repeat(64), 'longer than 63 bytes'],
    ['ä'.repeat(32), 'longer than 63 bytes'],
    [42 as never, 'is not a string'],
  ])('cannot be named %j', (name, fact) => {
    @Entity({ name })
    @RedisHash()
    class Person {
      @Key() id!: string;
    }
    expect(told([Person])).toEqual([expect.stringContaining(fact)]);
  });

  test('need a hot tier or a fallback to be stored in', () => {
    expect(told([entityWith({})], { hot: false })).toEqual([
      'Thing: has no fallback, and open() was given redis: false, so it would be stored nowhere.',
    ]);
    expect(told([entityWith({}, RedisHash(), Fallback('sqlite'))], { hot: false })).toEqual([]);
  });

  test('whose constructor takes arguments need create', () => {
    @Entity()
    @RedisHash()
    class Person {
      @Key() readonly id: string;
      constructor(id: string) {
        this.id = id;
      }
    }
    expect(faultsOf([Person])).toEqual([
      {
        subject: 'Person',
        fact: 'is made without arguments when it is read, but its constructor takes some.',
        remedy: 'Give @Entity({ create: (data) => new Person(…) }), or let it take none.',
      },
    ]);
  });
});

describe('a fallback', () => {
  const withFallback = (...args: Loose[]) =>
    entityWith({}, RedisHash(), (Fallback as (...given: Loose[]) => (target: Loose) => void)(...args));

  test('must be one that open() was given', () => {
    expect(told([withFallback('mongo')])).toEqual([
      "Thing: is declared with @Fallback('mongo'), but open() was given no fallback of that name (it has: sqlite, archive).",
    ]);
    expect(told([withFallback('mongo')], { fallbacks: [] })).toEqual([expect.stringContaining('(it has none)')]);
    expect(told([withFallback(undefined)])).toEqual([expect.stringContaining('@Fallback(undefined)')]);
  });

  test.each([
    [{ write: 'behind' }, "has write: 'behind', which this version of Holdfast does not have."],
    [{ write: 'sometimes' }, "has @Fallback('sqlite', { write: 'sometimes' })."],
    [{ through: 'typeorm' }, "goes through TypeORM's repository (through: 'typeorm'), but TypeORM does not map it."],
    [{ through: 'prisma' }, "has @Fallback('sqlite', { through: 'prisma' })."],
  ])('cannot have %j', (options, fact) => {
    expect(told([withFallback('sqlite', options)])).toEqual([`Thing: ${fact}`]);
  });
});

describe('keys', () => {
  const keyed = (options: Loose) => {
    class Thing {}
    Entity()(Thing);
    RedisHash()(Thing);
    (Key(options) as Decorator)(Thing.prototype, 'id');
    return Thing;
  };

  test.each([
    [{ type: 'boolean' }, 'is of type boolean, which a key cannot have.'],
    [{ type: 'json' }, 'is of type json, which a key cannot have.'],
    [{ type: 'uuid' }, "is of type 'uuid', which there is not."],
    [{ type: Map }, 'is of type Map, which cannot be stored.'],
    [{}, 'has no type: the compiler emitted none (design:type).'],
    [{ generate: 'serial', type: 'string' }, 'has generate: serial.'],
    [{ generate: 'uuid', type: 'integer' }, 'is of type integer, but is generated, which makes strings.'],
  ])('cannot be %j', (options, fact) => {
    expect(told([keyed(options)])).toEqual([`Thing.id: ${fact}`]);
  });

  test('of an emitted type that a key cannot have are told what it can be', () => {
    @Entity()
    @RedisHash()
    class Person {
      @Key() id!: string | number;
    }
    const [fault] = faultsOf([Person]);
    expect(fault?.subject).toBe('Person.id');
    expect(fault?.remedy).toContain('A key is one of string, number, integer, bigint, date');
  });

  test('that are generated are strings without saying so', () => {
    expect(told([keyed({ generate: 'ulid' })])).toEqual([]);
  });
});

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
      recordProperty(target, property, undefined, { role: 'collection', decorator: 'Members', options: {} });
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

describe('versions', () => {
  test('are counted in one number', () => {
    @Entity()
    @RedisHash()
    class Person {
      @Key() id!: string;
      @Version() a!: number;
      @Version() b!: number;
    }
    expect(told([Person])).toEqual(['Person: counts versions twice, in a and b.']);
  });

  test('are numbers', () => {
    @Entity()
    @RedisHash()
    class Person {
      @Key() id!: string;
      // @ts-expect-error a version is a number
      @Version() version!: string;
    }
    expect(told([Person])).toEqual(['Person.version: counts versions, but is of type String.']);
  });
});

describe('settings', () => {
  test.each<[Loose, string]>([
    [{ ttl: '1y' }, "has @RedisHash({ ttl: '1y' })."],
    [{ ttl: 0 }, 'has @RedisHash({ ttl: 0 }).'],
    [{ ttl: -5 }, 'has @RedisHash({ ttl: -5 }).'],
    [{ ttl: Number.NaN }, 'has @RedisHash({ ttl: NaN }).'],
    [{ absentTtl: 'soon' }, "has @RedisHash({ absentTtl: 'soon' })."],
    [{ jitter: 1.5 }, 'has @RedisHash({ jitter: 1.5 }).'],
    [{ jitter: '0.1' }, "has @RedisHash({ jitter: '0.1' })."],
  ])('of a hash cannot be %j', (options, fact) => {
    expect(told([entityWith({}, RedisHash(options))])).toEqual([`Thing: ${fact}`]);
  });

  test.each<[Loose, string]>([
    [{ max: 0 }, 'has @Cached({ max: 0 }).'],
    [{ max: 1.5 }, 'has @Cached({ max: 1.5 }).'],
    [{ max: Number.POSITIVE_INFINITY }, 'has @Cached({ max: Infinity }).'],
    [{ ttl: '5 s' }, "has @Cached({ ttl: '5 s' })."],
    [{ staleIfError: -1 }, 'has @Cached({ staleIfError: -1 }).'],
    [{ jitter: -0.1 }, 'has @Cached({ jitter: -0.1 }).'],
    [{ store: { get() {}, set() {} } }, "has @Cached({ store: 'a cache' })."],
  ])('of a cache cannot be %j', (options, fact) => {
    expect(told([entityWith({}, RedisHash(), Cached(options))])).toEqual([`Thing: ${fact}`]);
  });

  test.each<[Loose, string]>([
    [{ errorThresholdPercentage: 0 }, 'has @CircuitBreaker({ errorThresholdPercentage: 0 }).'],
    [{ errorThresholdPercentage: 101 }, 'has @CircuitBreaker({ errorThresholdPercentage: 101 }).'],
    [{ volumeThreshold: -1 }, 'has @CircuitBreaker({ volumeThreshold: -1 }).'],
    [{ resetTimeout: '10sec' }, "has @CircuitBreaker({ resetTimeout: '10sec' })."],
    [{ hot: { timeout: 0 } }, 'has @CircuitBreaker({ timeout: 0 }).'],
    [{ isFault: 'yes' }, "has @CircuitBreaker({ isFault: 'yes' })."],
  ])('of a breaker cannot be %j', (options, fact) => {
    expect(told([entityWith({}, RedisHash(), CircuitBreaker(options))])).toEqual([`Thing: ${fact}`]);
  });
});
