import { describe, expect, test } from '@jest/globals';
import { codecs } from '../../src/core/codecs.js';
import { ValidationError } from '../../src/core/errors.js';
import type { MappedEntity } from '../../src/core/mapped.js';
import type { FieldPart } from '../../src/core/schema.js';
import { Flag, Value } from '../../src/kinds/flag-decorator.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Fallback, Field, Key, Version } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import type { Loose } from '../../src/metadata/options.js';
import { recordProperty } from '../../src/metadata/record.js';
import { type FlagValue, KeyProps } from '../../src/metadata/types.js';
import { faultsOf, schemaOf, told } from './build.js';
import { type Decorator, entityWith, field } from './entity-with.js';

const value = (options?: Loose) => Value(options) as Decorator;
const flagWith = (properties: Record<string, Decorator | Decorator[]>, ...more: ((target: Loose) => void)[]) =>
  entityWith(properties, Flag() as (target: Loose) => void, ...more);

@Entity()
@Flag({ ttl: '1h' })
@Fallback('sqlite')
class Visited {
  declare [KeyProps]?: ['user', 'city'];
  @Key() user!: string;
  @Key({ type: 'integer' }) city!: number;
  @Value({ name: 'was_seen' }) seen!: FlagValue;
}

test('a flag is a boolean that every entity has', () => {
  const schema = schemaOf(Visited);
  expect(schema).toMatchObject({ name: 'visited', ttl: 3_600_000, version: undefined });
  expect(schema.kind.name).toBe('flag');
  expect(schema.keys.map(({ name }) => name)).toEqual(['user', 'city']);
  expect(schema.fields).toMatchObject([
    { name: 'seen', column: 'was_seen', storage: 'boolean', nullable: false, required: true },
  ]);
});

test('a definition of a flag is the same as a decorated class', () => {
  const Defined = defineEntity({
    name: 'visited',
    kind: Flag({ ttl: '1h' }),
    key: { user: 'string', city: 'integer' },
    value: 'seen',
    fallback: 'sqlite',
  });
  @Entity('visited')
  class Same extends Visited {
    @Value() declare seen: FlagValue;
  }
  expect(schemaOf(Defined).fields).toEqual(schemaOf(Same).fields);
  expect(schemaOf(Defined).fingerprint).toBe(schemaOf(Same).fingerprint);
});

test('a flag has another fingerprint than a hash of the same field', () => {
  const hash = entityWith({ seen: field({ type: 'boolean' }) });
  expect(schemaOf(flagWith({ seen: value() })).fingerprint).not.toBe(schemaOf(hash).fingerprint);
});

test('entities of a flag come and go as their class, with true or false', () => {
  const hydrator = createHydrator(schemaOf(Visited));
  const key = { id: 'u:1', parts: ['u', 1] };
  const entity = hydrator.hydrate(key, [false]);
  expect(entity).toBeInstanceOf(Visited);
  expect(entity).toEqual(Object.assign(new Visited(), { user: 'u', city: 1, seen: false }));
  expect(hydrator.dehydrate(entity)).toEqual([false]);
  expect(hydrator.patchOf({ seen: true }).set).toEqual(new Map([[0, true]]));
  expect(hydrator.patchOf({ seen: undefined }).set).toEqual(new Map());
  const refused = (data: object, fact: RegExp) => {
    expect(() => hydrator.dehydrate(data)).toThrow(ValidationError);
    expect(() => hydrator.dehydrate(data)).toThrow(fact);
  };
  refused({ user: 'u', city: 1 }, /^Visited.seen is missing, which every Visited has\. Give it a value\.$/);
  refused({ user: 'u', city: 1, seen: null }, /^Visited.seen must be of type boolean, got null.*Give another value\.$/);
  refused({ user: 'u', city: 1, seen: 1 }, /^Visited.seen must be a boolean, got the number 1\. Give another value\.$/);
  expect(() => hydrator.patchOf({ seen: null })).toThrow(ValidationError);
});

