import { type Class, ValidationError } from '../index.js';

/** A class whose instances may be stored. */
export interface StoredClass<T extends object = object> {
  readonly class: Class<T>;
  /** What its instances are stored under; the class's name where left out. It must stay the same. */
  readonly name?: string;
  /** What of an instance is stored; its own properties where left out. */
  readonly encode?: (instance: T) => unknown;
  /** Makes an instance of what `encode` gave. */
  readonly decode?: (stored: never) => T;
}

/** One registered class, checked. */
export interface Registered {
  readonly name: string;
  readonly prototype: object;
  readonly encode: ((instance: object) => unknown) | undefined;
  readonly decode: ((stored: unknown) => object) | undefined;
}

// What they are lies in slots that no property shows.
const SLOTTED = [
  Map,
  Set,
  Array,
  Date,
  RegExp,
  ArrayBuffer,
  Object.getPrototypeOf(Uint8Array) as Function,
  DataView,
  Promise,
];

/** Checks the option `classes`. @throws ValidationError */
export function registeredClasses(given: readonly (Class<object> | StoredClass)[] = []): readonly Registered[] {
  if (!Array.isArray(given)) throw wrong('must be an array of classes. Give classes: [Money].');
  const registered = given.map(one);
  for (const [at, { name, prototype }] of registered.entries()) {
    const first = registered.findIndex((other) => other.name === name || other.prototype === prototype);
    if (first < at)
      throw wrong(
        `has two entries for ${JSON.stringify(name)}. Give each class once, and classes of one name a name of their own: { class: Money, name: 'shop.Money' }.`,
      );
  }
  return registered;
}

function one(given: Class<object> | StoredClass): Registered {
  const stored: StoredClass = typeof given === 'function' ? { class: given } : given;
  const { class: target, name = target?.name, encode, decode } = stored ?? {};
  if (typeof target !== 'function' || typeof target.prototype !== 'object' || target.prototype === null)
    throw wrong('takes classes, or { class, name, encode, decode }. Give classes: [Money].');
  if (typeof name !== 'string' || name === '')
    throw wrong("holds a class without a name. Give it one: { class: Money, name: 'money' }.");
  const both = typeof encode === 'function' && typeof decode === 'function';
  if (!both && (encode !== undefined || decode !== undefined))
    throw wrong(`has ${name} with only one of encode and decode, or one that is no function. Give both, or neither.`);
  const slotted = SLOTTED.find((slots) => target.prototype instanceof slots);
  if (slotted && !encode)
    throw wrong(
      `has ${name}, which extends ${slotted.name}: its properties do not tell what it is. Give { class: ${name}, encode, decode }.`,
    );
  return {
    name,
    prototype: target.prototype as object,
    encode: encode as Registered['encode'],
    decode: decode as Registered['decode'],
  };
}

const wrong = (fact: string): ValidationError => new ValidationError(`The option classes of UserValues.open() ${fact}`);
