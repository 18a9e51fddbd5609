import type { EntityDecorator, FieldDecorator, KeyDecorator, VersionDecorator } from './decorator-types.js';
import type {
  CachedOptions,
  CircuitBreakerOptions,
  EntityOptions,
  FallbackOptions,
  FieldOptions,
  KeyOptions,
} from './options.js';
import { classDeclaration, recordProperty } from './record.js';
import { type Aspects, recordAspect } from './store.js';

const aspect =
  <A extends keyof Aspects>(name: A, options: Aspects[A]): EntityDecorator =>
  (target, context) =>
    recordAspect(classDeclaration(target, context), name, options);

/**
 * Declares a class as an entity. Its name in every store is the class's name in snake_case, or the one given.
 *
 * @example
 * @Entity('people') @RedisHash()
 * class Person { @Key() id!: string; @Field() name!: string }
 */
export function Entity(nameOrOptions: string | EntityOptions = {}): EntityDecorator {
  return aspect('Entity', typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions);
}

/** Gives an entity its durable home: the name of one of `open({ fallbacks })`. */
export function Fallback(name: string, options: FallbackOptions = {}): EntityDecorator {
  return aspect('Fallback', { ...options, name });
}

/** Keeps an entity's values in the process too, in an LRU, for a short time. */
export function Cached(options: CachedOptions = {}): EntityDecorator {
  return aspect('Cached', options);
}

/** Gives an entity circuit breakers of its own; others share those of their tiers. */
export function CircuitBreaker(options: CircuitBreakerOptions = {}): EntityDecorator {
  return aspect('CircuitBreaker', options);
}

/** Declares a property of the key: `id`, or those named in `[KeyProps]`, in the order of their decorators. */
export function Key(options: KeyOptions = {}): KeyDecorator {
  return ((target: unknown, subject: unknown, descriptor?: PropertyDescriptor) =>
    recordProperty(target, subject, descriptor, { role: 'key', decorator: 'Key', options })) as KeyDecorator;
}

/** Declares a stored property. */
export function Field(options: FieldOptions = {}): FieldDecorator {
  return ((target: unknown, subject: unknown, descriptor?: PropertyDescriptor) =>
    recordProperty(target, subject, descriptor, { role: 'field', decorator: 'Field', options })) as FieldDecorator;
}

/** Declares the property that counts versions: saving an entity that others have saved since is a `VersionConflictError`. */
export function Version(): VersionDecorator {
  return ((target: unknown, subject: unknown, descriptor?: PropertyDescriptor) =>
    recordProperty(target, subject, descriptor, {
      role: 'version',
      decorator: 'Version',
      options: {},
    })) as VersionDecorator;
}
