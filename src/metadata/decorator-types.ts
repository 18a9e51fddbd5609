import type { Loose } from './options.js';
import type { Class, KeyName, KeyValue, KindOf, KindOfProperty } from './types.js';

/** A decorator of any class. */
export type EntityDecorator = <C extends Class<object>>(target: C, context?: ClassDecoratorContext) => void;

interface WrongKind<K extends string> {
  readonly holdfast: `the class needs a property whose type is of kind ${K}`;
}
type OfKind<C extends Class<Loose>, K> = [KindOf<InstanceType<C>>] extends [K] ? C : WrongKind<K & string>;

/** A decorator of classes whose properties carry the kind `K`; it does not compile on others. */
export interface KindDecorator<K> {
  <C extends Class<Loose>>(target: OfKind<C, K>): void;
  <C extends Class<Loose>>(target: OfKind<C, K>, context: ClassDecoratorContext): void;
}

type Carries<V, K> = [KindOfProperty<NonNullable<V>>] extends [never]
  ? false
  : KindOfProperty<NonNullable<V>> extends K
    ? true
    : false;

/** A decorator of the property that holds the value of an entity of the kind `K`, and whose type carries it. */
export interface ValueDecorator<K> {
  <T extends object, P extends keyof T & string>(target: T, property: Carries<T[P], K> extends true ? P : never): void;
  <T, V>(value: undefined, context: Carries<V, K> extends true ? ClassFieldDecoratorContext<T, V> : never): void;
  <T, V>(
    value: ClassAccessorDecoratorTarget<T, V>,
    context: Carries<V, K> extends true ? ClassAccessorDecoratorContext<T, V> : never,
  ): void;
}

type KeyHolder<P extends string> = { readonly [Q in P]?: KeyValue | undefined };

/** The decorator of a key property: named `id` or in `[KeyProps]`, and of a type that a key can have. */
export interface KeyDecorator {
  <T extends object, P extends string>(target: T & KeyHolder<P>, property: P extends KeyName<T> ? P : never): void;
  <T, V extends KeyValue | undefined>(
    value: undefined,
    context: ClassFieldDecoratorContext<T, V> & { name: KeyName<T> },
  ): void;
  <T, V extends KeyValue | undefined>(
    value: ClassAccessorDecoratorTarget<T, V>,
    context: ClassAccessorDecoratorContext<T, V> & { name: KeyName<T> },
  ): void;
}

/** The decorator of a stored property. */
export interface FieldDecorator {
  (target: object, property: string | symbol): void;
  (value: undefined, context: ClassFieldDecoratorContext): void;
  <T, V>(value: ClassAccessorDecoratorTarget<T, V>, context: ClassAccessorDecoratorContext<T, V>): void;
}

/** The decorator of the property that counts versions: a number. */
export interface VersionDecorator {
  <T extends object, P extends string>(
    target: T,
    property: P extends keyof T ? (NonNullable<T[P]> extends number ? P : never) : P,
  ): void;
  <T, V extends number | undefined>(value: undefined, context: ClassFieldDecoratorContext<T, V>): void;
  <T, V extends number | undefined>(
    value: ClassAccessorDecoratorTarget<T, V>,
    context: ClassAccessorDecoratorContext<T, V>,
  ): void;
}
