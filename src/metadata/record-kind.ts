import type { Kind } from '../core/kind.js';
import type { KindDecorator, ValueDecorator } from './decorator-types.js';
import type { HotOptions, ValueOptions } from './options.js';
import { classDeclaration, type DecoratorSubject, recordProperty } from './record.js';

const ownKinds = new Map<string, Kind>();

/** Makes the decorator of a kind. A kind's own file calls this when it is loaded, so that nothing here knows the kinds. */
export function kindDecorator<K, O extends HotOptions = HotOptions>(
  kind: Kind,
  decorator: string,
): (options: O) => KindDecorator<K> {
  ownKinds.set(kind.name, kind);
  return (options) =>
    ((target: Function, subject?: DecoratorSubject) => {
      classDeclaration(target, subject).kinds.push({ kind, decorator, options });
    }) as unknown as KindDecorator<K>;
}

/** Makes the decorator of the property that holds the value of a kind's entities. */
export function valueDecorator<K, O extends ValueOptions = ValueOptions>({
  property,
}: Kind): (options: O) => ValueDecorator<K> {
  const { decorator } = property!;
  return (options) =>
    ((target: unknown, subject: DecoratorSubject, descriptor?: PropertyDescriptor) =>
      recordProperty(target, subject, descriptor, { role: 'value', decorator, options })) as ValueDecorator<K>;
}

/** This build's kind of the same name, for a class that was decorated by the other build. */
export function ownKind(kind: Kind): Kind {
  return ownKinds.get(kind.name) ?? kind;
}
