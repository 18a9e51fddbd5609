import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import { MetadataError } from '../core/errors.js';
import type { KeyType } from '../core/schema.js';
import type { KindDecorator } from './decorator-types.js';
import type {
  CachedOptions,
  CircuitBreakerOptions,
  EntityOptions,
  FallbackOptions,
  FieldOptions,
  FieldType,
  KeyOptions,
  Loose,
  MemberOptions,
  MemberType,
} from './options.js';
import { type Declaration, declarationOf, type PropertyRole, recordAspect } from './store.js';
import type {
  Class,
  FlagValue,
  Generated,
  GeoPoints,
  KeyProps,
  ListItems,
  SetItems,
  SortedSetMembers,
} from './types.js';

/** The property of a collection: its name, or its name and what a member is. */
export type DefinedMembers = string | Readonly<Record<string, MemberType | MemberOptions>>;

/** What {@link defineEntity} takes: what the decorators take, by name. */
export interface EntityDefinition extends EntityOptions {
  /** The class; one is made where there is none. */
  readonly target?: Class<object>;
  /** As on a class: `RedisHash({ ttl: '1h' })`. */
  readonly kind: KindDecorator<Loose>;
  /** The key properties, in order. */
  readonly key: Readonly<Record<string, KeyType | KeyOptions>>;
  readonly fields?: Readonly<Record<string, FieldType | FieldOptions>>;
  /** The property that counts versions. */
  readonly version?: string;
  /** The property of a flag. */
  readonly value?: string;
  /** The property of a sorted set: its name, or its name and what a member is. */
  readonly members?: DefinedMembers;
  /** The property of a geo set: likewise. */
  readonly points?: DefinedMembers;
  /** The property of a list or a set: likewise. */
  readonly items?: DefinedMembers;
  readonly fallback?: string | (FallbackOptions & { readonly name: string });
  readonly cached?: true | CachedOptions;
  readonly circuitBreaker?: true | CircuitBreakerOptions;
}

interface NamedTypes {
  string: string;
  text: string;
  number: number;
  integer: number;
  bigint: bigint;
  boolean: boolean;
  date: Date;
  bytes: Uint8Array;
  json: Loose;
}
type TypeOf<T> = T extends keyof NamedTypes
  ? NamedTypes[T]
  : T extends StringConstructor
    ? string
    : T extends NumberConstructor
      ? number
      : T extends BooleanConstructor
        ? boolean
        : T extends DateConstructor
          ? Date
          : T extends readonly [infer Element]
            ? TypeOf<Element>[]
            : T extends Codec<infer Value>
              ? Value
              : T extends Class<infer Instance>
                ? Instance
                : T extends () => infer Later
                  ? TypeOf<Later>
                  : unknown;
type FieldValue<F> = F extends { readonly type: infer T }
  ? TypeOf<T> | (F extends { readonly nullable: true } ? null : never)
  : TypeOf<F>;
type MayLack<F> = F extends { readonly nullable: true } | { readonly default: unknown } ? true : false;
type KeyPropertyOf<K> = K extends { readonly generate: string }
  ? Generated<string>
  : K extends { readonly type: infer T }
    ? TypeOf<T>
    : TypeOf<K>;
type Given<D, N extends string> = D extends { readonly [P in N]: infer V } ? V : {};
type VersionOf<D> = D extends { readonly version: infer V extends string } ? { [P in V]: Generated<number> } : {};
type ValueOf<D> = D extends { readonly value: infer V extends string } ? { [P in V]: FlagValue } : {};
interface Collections<M> {
  members: SortedSetMembers<M>;
  points: GeoPoints<M>;
  list: ListItems<M>;
  set: SetItems<M>;
}
type MemberValue<F> = F extends { readonly type: infer T }
  ? TypeOf<T>
  : F extends { readonly name?: string; readonly encode?: undefined }
    ? string
    : TypeOf<F>;
type CollectionOf<P, C extends keyof Collections<unknown>> = P extends string
  ? { [N in P]: Collections<string>[C] }
  : { -readonly [N in keyof P]: Collections<MemberValue<P[N]>>[C] };
type ItemsOf<D> = D extends { readonly items: infer I; readonly kind: KindDecorator<infer K> }
  ? CollectionOf<I, K extends 'list' | 'set' ? K : never>
  : {};
type MembersOf<D> = (D extends { readonly members: infer P } ? CollectionOf<P, 'members'> : {}) &
  (D extends { readonly points: infer P } ? CollectionOf<P, 'points'> : {}) &
  ItemsOf<D>;
type FieldsOf<F> = { -readonly [P in keyof F as MayLack<F[P]> extends true ? never : P]: FieldValue<F[P]> } & {
  -readonly [P in keyof F as MayLack<F[P]> extends true ? P : never]?: FieldValue<F[P]>;
};
type Flat<T> = { [P in keyof T]: T[P] };

