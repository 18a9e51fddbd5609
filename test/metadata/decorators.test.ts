import { describe, expect, test } from '@jest/globals';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import type { Loose } from '../../src/metadata/options.js';
import { schemaOf } from './build.js';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}
enum Level {
  Low,
  High,
}

@Entity()
@RedisHash()
class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field() age!: number;
}

test('a decorated class becomes a schema with what the compiler says of its types', () => {
  const schema = schemaOf(Person);
  expect(schema).toMatchObject({ name: 'person', target: Person, version: undefined, fallback: undefined });
  expect(schema.kind.name).toBe('hash');
  expect(schema.keys).toEqual([{ name: 'id', column: 'id', type: 'string', storage: 'text' }]);
  expect(schema.fields.map(({ name, storage }) => [name, storage])).toEqual([
    ['name', 'text'],
    ['age', 'number'],
  ]);
});

test('every type that the compiler emits is stored as what it is', () => {
  @Entity()
  @RedisHash()
  class Everything {
    @Key() id!: bigint;
    @Field() string!: string;
    @Field() number!: number;
    @Field() bigint!: bigint;
    @Field() boolean!: boolean;
    @Field() date!: Date;
    @Field() buffer!: Buffer;
    @Field() bytes!: Uint8Array;
    @Field() array!: string[];
    @Field() colour!: Colour;
    @Field() level!: Level;
    @Field() literal!: 'a' | 'b';
  }
  const types = Object.fromEntries(schemaOf(Everything).fields.map(({ name, codec }) => [name, codec.name]));
  expect(types).toEqual({
    string: 'string',
    number: 'number',
    bigint: 'bigint',
    boolean: 'boolean',
    date: 'date',
    buffer: 'bytes',
    bytes: 'bytes',
    array: 'json',
    colour: 'string',
    level: 'number',
    literal: 'string',
  });
});

test('a declared type goes before the emitted one', () => {
  @Entity()
  @RedisHash()
  class Typed {
    @Key({ type: 'integer' }) id!: number;
    @Field({ type: 'text' }) story!: string;
    @Field({ type: Date }) at!: unknown;
    @Field({ type: 'string', nullable: true, name: 'mail', length: 80, index: true }) email?: string | null;
  }
  const schema = schemaOf(Typed);
  expect(schema.keys[0]).toMatchObject({ type: 'integer', storage: 'integer' });
  expect(schema.fields.map(({ codec }) => codec.name)).toEqual(['text', 'date', 'string']);
  expect(schema.fields[2]).toMatchObject({ name: 'email', column: 'mail', nullable: true, length: 80, index: true });
});

describe('the name of an entity', () => {
  test.each([
    ['Person', 'person'],
    ['HTTPLogEntry', 'http_log_entry'],
    ['OrderV2Item', 'order_v2_item'],
    ['_Internal', 'internal'],
    ['person', 'person'],
  ])('of class %s is %s', (className, name) => {
    const target = { [className]: class {} }[className]!;
    Entity()(target);
    RedisHash()(target);
    Key({ type: 'string' })(target.prototype as { id: string }, 'id');
    expect(schemaOf(target).name).toBe(name);
  });

  test('is the one that is given, in either form', () => {
    @Entity('people')
    @RedisHash()
    class A {
      @Key() id!: string;
    }
    @Entity({ name: 'folk' })
    @RedisHash()
    class B {
      @Key() id!: string;
    }
    expect([schemaOf(A).name, schemaOf(B).name]).toEqual(['people', 'folk']);
  });

  test('stays that of the decorated class when a later decorator puts another in its place', () => {
    const replaced = <C extends new (...args: Loose[]) => object>(target: C): C => class extends target {};
    @replaced
    @Entity()
    @RedisHash({ ttl: '1m' })
    class Guest {
      @Key() id!: string;
      @Field() name!: string;
    }
    expect(schemaOf(Guest)).toMatchObject({ name: 'guest', ttl: 60_000, target: Guest });
  });
});

describe('inheritance', () => {
  @RedisHash({ ttl: '1h' })
  @Fallback('sqlite')
  @Cached({ max: 5 })
  abstract class Stored {
    @Key() id!: string;
    @Field() createdAt!: Date;
    @Field() note!: string;
  }

  @Entity()
  class Article extends Stored {
    @Field() title!: string;
    @Field({ type: 'json', nullable: true }) declare note: string;
  }

  @Entity()
  @RedisHash({ ttl: '2h' })
  @Fallback('archive')
  class Report extends Stored {}

  test('fields of a base class come first, and a subclass may declare them anew', () => {
    const { keys, fields } = schemaOf(Article);
    expect(keys.map((key) => key.name)).toEqual(['id']);
    expect(fields.map(({ name, codec }) => `${name}:${codec.name}`)).toEqual([
      'createdAt:date',
      'note:json',
      'title:string',
    ]);
  });

  test('kind, fallback and cache are those of the base class unless the subclass has its own', () => {
    expect(schemaOf(Article)).toMatchObject({ ttl: 3_600_000, fallback: 'sqlite', cache: { max: 5 } });
    expect(schemaOf(Report)).toMatchObject({ ttl: 7_200_000, fallback: 'archive', cache: { max: 5 } });
  });

  test('a subclass adds nothing to its base class or to its siblings', () => {
    expect(schemaOf(Report).fields.map(({ name }) => name)).toEqual(['createdAt', 'note']);
  });
});

