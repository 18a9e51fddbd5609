import { getOrMake } from './get-or-make.js';
import type { Query } from './kind.js';
import type { Key } from './schema.js';

/** Keys of which the same is asked. */
export interface SameQuery {
  readonly query: Query;
  readonly keys: readonly Key[];
  /** Where they stand among all; `undefined` where these are all. */
  readonly indexes: readonly number[] | undefined;
}

/** Keys by what is asked of them. Queries are the same where they are one object. */
export function byQuery(keys: readonly Key[], queries: readonly Query[] | undefined): readonly SameQuery[] {
  const [first] = queries ?? [];
  if (!queries || queries.every((query) => query === first)) return [{ query: first, keys, indexes: undefined }];
  const groups = new Map<Query, number[]>();
  queries.forEach((query, index) => {
    getOrMake(groups, query, () => []).push(index);
  });
  return Array.from(groups, ([query, indexes]) => ({ query, keys: indexes.map((index) => keys[index]!), indexes }));
}
