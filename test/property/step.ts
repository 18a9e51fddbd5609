/** One call of a repository: its name, and what it is given. */
export type Step = readonly [call: string, ...args: unknown[]];

/** A value as code that makes it. */
export function source(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Set) return `new Set(${source([...value])})`;
  if (typeof value === 'string' && value.length > 20 && value === value[0]!.repeat(value.length))
    return `${JSON.stringify(value[0])}.repeat(${value.length})`;
  if (Array.isArray(value)) return `[${value.map(source).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, part]) => `${name}: ${source(part)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** The same value, of which nothing is shared. */
export function copied<T>(value: T): T {
  if (value instanceof Set) return new Set(value) as T;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)])) as T;
}

/** A step as a line of code. */
export const lineOf = ([call, ...args]: Step): string => `${call}(${args.map(source).join(', ')});`;

/** Steps as one argument of a shell command. */
export const quoted = (steps: readonly Step[]): string => `'${source(steps).replaceAll("'", "'\\''")}'`;

/** The inverse of `source`. */
export const stepsFrom = (text: string): readonly Step[] => new Function(`return ${text}`)();

/** The step with other keys: the first argument of every call is a key, several, or entities that have theirs. */
export function withKeys([call, first, ...rest]: Step, change: (key: string) => string): Step {
  const changed = (given: unknown): unknown => {
    if (typeof given === 'string') return change(given);
    if (Array.isArray(given)) return given.map(changed);
    const entity = given as { readonly id: string };
    return { ...entity, id: change(entity.id) };
  };
  return [call, changed(first), ...rest];
}
