import type { StorageType } from '../../core/plain.js';
import type { Schema } from '../../core/schema.js';
import type { Dialect } from './dialect.js';

/** One column of the table of members, beside those of the key. */
export interface MemberPart {
  /** What it is for: the member's text, what it is ordered by, that exactly, or where it is on earth. */
  readonly role: 'text' | 'score' | 'exact' | 'longitude' | 'latitude';
  readonly name: string;
  readonly storage: StorageType;
  readonly length?: number;
  readonly primary: boolean;
  readonly required: boolean;
}

/** Whether the entities of a schema are kept as members, a row for each. */
export const isCollection = ({ kind, mappedByTypeorm }: Schema): boolean =>
  kind.structure !== undefined && !mappedByTypeorm;

/** What the table of a collection itself has: its members are no column of it. */
export const headSchema = (schema: Schema): Schema => ({ ...schema, fields: [] });

type Given = Omit<MemberPart, 'name' | 'primary' | 'required'> & Partial<Pick<MemberPart, 'primary' | 'required'>>;

/** The columns of the table of members, in order. */
export function memberParts({ kind, keys }: Schema, dialect: Dialect): MemberPart[] {
  const taken = new Set(keys.flatMap(({ name, column }) => [name.toLowerCase(), column.toLowerCase()]));
  const free = (name: string): string => (taken.has(name) ? free(`_${name}`) : name);
  const part = (name: string, given: Given): MemberPart => ({
    primary: false,
    required: true,
    ...given,
    name: free(name),
  });
  const member = part('member', { role: 'text', storage: 'text', primary: true });
  switch (kind.structure!) {
    case 'set':
      return [member];
    case 'sorted-set': {
      const score = part('score', { role: 'score', storage: 'number' });
      const exact = part('_exact', { role: 'exact', storage: 'text', length: 4, required: false });
      // PostgreSQL alone keeps -0 and the infinities in a column of numbers.
      return dialect.name === 'postgres' ? [member, score] : [member, score, exact];
    }
    case 'geo-set':
      return [
        member,
        part('geohash', { role: 'score', storage: 'integer' }),
        part('longitude', { role: 'longitude', storage: 'number' }),
        part('latitude', { role: 'latitude', storage: 'number' }),
      ];
    case 'list':
      return [
        part('position', { role: 'score', storage: 'integer', primary: true }),
        part('item', { role: 'text', storage: 'text' }),
      ];
  }
}
