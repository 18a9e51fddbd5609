import { expect, test } from '@jest/globals';
import { codecs } from '../../src/core/codecs.js';
import type { MappedEntity } from '../../src/core/mapped.js';
import type { FieldPart } from '../../src/core/schema.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Fallback, Field } from '../../src/metadata/decorators.js';
import { createHydrator } from '../../src/metadata/hydrator.js';
import { schemaOf, told } from './build.js';

const part = (name: string, column: string, type: 'string' | 'integer'): FieldPart => ({
  name,
  column,
  codec: codecs[type],
  storage: codecs[type].storage,
  nullable: true,
  index: false,
});
const describeWith =
  (change: Partial<MappedEntity> = {}) =>
  (target: Function): MappedEntity => ({
    target,
    table: 'legacy_users',
    keys: [{ name: 'id', column: 'user_id', type: 'integer', storage: 'integer' }],
    fields: [part('name', 'full_name', 'string'), part('revision', 'rev', 'integer')],
    version: 'revision',
    refusals: [],
    faults: [],
    ...change,
  });
const refusals = [{ property: undefined, fact: 'has a listener (@AfterLoad).', remedy: "Add { through: 'typeorm' }." }];

test('a class that TypeORM maps needs the kind and the fallback only', () => {
  @RedisHash()
  @Fallback('sqlite')
  class LegacyUser {
    constructor(readonly first?: string) {}
  }
  const schema = schemaOf(LegacyUser, { mapped: describeWith() });
  expect(schema).toMatchObject({
    name: 'legacy_user',
    fallback: 'sqlite',
    mappedByTypeorm: true,
    throughTypeorm: false,
    version: 1,
  });
  expect(schema.keys[0]).toMatchObject({ name: 'id', column: 'user_id', type: 'integer' });
  expect(schema.fields.map(({ column }) => column)).toEqual(['full_name', 'rev']);
  const user = createHydrator(schema).hydrate({ id: '1', parts: [1] }, ['Ann', 2]);
  expect(user).toBeInstanceOf(LegacyUser);
  expect(user).toMatchObject({ id: 1, name: 'Ann', revision: 2 });
});

test('an entity name can still be given', () => {
  @Entity('user')
  @RedisHash()
  @Fallback('sqlite')
  class LegacyUser {}
  expect(schemaOf(LegacyUser, { mapped: describeWith() }).name).toBe('user');
});

test('what only TypeORM itself can do is refused, unless the entity goes through TypeORM', () => {
  @RedisHash()
  @Fallback('sqlite')
  class Direct {}
  @RedisHash()
  @Fallback('sqlite', { through: 'typeorm' })
  class Through {}
  expect(told([Direct, Through], { mapped: describeWith({ refusals }) })).toEqual([
    'Direct: has a listener (@AfterLoad).',
  ]);
  expect(schemaOf(Through, { mapped: describeWith({ refusals }) }).throughTypeorm).toBe(true);
});

test('what cannot be stored at all is refused either way, with its property', () => {
  @RedisHash()
  @Fallback('sqlite', { through: 'typeorm' })
  class Through {}
  const faults = [
    { property: 'area', fact: 'is of column type polygon, which has no codec.', remedy: 'Leave it out.' },
  ];
  expect(told([Through], { mapped: describeWith({ faults }) })).toEqual([
    'Through.area: is of column type polygon, which has no codec.',
  ]);
});

test('it needs a kind and a fallback, and no fields of Holdfast beside its own', () => {
  class Bare {}
  @RedisHash()
  class Homeless {}
  @RedisHash()
  @Fallback('sqlite')
  class Both {
    @Field() name!: string;
  }
  expect(told([Bare, Homeless, Both], { mapped: describeWith() })).toEqual([
    'Bare: is mapped by TypeORM, but has no kind.',
    'Homeless: is mapped by TypeORM, but has no fallback.',
    'Both: is mapped by TypeORM, and also has @Field() name.',
  ]);
});
