import 'reflect-metadata';
import { MetadataError } from '../core/errors.js';
import { type Declaration, declarationOf, type PropertyRole } from './store.js';

/** As much of a standard decorator's context as is needed. */
interface Context {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static?: boolean;
  readonly private?: boolean;
  readonly metadata?: object;
}

/** The second argument of a decorator: a standard context, a legacy property's name, or nothing on a legacy class. */
export type DecoratorSubject = unknown;

const isContext = (subject: DecoratorSubject): subject is Context =>
  typeof subject === 'object' && subject !== null && 'kind' in subject && 'name' in subject;

function metadataOf(context: Context): object {
  if (context.metadata) return context.metadata;
  throw new MetadataError([
    {
      subject: String(context.name),
      fact: 'is decorated by a compiler that gives standard decorators no context.metadata.',
      remedy:
        'Compile with TypeScript 5.2 or later (Babel and swc: version 2023-11), use experimentalDecorators, or defineEntity().',
    },
  ]);
}

/** The declaration that a class decorator adds to. */
export function classDeclaration(target: Function, subject: DecoratorSubject): Declaration {
  const declaration = declarationOf(isContext(subject) ? metadataOf(subject) : target);
  declaration.className ??= target.name || undefined;
  return declaration;
}

/** What a property decorator says beside where it stands. */
export interface PropertyStatement {
  readonly role: PropertyRole;
  readonly decorator: string;
  readonly options: unknown;
}

/** Records a property decorator of either proposal. Its faults are told at `open()`. */
export function recordProperty(
  target: unknown,
  subject: DecoratorSubject,
  descriptor: PropertyDescriptor | undefined,
  statement: PropertyStatement,
): void {
  if (isContext(subject)) {
    const declaration = declarationOf(metadataOf(subject));
    const fault = contextFault(subject);
    add(declaration, subject.name, fault, undefined, statement);
    return;
  }
  const isStatic = typeof target === 'function';
  const owner = isStatic ? target : (target as object).constructor;
  const fault = isStatic ? 'is static' : legacyFault(descriptor);
  const name = subject as string | symbol;
  add(declarationOf(owner), name, fault, Reflect.getOwnMetadata('design:type', target as object, name), statement);
}

function add(
  declaration: Declaration,
  name: string | symbol,
  fault: string | undefined,
  designType: unknown,
  statement: PropertyStatement,
): void {
  const found = fault ?? (typeof name === 'symbol' ? 'has a symbol for a name' : undefined);
  if (found) {
    const remedy = `@${statement.decorator}() goes on a public property with a name of its own.`;
    declaration.faults.push({ property: String(name), fact: `${found}, so it cannot be stored.`, remedy });
  } else declaration.properties.push({ name: name as string, designType, ...statement });
}

function contextFault(context: Context): string | undefined {
  if (context.static) return 'is static';
  if (context.private) return 'is private to the class (#)';
  return ['field', 'accessor'].includes(context.kind) ? undefined : `is a ${context.kind}`;
}

function legacyFault(descriptor: PropertyDescriptor | undefined): string | undefined {
  if (typeof descriptor?.value === 'function') return 'is a method';
  return descriptor?.get && !descriptor.set ? 'has a getter but no setter' : undefined;
}
