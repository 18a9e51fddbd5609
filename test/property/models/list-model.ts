import { commonModel, type Model } from './model.js';

/** A list of the property `items`. */
export function listModel(maxLength = Number.POSITIVE_INFINITY): Model {
  const there = new Map<string, readonly string[]>();
  const get = (key: string) => there.get(key) ?? [];
  const last = (items: readonly string[]) => items.slice(Math.max(0, items.length - maxLength));
  const range = (key: string, start = 0, stop = -1) => {
    const size = get(key).length;
    const from = start < 0 ? Math.max(0, size + start) : start;
    const to = stop < 0 ? size + stop : stop;
    return get(key).filter((_, at) => at >= from && at <= to);
  };
  const put = (key: string, given: readonly string[], items: readonly string[]) => {
    if (given.length > 0) there.set(key, items);
    return get(key).length;
  };
  const take = (key: string, at: number, rest: readonly string[]) => {
    const item = get(key).at(at);
    if (there.has(key)) there.set(key, rest);
    return item;
  };
  return {
    ...commonModel<readonly string[]>({
      there,
      kept: ({ items }) => last(items as string[]),
      told: (items) => ({ items }),
    }),
    push: (key: string, ...given: readonly string[]) => put(key, given, last([...get(key), ...given])),
    unshift: (key: string, ...given: readonly string[]) => put(key, given, [...given, ...get(key)].slice(0, maxLength)),
    pop: (key: string) => take(key, -1, get(key).slice(0, -1)),
    shift: (key: string) => take(key, 0, get(key).slice(1)),
    range,
    at: (key: string, index: number) => get(key).at(index),
    length: (key: string) => get(key).length,
  };
}