/** The entity of a definition without a class: properties that are nullable or have a default are optional. */
export type DefinedEntity<D> = Flat<
  { -readonly [P in keyof Given<D, 'key'>]: KeyPropertyOf<Given<D, 'key'>[P]> } & FieldsOf<Given<D, 'fields'>> &
    VersionOf<D> &
    ValueOf<D> &
    MembersOf<D> & { [KeyProps]?: readonly (keyof Given<D, 'key'>)[] }
>;

/**
 * Declares an entity without decorators. Returns its class: the one given as `target`, or a new one.
 *
 * @example
 * const Person = defineEntity({
 *   name: 'person',
 *   kind: RedisHash({ ttl: '1h' }),
 *   key: { id: 'string' },
 *   fields: { name: 'string', age: { type: 'integer', nullable: true } },
 *   fallback: 'postgres',
 * });
 */
export function defineEntity<const D extends EntityDefinition>(
  definition: D,
): D extends { readonly target: infer C extends Class<object> } ? C : new () => DefinedEntity<D> {
  const given: unknown = definition;
  if (typeof given !== 'object' || given === null)
    throw new MetadataError([
      {
        subject: 'defineEntity()',
        fact: `was given ${describe(given)}.`,
        remedy: "Give a definition: { name: 'person', kind: RedisHash(), key: { id: 'string' } }.",
      },
    ]);
  const target = definition.target ?? newClass(definition.name);
  const declaration = declarationOf(target);
  declaration.className ??= target.name || undefined;
  record(declaration, target, definition);
  return target as never;
}

function newClass(name: unknown): Class<object> {
  const words = String(name ?? 'entity').split(/[^\p{L}\p{N}]+/u);
  const className = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return { [className]: class {} }[className]!;
}

const KNOWN = [
  'target',
  'kind',
  'key',
  'fields',
  'version',
  'value',
  'members',
  'points',
  'items',
  'fallback',
  'cached',
  'circuitBreaker',
  'name',
  'by',
  'variants',
  'create',
];

function record(declaration: Declaration, target: Class<object>, definition: EntityDefinition): void {
  const {
    kind,
    key = {},
    fields = {},
    version,
    value,
    members,
    points,
    items,
    fallback,
    cached,
    circuitBreaker,
    name,
    by,
    variants,
    create,
  } = definition;
  const fault = (fact: string, remedy: string) => declaration.faults.push({ property: undefined, fact, remedy });
  const unknown = Object.keys(definition).filter((option) => !KNOWN.includes(option));
  if (unknown.length > 0)
    fault(
      `is defined with ${unknown.join(', ')}, which defineEntity() does not know.`,
      `It takes ${KNOWN.join(', ')}.`,
    );

  if (typeof kind === 'function') (kind as (target: Class<object>) => void)(target);
  else if (kind !== undefined)
    fault(`is defined with kind: ${String(kind)}.`, 'Give what the decorator is: kind: RedisHash().');
  recordAspect(declaration, 'Entity', {
    ...(name === undefined ? {} : { name }),
    ...(by === undefined ? {} : { by }),
    ...(variants === undefined ? {} : { variants }),
    ...(create === undefined ? {} : { create }),
  });
  if (fallback !== undefined)
    recordAspect(declaration, 'Fallback', typeof fallback === 'object' ? fallback : { name: fallback });
  if (cached) recordAspect(declaration, 'Cached', cached === true ? {} : cached);
  if (circuitBreaker) recordAspect(declaration, 'CircuitBreaker', circuitBreaker === true ? {} : circuitBreaker);

  const property = (role: PropertyRole, decorator: string, property: string, options: object) =>
    declaration.properties.push({ name: property, role, decorator, options, designType: undefined });
  for (const [at, given] of Object.entries(key))
    property('key', 'Key', at, typeof given === 'object' ? given : { type: given });
  for (const [at, given] of Object.entries(fields))
    property('field', 'Field', at, isOptions(given) ? given : { type: given });
  if (version !== undefined) property('version', 'Version', version, {});
  if (value !== undefined) property('value', 'Value', value, {});
  for (const [decorator, given] of Object.entries({ Members: members, Points: points, Items: items })) {
    if (given === undefined) continue;
    for (const [at, one] of Object.entries(typeof given === 'string' ? { [given]: {} } : given))
      property('value', decorator, at, isOptions(one) ? one : { type: one });
  }
}

const isOptions = (given: FieldType | FieldOptions): given is FieldOptions =>
  typeof given === 'object' && given !== null && !Array.isArray(given) && !('encode' in given);
