import { ValidationError } from '../../index.js';

/** Deeper nesting than this is taken for a mistake. */
const DEEPEST = 400;

/** The JSON of a part of a context. @throws ValidationError that names the path to what JSON would lose or change */
export function jsonOf(user: string, place: string, value: unknown): string {
  const fault = faultOf(value, place, []);
  if (fault)
    throw new ValidationError(
      `The context of ${JSON.stringify(user.length > 60 ? `${user.slice(0, 60)}…` : user)} was not saved: ${fault}, which cannot be stored. Keep plain data in a context.`,
    );
  return JSON.stringify(value);
}

function faultOf(value: unknown, path: string, above: readonly object[]): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return value.isWellFormed() ? undefined : `${path} holds a lone surrogate`;
    case 'number':
      return Number.isFinite(value) ? undefined : `${path} is ${value}`;
    case 'object':
      return value === null ? undefined : faultIn(value, path, above);
    default:
      return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
}

function faultIn(value: object, path: string, above: readonly object[]): string | undefined {
  if (above.includes(value)) return `${path} refers to what contains it`;
  if (above.length > DEEPEST) return `${path} is nested more than ${DEEPEST} deep`;
  const within = [...above, value];
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const fault = faultOf(value[at], `${path}[${at}]`, within);
      if (fault) return fault;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return `${path} is an instance of ${value.constructor?.name || 'a class'}`;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return `${path}.toJSON is a function`;
  for (const [name, inner] of Object.entries(value)) {
    // JSON leaves it out, which is what it means.
    if (inner === undefined) continue;
    const fault = name.isWellFormed()
      ? faultOf(
          inner,
          /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`,
          within,
        )
      : `${path} has a name with a lone surrogate`;
    if (fault) return fault;
  }
  return undefined;
}
