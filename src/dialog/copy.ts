import { Context } from './context.js';
import type { Node } from './node.js';

/** A copy of plain data, however deep; functions and instances of classes are the same. */
export function copyOf<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  const made = copies.get(value);
  if (made !== undefined) return made as T;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    copies.set(value, copy);
    for (const item of value) copy.push(copyOf(item, copies));
    return copy as T;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy = Object.create(prototype);
  copies.set(value, copy);
  for (const [name, inner] of Object.entries(value))
    Object.defineProperty(copy, name, {
      value: copyOf(inner, copies),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return copy;
}

const FIELDS = ['labels', 'requests', 'responses', 'misc', 'frameworkStates'] as const;

/** A copy of a context, of which each field is copied when somebody looks at it: most conditions look at one. */
export function copyOfContext(context: Context): Context {
  const copy = new Context({ id: context.id, validation: context.validation });
  for (const field of FIELDS) {
    const settle = (value: unknown) =>
      Object.defineProperty(copy, field, { value, writable: true, enumerable: true, configurable: true });
    Object.defineProperty(copy, field, {
      get() {
        const value = copyOf(context[field]);
        settle(value);
        return value;
      },
      set: settle,
      enumerable: true,
      configurable: true,
    });
  }
  return copy;
}

/** A copy of a node, which may be changed. */
export const copyOfNode = (node: Node): Node => ({
  transitions: [...node.transitions],
  response: copyOf(node.response),
  preTransitionsProcessing: { ...node.preTransitionsProcessing },
  preResponseProcessing: { ...node.preResponseProcessing },
  misc: copyOf(node.misc),
});
