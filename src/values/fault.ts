import type { Registered } from './classes.js';
import { errorName, isPlainObject, kindOf } from './shapes.js';

/** What in a value cannot be stored. */
export interface ValueFault {
  /** From the value: `.items[2].total`; empty for the value itself. */
  readonly path: string;
  readonly fact: string;
  readonly remedy: string;
}

const SYMBOL_KEY = { fact: 'has a symbol as a key', remedy: 'Use a text, or leave it out.' };
const isIdentifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const step = (key: string) => (isIdentifier.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

/** Looks for the first part of a value that cannot be stored. Run only where the codec has refused the value. */
export function findFault(value: unknown, classes: readonly Registered[]): ValueFault | undefined {
  const seen = new Set<unknown>();
  // A list of its own, since the value may be nested deeper than calls can be.
  const waiting: (readonly [value: unknown, path: string])[] = [[value, '']];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [one, path] = next;
    const simple = simpleFault(one);
    if (simple) return { path, ...simple };
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    const parts = partsOf(one, classes);
    if ('fact' in parts) return { path, ...parts };
    for (const [part, name] of [...parts].reverse()) waiting.push([part, path + name]);
  }
  return undefined;
}

type Fact = Omit<ValueFault, 'path'>;

function simpleFault(value: unknown): Fact | undefined {
  if (typeof value === 'function')
    return { fact: 'is a function', remedy: 'Store data only, and leave functions out.' };
  if (typeof value === 'symbol') return { fact: 'is a symbol', remedy: 'Store a text instead.' };
  return undefined;
}

/** The parts of an object and how one gets to each, or why it cannot be stored. */
function partsOf(value: object, classes: readonly Registered[]): (readonly [unknown, string])[] | Fact {
  const own = classes.find(({ prototype }) => prototype === Object.getPrototypeOf(value));
  if (own?.encode) return [[own.encode(value), '']];
  if (own || errorName(value) !== undefined) {
    if (Object.getOwnPropertySymbols(value).length > 0) return SYMBOL_KEY;
    return Object.getOwnPropertyNames(value).map((key) => [value[key as never], step(key)] as const);
  }
  const kind = kindOf(value);
  if (kind === 'Array' || kind === 'Object')
    return Object.keys(value).map(
      (key) => [value[key as never], kind === 'Array' && /^\d+$/.test(key) ? `[${key}]` : step(key)] as const,
    );
  if (kind === 'Map')
    return [...(value as Map<unknown, unknown>)].flatMap(([key, item], at) => {
      const name = typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '…' : String(key);
      return [[key, `.keys()[${at}]`] as const, [item, `.get(${name})`] as const];
    });
  if (kind === 'Set') return [...(value as Set<unknown>)].map((item, at) => [item, `.values()[${at}]`] as const);
  if (kind !== undefined || Buffer.isBuffer(value)) return [];
  return whyNot(value);
}

function whyNot(value: object): Fact {
  if (value instanceof Promise) return { fact: 'is a promise', remedy: 'Await it first.' };
  if (
    Object.getOwnPropertySymbols(value).length > 0 &&
    (Array.isArray(value) || isPlainObject({ __proto__: Object.getPrototypeOf(value) } as object))
  )
    return SYMBOL_KEY;
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  const className = typeof name === 'string' && name !== '' ? name : 'a class without a name';
  return {
    fact: `is an instance of ${className}, which is not registered`,
    remedy: `Give classes: [${className}] to UserValues.open(), or store plain data.`,
  };
}
