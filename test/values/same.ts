import { types } from 'node:util';

/**
 * Whether two values are alike in all that can be seen of them: classes, keys and their order, holes, signs of zero, and which
 * parts are one and the same. Returns where they are not.
 */
export function difference(left: unknown, right: unknown): string | undefined {
  const pairs = new Map<object, object>();
  const backward = new Map<object, object>();
  const compare = (a: unknown, b: unknown, path: string): string | undefined => {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
      return Object.is(a, b) ? undefined : `${path}: ${String(a)} and ${String(b)}`;
    if (pairs.has(a) || backward.has(b))
      return pairs.get(a) === b && backward.get(b) === a ? undefined : `${path}: shared in one of them only`;
    pairs.set(a, b);
    backward.set(b, a);
    // Jest has two classes ArrayBuffer, that of Node and the one behind typed arrays.
    const buffers = types.isArrayBuffer(a) && types.isArrayBuffer(b);
    if (!buffers && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: of another class`;
    return inner(a, b, path) ?? properties(a, b, path);
  };
  const lists = (a: Iterable<unknown>, b: Iterable<unknown>, path: string) => {
    const [as, bs] = [[...a], [...b]];
    if (as.length !== bs.length) return `${path}: ${as.length} and ${bs.length} items`;
    return first(as, (item, at) => compare(item, bs[at], `${path}{${at}}`));
  };
  const inner = (a: object, b: object, path: string): string | undefined => {
    if (types.isDate(a)) return compare(a.getTime(), (b as Date).getTime(), path);
    if (types.isRegExp(a)) return compare(String(a), String(b), path);
    if (types.isMap(a)) return lists([...a].flat(), [...(b as Map<unknown, unknown>)].flat(), path);
    if (types.isSet(a)) return lists(a, b as Set<unknown>, path);
    if (types.isBoxedPrimitive(a)) return compare(a.valueOf(), b.valueOf(), path);
    if (types.isArrayBuffer(a)) return lists(new Uint8Array(a), new Uint8Array(b as ArrayBuffer), path);
    if (ArrayBuffer.isView(a)) {
      const view = b as Uint8Array;
      if (Buffer.isBuffer(a)) return lists(a, view, path);
      return (
        compare(a.byteOffset, view.byteOffset, path) ??
        compare(a.byteLength, view.byteLength, path) ??
        compare(a.buffer, view.buffer, path)
      );
    }
    return types.isNativeError(a) === types.isNativeError(b) ? undefined : `${path}: only one is an error`;
  };
  const properties = (a: object, b: object, path: string): string | undefined => {
    if (ArrayBuffer.isView(a)) return undefined;
    const keys = Reflect.ownKeys(a).filter((key) => !types.isRegExp(a) || key !== 'lastIndex');
    const others = Reflect.ownKeys(b).filter((key) => !types.isRegExp(b) || key !== 'lastIndex');
    const [listed, otherwise] = [keys, others].map((some) => some.map(String).join());
    if (listed !== otherwise) return `${path}: keys ${listed} and ${otherwise}`;
    return first(keys, (key) => {
      const [x, y] = [Object.getOwnPropertyDescriptor(a, key)!, Object.getOwnPropertyDescriptor(b, key)!];
      if (x.enumerable !== y.enumerable) return `${path}.${String(key)}: enumerable in one of them only`;
      return compare(a[key as never], b[key as never], `${path}.${String(key)}`);
    });
  };
  return compare(left, right, 'value');
}

function first<T>(items: readonly T[], look: (item: T, at: number) => string | undefined): string | undefined {
  for (const [at, item] of items.entries()) {
    const found = look(item, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