describe('faults of a flag', () => {
  test('it has a value', () => {
    expect(faultsOf([flagWith({})])).toEqual([
      {
        subject: 'Thing',
        fact: 'is a @Flag without a value.',
        remedy: 'Put @Value() on a property of type FlagValue.',
      },
    ]);
  });

  test('it has one value', () => {
    expect(told([flagWith({ seen: value(), liked: value() })])).toEqual([
      'Thing: is a @Flag with 2 values: seen and liked.',
    ]);
    expect(told([flagWith({ seen: [value(), value()] })])).toEqual(['Thing.seen: has two @Value decorators.']);
  });

  test('it has neither fields nor a version, nor what other kinds have', () => {
    const members: Decorator = (target, property) =>
      recordProperty(target, property, undefined, { role: 'value', decorator: 'Members', options: {} });
    const thing = flagWith({
      seen: value(),
      at: field({ type: 'date' }),
      version: Version() as Decorator,
      tracks: members,
    });
    expect(told([thing])).toEqual([
      'Thing.at: is declared with @Field(), which a @Flag does not have.',
      'Thing.version: is declared with @Version(), which a @Flag does not have.',
      'Thing.tracks: is declared with @Members(), which a @Flag does not have.',
    ]);
    expect(faultsOf([thing])[0]!.remedy).toBe(
      'A @Flag has one @Value(); leave this out, or make the class a @RedisHash().',
    );
  });

  test('its value does not belong on a hash, nor into a nested class', () => {
    class Part {}
    (Field({ type: 'string' }) as Loose)(Part.prototype, 'name');
    value()(Part.prototype, 'seen');
    expect(told([entityWith({ seen: value(), part: field({ type: () => Part }) })])).toEqual([
      'Thing.seen: is declared with @Value(), which a @RedisHash does not have.',
      'Part.seen: is declared with @Value(), but its class is part of another.',
    ]);
  });

  test('its value is a FlagValue', () => {
    @Entity()
    @(Flag() as Loose)
    class Visit {
      @Key() id!: string;
      @(Value() as Loose) seen!: string;
    }
    expect(faultsOf([Visit])).toEqual([
      { subject: 'Visit.seen', fact: 'is of type String.', remedy: 'Declare it as FlagValue.' },
    ]);
  });

  test('it has one kind, a key, and names that can be stored', () => {
    const both = flagWith({ seen: value() }, RedisHash() as (target: Loose) => void);
    expect(told([both])).toContain('Thing: has 2 kinds: @Flag and @RedisHash.');
    @Entity()
    @Flag()
    class Keyless {
      @Value() seen!: FlagValue;
    }
    expect(told([Keyless])).toEqual(['Keyless: has no key.']);
    expect(told([flagWith({ seen: value({ name: '~' }) })])[0]).toMatch(
      /^Thing\.seen: is stored as '~', which is where/,
    );
    expect(told([flagWith({ seen: value({ nmae: 'x' }) })])[0]).toMatch(
      /^Thing\.seen: has @Value\(\{ nmae \}\), which/,
    );
    expect(told([flagWith({ seen: value({ name: 'id' }) })])).toEqual([
      "Thing.id: is stored as 'id', as Thing.seen is.",
    ]);
    expect(told([entityWith({ seen: value() }, Flag({ tll: 5 } as Loose) as (target: Loose) => void)])[0]).toMatch(
      /tll/,
    );
  });

  test('it has no variants', () => {
    @Entity({ by: 'seen', variants: () => ({ yes: Yes }) })
    @Flag()
    class Maybe {
      @Key() id!: string;
      @Value() seen!: FlagValue;
    }
    class Yes extends Maybe {}
    expect(told([Maybe])).toEqual(['Maybe: has variants, which a @Flag cannot have.']);
  });
});

describe('a flag that TypeORM maps', () => {
  const column = (more: Partial<FieldPart> = {}): FieldPart => ({
    name: 'seen',
    column: 'seen',
    codec: codecs.boolean,
    storage: 'boolean',
    nullable: false,
    index: false,
    ...more,
  });
  const mapping = (...fields: FieldPart[]) => ({
    mapped: (target: Function): MappedEntity => ({
      target,
      table: 'visits',
      keys: [{ name: 'id', column: 'id', type: 'string', storage: 'text' }],
      fields,
      version: undefined,
      refusals: [],
      faults: [],
    }),
  });
  @Fallback('sqlite')
  @(Flag() as Loose)
  class Visit {}

  test('needs the kind and the fallback only', () => {
    expect(schemaOf(Visit, mapping(column())).fields).toMatchObject([{ name: 'seen', required: true }]);
  });

  test.each([
    ['none', []],
    ['two', [column(), column({ name: 'liked', column: 'liked' })]],
    ['one of another type', [column({ codec: codecs.string, storage: 'text' })]],
    ['one that may be null', [column({ nullable: true })]],
  ])('has one column beside the key, a boolean, not %s', (_, fields) => {
    expect(told([Visit], mapping(...fields))).toEqual([
      'Visit: is a @Flag, but the table that TypeORM maps has others than one column beside the key: of type boolean, and not nullable.',
    ]);
  });
});
