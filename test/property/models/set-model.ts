import { byBytes, commonModel, type Model } from './model.js';

/** A set of the property `items`. */
export function setModel(): Model {
  const there = new Map<string, ReadonlySet<string>>();
  const get = (key: string) => there.get(key) ?? new Set();
  const sorted = (items: ReadonlySet<string>) => new Set([...items].sort(byBytes));
  return {
    ...commonModel<ReadonlySet<string>>({
      there,
      kept: ({ items }) => sorted(items as Set<string>),
      told: (items) => ({ items: new Set(items) }),
    }),
    add(key: string, ...given: readonly string[]) {
      const items = new Set([...get(key), ...given]);
      const fresh = items.size - get(key).size;
      if (given.length > 0) there.set(key, sorted(items));
      return fresh;
    },
    remove(key: string, ...given: readonly string[]) {
      const before = get(key);
      const after = new Set([...before].filter((item) => !given.includes(item)));
      if (there.has(key)) there.set(key, after);
      return before.size - after.size;
    },
    has: (key: string, item: string) => get(key).has(item),
    hasMany: (key: string, items: readonly string[]) => items.map((item) => get(key).has(item)),
    size: (key: string) => get(key).size,
    scan: (key: string) => [...get(key)],
  };
}
