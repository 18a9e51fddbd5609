import type { CollectionQuery } from './collection.js';
import type { Query } from './kind.js';

/** What a query is called: of one entity, queries of one name ask the same. `''` for the one that asks for all. */
export function queryName(query: Query): string {
  if (query === undefined) return '';
  return Array.isArray(query) ? `[${query.join()}]` : (query as CollectionQuery).id;
}