describe('settings', () => {
  test('have defaults that are safe', () => {
    expect(schemaOf(Person)).toMatchObject({ ttl: undefined, absentTtl: 30_000, jitter: 0.1 });
    expect(schemaOf(Person).cache).toBeUndefined();
    expect(schemaOf(Person).breakers).toBeUndefined();
  });

  test('of a cache and of breakers begin with the defaults, in milliseconds', () => {
    @Entity()
    @RedisHash({ ttl: '90s', absentTtl: 0, jitter: 0 })
    @Cached({ staleIfError: '1m' })
    @CircuitBreaker()
    class Cautious {
      @Key() id!: string;
    }
    const breaker = { errorThresholdPercentage: 50, volumeThreshold: 5, resetTimeout: 10_000 };
    expect(schemaOf(Cautious)).toMatchObject({
      ttl: 90_000,
      absentTtl: 0,
      jitter: 0,
      cache: { max: 10_000, ttl: 5_000, jitter: 0.1, staleIfError: 60_000 },
      breakers: { hot: { ...breaker, timeout: 500 }, durable: { ...breaker, timeout: 5_000 } },
    });
  });

  test('of one tier go before those of both, and alone leave the other tier its shared breaker', () => {
    const isFault = () => true;
    @Entity()
    @RedisHash()
    @CircuitBreaker({ timeout: '1s', volumeThreshold: 0, isFault, durable: { timeout: '9s' } })
    class Both {
      @Key() id!: string;
    }
    @Entity()
    @RedisHash()
    @CircuitBreaker({ hot: { resetTimeout: 1 } })
    class One {
      @Key() id!: string;
    }
    expect(schemaOf(Both).breakers).toMatchObject({
      hot: { timeout: 1_000, volumeThreshold: 0, isFault },
      durable: { timeout: 9_000, volumeThreshold: 0, isFault },
    });
    expect(schemaOf(One).breakers).toEqual({ hot: expect.objectContaining({ resetTimeout: 1 }) });
  });

  test('a cache of the user is taken as it is', () => {
    const store = new Map();
    @Entity()
    @RedisHash()
    @Cached({ store })
    class Mine {
      @Key() id!: string;
    }
    expect(schemaOf(Mine).cache?.store).toBe(store);
  });
});

test('the version is a whole number in its place among the fields', () => {
  @Entity()
  @RedisHash()
  class Counted {
    @Key() id!: string;
    @Field() name!: string;
    @Version() version!: number;
  }
  const { version, fields } = schemaOf(Counted);
  expect(version).toBe(1);
  expect(fields[1]).toMatchObject({ name: 'version', storage: 'integer', nullable: false });
});

test('a schema cannot be changed', () => {
  const schema = schemaOf(Person);
  for (const part of [schema, schema.keys, schema.fields, schema.keys[0], schema.fields[0]])
    expect(Object.isFrozen(part)).toBe(true);
});

describe('the fingerprint', () => {
  const print = (declare: (prototype: object) => void, kind = RedisHash()): string => {
    class Thing {
      id!: string;
    }
    Entity()(Thing);
    kind(Thing);
    Key({ type: 'string' })(Thing.prototype, 'id');
    declare(Thing.prototype);
    return schemaOf(Thing).fingerprint;
  };
  const declares =
    (...fields: [name: string, type: 'string' | 'number' | 'integer' | 'version'][]) =>
    (at: object) => {
      for (const [name, type] of fields)
        if (type === 'version') Version()(at, name as never);
        else Field({ type })(at, name);
    };
  const base = print((at) => {
    Field({ type: 'string' })(at, 'a');
    Field({ type: 'number' })(at, 'b');
  });

  test('is eight hexadecimal characters, the same for the same declaration', () => {
    expect(base).toMatch(/^[0-9a-f]{8}$/);
    const again = print(
      (at) => {
        Field({ type: 'string', nullable: true, index: true })(at, 'a');
        Field({ type: 'number', default: 1 })(at, 'b');
      },
      RedisHash({ ttl: 5 }),
    );
    expect(again).toBe(base);
  });

  test.each<[string, (at: object) => void]>([
    ['a type', declares(['a', 'string'], ['b', 'integer'])],
    ['a name', declares(['a', 'string'], ['c', 'number'])],
    ['the order', declares(['b', 'number'], ['a', 'string'])],
    ['the number of fields', declares(['a', 'string'])],
    ['a version', declares(['a', 'string'], ['b', 'version'])],
  ])('changes with %s', (_, declare) => {
    expect(print(declare)).not.toBe(base);
  });

  test('changes with the fields of a nested class', () => {
    const nested = (type: 'string' | 'integer') => {
      class Inner {
        zip!: unknown;
      }
      Field({ type })(Inner.prototype, 'zip');
      return print((at) => Field({ type: [Inner] })(at, 'inner'));
    };
    expect(nested('string')).toBe(nested('string'));
    expect(nested('string')).not.toBe(nested('integer'));
  });
});
