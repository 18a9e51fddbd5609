import type { Kind } from '../core/kind.js';
import type {
  CachedOptions,
  CircuitBreakerOptions,
  EntityOptions,
  FallbackOptions,
  HotOptions,
  Loose,
} from './options.js';

/** What a property is declared as; `value` is the whole value, of kinds whose entities have no fields. */
export type PropertyRole = 'key' | 'field' | 'version' | 'value';

/** One decorator on one property. */
export interface PropertyRecord {
  readonly name: string;
  readonly role: PropertyRole;
  /** The decorator's name, for errors. */
  readonly decorator: string;
  readonly options: Loose;
  /** What the compiler emitted for the property's type. */
  readonly designType: unknown;
}

/** A kind's decorator on a class. */
export interface KindRecord {
  readonly kind: Kind;
  readonly decorator: string;
  readonly options: HotOptions & Loose;
}

/** A fault that a decorator saw; it is told at `open()`. */
export interface RecordedFault {
  readonly property: string | undefined;
  readonly fact: string;
  readonly remedy: string;
}

/** What `@Entity`, `@Fallback`, `@Cached` and `@CircuitBreaker` say of a class. */
export interface Aspects {
  readonly Entity: EntityOptions;
  readonly Fallback: FallbackOptions & { readonly name: string };
  readonly Cached: CachedOptions;
  readonly CircuitBreaker: CircuitBreakerOptions;
}

/** All that the decorators of one class said, in their order. */
export interface Declaration {
  /** The class's name when it was decorated: minifiers and class decorators may change it later. */
  className: string | undefined;
  readonly kinds: KindRecord[];
  readonly properties: PropertyRecord[];
  readonly aspects: { [A in keyof Aspects]?: Aspects[A] };
  readonly faults: RecordedFault[];
}

// One store for the ESM and the CommonJS build: a class decorated by one can be opened by the other. The key is the class,
// or for standard decorators the object that they share as `context.metadata`.
const SHARED = Symbol.for('holdfast.metadata');
const shared = globalThis as { [SHARED]?: WeakMap<object, Declaration> };
shared[SHARED] ??= new WeakMap();
const store = shared[SHARED];

// Compilers give a class its metadata object only where this symbol exists; Node 20 has none.
if (!('metadata' in Symbol))
  Object.defineProperty(Symbol, 'metadata', {
    value: Symbol.for('Symbol.metadata'),
    configurable: true,
    writable: true,
  });

/** What is declared under `key`, made where there is nothing yet. */
export function declarationOf(key: object): Declaration {
  let declaration = store.get(key);
  if (!declaration) {
    declaration = { className: undefined, kinds: [], properties: [], aspects: {}, faults: [] };
    store.set(key, declaration);
  }
  return declaration;
}

/** Says something of a class once. */
export function recordAspect<A extends keyof Aspects>(declaration: Declaration, name: A, options: Aspects[A]): void {
  if (declaration.aspects[name])
    declaration.faults.push({ property: undefined, fact: `has two @${name} decorators.`, remedy: 'Keep one.' });
  else (declaration.aspects as { [key in A]?: Aspects[A] })[name] = options;
}

/** The declarations of one class itself, without those it inherits. */
function ownDeclarations(target: Function): Declaration[] {
  const standard = Object.getOwnPropertyDescriptor(target, (Symbol as unknown as { metadata: symbol }).metadata)
    ?.value as unknown;
  const own = [store.get(target), typeof standard === 'object' && standard !== null ? store.get(standard) : undefined];
  return own.filter((declaration) => declaration !== undefined);
}

/** One class of an entity's lineage and what it declares itself. */
export interface Generation {
  readonly target: Function;
  readonly className: string;
  readonly declarations: readonly Declaration[];
}

/** A class and those it extends, as far as they declare anything; the oldest first. */
export function lineage(target: Function): Generation[] {
  const generations: Generation[] = [];
  for (
    let at: unknown = target;
    typeof at === 'function' && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    const declarations = ownDeclarations(at);
    const className = declarations.find((d) => d.className)?.className || at.name;
    if (declarations.length > 0) generations.unshift({ target: at, className, declarations });
  }
  return generations;
}
