import { expect, test } from '@jest/globals';
import { MetadataError } from '../../src/core/errors.js';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Cached, CircuitBreaker, Entity, Fallback, Field, Key } from '../../src/metadata/decorators.js';
import { defineEntity } from '../../src/metadata/define-entity.js';
import type { Loose } from '../../src/metadata/options.js';
import { told } from './build.js';

const loose = (options: Loose): Loose => options;

test('an option that a decorator does not have is a fault: misspelt, it would do nothing', () => {
  @Entity(loose({ nam: 'thing' }))
  @RedisHash(loose({ tll: '1h' }))
  @Fallback('sqlite', loose({ throuh: 'typeorm' }))
  @Cached(loose({ size: 5 }))
  @CircuitBreaker(loose({ timout: 5, hot: { restTimeout: 5 } }))
  class Thing {
    @Key(loose({ generat: 'uuid' })) id!: string;
    @Field(loose({ nulable: true, size: 4 })) name!: string;
  }
  expect(told([Thing]).sort()).toEqual([
    'Thing.id: has @Key({ generat }), which it does not know.',
    'Thing.name: has @Field({ nulable, size }), which it does not know.',
    'Thing: has @Cached({ size }), which it does not know.',
    'Thing: has @CircuitBreaker({ hot: { restTimeout } }), which it does not know.',
    'Thing: has @CircuitBreaker({ timout }), which it does not know.',
    'Thing: has @Entity({ nam }), which it does not know.',
    'Thing: has @Fallback({ throuh }), which it does not know.',
    'Thing: has @RedisHash({ tll }), which it does not know.',
  ]);
});

test('what is no object of options is a fault too', () => {
  @Entity()
  @RedisHash(loose(null))
  @Cached(loose('yes'))
  @CircuitBreaker(loose({ durable: 5 }))
  class Thing {
    @Key() id!: string;
    @Field(loose('string')) name!: string;
    @Field(loose(null)) text!: string;
  }
  expect(told([Thing]).sort()).toEqual([
    'Thing.name: has @Field() with a string for its options.',
    'Thing.text: has @Field() with null for its options.',
    'Thing: has @Cached() with a string for its options.',
    'Thing: has @CircuitBreaker({ durable: … }) with the number 5 for its options.',
    'Thing: has @RedisHash() with null for its options.',
  ]);
});

test('defineEntity() without a definition says what to give', () => {
  expect(() => defineEntity(undefined as Loose)).toThrow(MetadataError);
  expect(() => defineEntity(undefined as Loose)).toThrow(/defineEntity\(\): was given undefined\. Give a definition: /);
});
