import type { FaultList } from './faults.js';
import { knownOptions } from './known-options.js';
import { type Aspects, type KindRecord, lineage, type PropertyRecord } from './store.js';

/** A declared property and the class that declares it. */
export interface DeclaredProperty extends PropertyRecord {
  /** `Person.age`. */
  readonly subject: string;
}

/** All that is declared of a class, with what it inherits: of each aspect the nearest, of properties all, oldest first. */
export interface Declared {
  readonly target: Function;
  readonly className: string;
  /** The class that `@Entity` stands on, here or further up. */
  readonly entityClass: string | undefined;
  readonly kinds: readonly KindRecord[];
  readonly properties: readonly DeclaredProperty[];
  readonly aspects: { readonly [A in keyof Aspects]?: Aspects[A] };
  /** `create` of this class's own `@Entity`. */
  readonly ownCreate: Aspects['Entity']['create'];
}

/** Reads what decorators recorded of `target`. */
export function declaredOf(target: Function, faults: FaultList): Declared | undefined {
  const generations = lineage(target);
  if (generations.length === 0) return undefined;
  const properties = new Map<string, DeclaredProperty>();
  const aspects: { [A in keyof Aspects]?: Aspects[A] } = {};
  let kinds: readonly KindRecord[] = [];
  let entityClass: string | undefined;
  let ownCreate: Aspects['Entity']['create'];
  for (const { target: at, className, declarations } of generations) {
    const own = new Map<string, PropertyRecord>();
    const ownKinds = declarations
      .flatMap((declaration) => declaration.kinds)
      .map((kind) => ({ ...kind, options: knownOptions(className, kind.decorator, kind.options, faults) }));
    if (ownKinds.length > 0) kinds = ownKinds;
    ownCreate = undefined;
    for (const declaration of declarations) {
      if (declaration.aspects.Entity) entityClass = className;
      if (at === target) ownCreate ??= declaration.aspects.Entity?.create;
      for (const [name, options] of Object.entries(declaration.aspects))
        Object.assign(aspects, { [name]: knownOptions(className, name, options, faults) });
      for (const { property, fact, remedy } of declaration.faults)
        faults.add(property === undefined ? className : `${className}.${property}`, fact, remedy);
      for (const property of declaration.properties) {
        const subject = `${className}.${property.name}`;
        const before = own.get(property.name);
        if (before) faults.add(subject, twice(before, property), 'Keep one.');
        own.set(property.name, property);
        const options = knownOptions(subject, property.decorator, property.options, faults);
        properties.set(property.name, { ...property, options, subject });
      }
    }
  }
  const nearest = generations.at(-1)!;
  const className =
    (nearest.target === target ? nearest.className : target.name || nearest.className) || 'A class without a name';
  return { target, className, entityClass, kinds, properties: [...properties.values()], aspects, ownCreate };
}

const twice = (a: PropertyRecord, b: PropertyRecord): string =>
  a.decorator === b.decorator ? `has two @${a.decorator} decorators.` : `has both @${a.decorator} and @${b.decorator}.`;
