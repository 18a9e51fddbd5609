import { describe, expect, test } from '@jest/globals';
import { MetadataError } from '../../src/core/errors.js';
import { hash } from '../../src/kinds/hash.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';
import { kindDecorator } from '../../src/metadata/record-kind.js';
import { buildSchemas } from '../../src/metadata/registry.js';
import { faultsOf, told } from './build.js';
import { type Decorator, entityWith } from './entity-with.js';

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

  test('have a function for create', () => {
    const thing = entityWith({});
    class Other extends thing {}
    Entity({ create: 'Thing' as never })(Other);
    expect(told([Other])).toEqual(['Other: has create: Thing.']);
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
