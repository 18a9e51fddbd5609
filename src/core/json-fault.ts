/** The path to the first thing in `value` that JSON would lose or change, and what it is; `undefined` where there is none. */
export function jsonFault(value: unknown): { readonly path: string; readonly fact: string } | undefined {
  const above = new Set<object>();
  const walk = (at: unknown, path: string): { path: string; fact: string } | undefined => {
    const fault = (fact: string) => ({ path: path.length > 200 ? `${path.slice(0, 200)}…` : path, fact });
    switch (typeof at) {
      case 'string':
        return at.isWellFormed() ? undefined : fault('a string with a lone surrogate');
      case 'boolean':
        return undefined;
      case 'number':
        return Number.isFinite(at) ? undefined : fault(String(at));
      case 'object':
        break;
      default:
        return fault(typeof at === 'undefined' ? 'undefined' : `a ${typeof at}`);
    }
    if (at === null) return undefined;
    if (above.has(at)) return fault('a reference to what contains it');
    if (above.size > 500) return fault('nested more than 500 deep');
    above.add(at);
    let found: { path: string; fact: string } | undefined;
    if (Array.isArray(at)) {
      for (let i = 0; i < at.length && !found; i++) found = walk(at[i], `${path}[${i}]`);
    } else {
      const proto = Object.getPrototypeOf(at);
      if (proto !== Object.prototype && proto !== null)
        return fault(`an instance of ${at.constructor?.name || 'a class'}`);
      if (typeof (at as { toJSON?: unknown }).toJSON === 'function') return fault('an object with a toJSON function');
      for (const name of Object.keys(at)) {
        const inner = (at as Record<string, unknown>)[name];
        // A property that is undefined is left out by JSON, which is what it means.
        if (inner !== undefined)
          found ??= name.isWellFormed() ? walk(inner, `${path}.${name}`) : fault('a name with a lone surrogate');
      }
    }
    above.delete(at);
    return found;
  };
  return walk(value, '');
}
