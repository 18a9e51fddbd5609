import { createHash } from 'node:crypto';
import type { RedisLink } from './link.js';

const MOST = 255;

/** Names the entries of a namespace on a Redis: what all their keys start with, and `{number}` of a database that is not 0. */
export function scopeOf({ keyPrefix, database }: RedisLink, namespace: string): string {
  const prefix = `${keyPrefix}${namespace && `${namespace}:`}`;
  // A prefix that ends in a brace could be taken for one with a number.
  const scope = database === 0 && !prefix.endsWith('}') ? prefix : `${prefix}{${database}}`;
  return scope.length <= MOST ? scope : `sha256:${createHash('sha256').update(scope).digest('hex')}`;
}
