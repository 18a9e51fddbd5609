import { describe, expect, test } from '@jest/globals';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Cached, Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import type { Loose } from '../../src/metadata/options.js';
import { schemaOf, told } from './build.js';

test('a definition is the same as a decorated class', () => {
  class Address {
    @Field() zip!: string;
  }
  @Entity('person')
  @RedisHash({ ttl: '1h' })
  @Fallback('sqlite')
  @Cached({ max: 5 })
  class Decorated {
    @Key() id!: string;
    @Field() name!: string;
    @Field({ type: 'integer', nullable: true }) age?: number | null;
    @Field({ type: [Address] }) addresses!: Address[];
    @Version() version!: number;
  }
  const Person = defineEntity({
    name: 'person',
    kind: RedisHash({ ttl: '1h' }),
    key: { id: 'string' },
    fields: { name: String, age: { type: 'integer', nullable: true }, addresses: () => [Address] },
    version: 'version',
    fallback: 'sqlite',
    cached: { max: 5 },
  });
  const { target, construct, fields, kind, ...defined } = schemaOf(Person);
  const decorated = schemaOf(Decorated);
  expect(decorated).toMatchObject(defined);
  expect(fields.map(({ codec, ...rest }) => ({ ...rest, codec: codec.name }))).toEqual(
    decorated.fields.map(({ codec, ...rest }) => ({ ...rest, codec: codec.name })),
  );
});

test('a class of the definition is made where there is none, named after the entity', () => {
  const LogEntry = defineEntity({ name: 'log_entry', kind: RedisHash(), key: { id: { generate: 'ulid' } } });
  expect(LogEntry.name).toBe('LogEntry');
  const hydrator = createHydrator(schemaOf(LogEntry));
  expect(hydrator.hydrate({ id: 'x', parts: ['x'] }, [])).toBeInstanceOf(LogEntry);
});

test('a class that is given is returned, and names the entity', () => {
  class BlogPost {
    title = '';
    shout(): string {
      return this.title.toUpperCase();
    }
  }
  const Defined = defineEntity({
    target: BlogPost,
    kind: RedisHash(),
    key: { blog: 'string', number: 'integer' },
    fields: { title: 'string' },
    fallback: { name: 'archive' },
    cached: true,
    circuitBreaker: true,
  });
  expect(Defined).toBe(BlogPost);
  const schema = schemaOf(Defined);
  expect(schema).toMatchObject({ name: 'blog_post', fallback: 'archive', cache: { max: 10_000 } });
  expect(schema.breakers?.hot?.timeout).toBe(500);
  const post = createHydrator(schema).create({ blog: 'a', number: 1, title: 'x' }) as BlogPost;
  expect(post.shout()).toBe('X');
});

test('a codec is told from options', () => {
  const upper = { name: 'upper', storage: 'text' as const, encode: (t: string) => t.toUpperCase(), decode: String };
  const Word = defineEntity({
    name: 'word',
    kind: RedisHash(),
    key: { id: 'string' },
    fields: { text: upper, again: { type: upper } },
  });
  expect(createHydrator(schemaOf(Word)).dehydrate({ text: 'a', again: 'b' })).toEqual(['A', 'B']);
});

test('variants and create are those of @Entity', () => {
  class Shape {}
  class Circle extends Shape {
    constructor(readonly radius: number) {
      super();
    }
  }
  defineEntity({
    target: Circle,
    kind: RedisHash(),
    key: {},
    fields: { radius: 'number' },
    create: (data) => new Circle(data.radius),
  });
  defineEntity({
    target: Shape,
    kind: RedisHash(),
    key: { id: 'string' },
    fields: { type: 'string' },
    by: 'type',
    variants: () => ({ circle: Circle }),
  });
  const circle = createHydrator(schemaOf(Shape)).hydrate({ id: '1', parts: ['1'] }, ['circle', 5]) as Circle;
  expect([circle.constructor, circle.radius]).toEqual([Circle, 5]);
});

describe('a definition in plain JavaScript that cannot be right', () => {
  test.each<[Loose, string[]]>([
    [{ name: 'a', key: { id: 'string' } }, ['A: has no kind.']],
    [{ name: 'a', kind: 'hash', key: { id: 'string' } }, ['A: is defined with kind: hash.', 'A: has no kind.']],
    [{ name: 'a', kind: RedisHash() }, ['A: has no key.']],
    [
      { name: 'a', kind: RedisHash(), key: { id: 'string' }, feilds: {} },
      ['A: is defined with feilds, which defineEntity() does not know.'],
    ],
    [{ name: 'a', kind: RedisHash(), key: { id: 'string' }, fields: { x: null } }, ['A.x: has null for a type.']],
    [{ kind: RedisHash(), key: { id: 'string' } }, []],
  ])('%#', (definition, faults) => {
    expect(told([defineEntity(definition)])).toEqual(faults);
  });

  test('is told once with all others when a class is defined twice', () => {
    class Twice {}
    const definition = { target: Twice, kind: RedisHash(), key: { id: 'string' } } as const;
    defineEntity(definition);
    expect(told([defineEntity(definition)])).toEqual([
      'Twice: has two @Entity decorators.',
      'Twice.id: has two @Key decorators.',
      'Twice: has 2 kinds: @RedisHash and @RedisHash.',
    ]);
  });
});
