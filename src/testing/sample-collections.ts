import { codecs } from '../core/codecs.js';
import type { CollectionQuery, CollectionQuestion, Member, Structure } from '../core/collection.js';
import type { Kind } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { KeyType, Schema } from '../core/schema.js';
import { geoSet } from '../kinds/geo-set.js';
import { list } from '../kinds/list.js';
import { set } from '../kinds/set.js';
import { sortedSet } from '../kinds/sorted-set.js';
import { sampleSchema } from './sample-schema.js';

/** What differs from the default sample of a collection. */
export interface SampleCollectionOptions {
  /** `sample` if left out. */
  readonly name?: string;
  readonly structure: Structure;
  /** Key properties and their types, in order; `{ id: 'string' }` if left out. */
  readonly keys?: Readonly<Record<string, KeyType>>;
  /** Most members; no limit if left out. */
  readonly limit?: number;
  /** Anything else of the schema. */
  readonly schema?: Partial<Schema>;
}

const KINDS: Readonly<Record<Structure, Kind>> = { 'sorted-set': sortedSet, 'geo-set': geoSet, list, set };

/** All structures that a collection can have. */
export const STRUCTURES = Object.keys(KINDS) as readonly Structure[];

/** A schema of collections made by hand, whose members are strings. */
export function sampleCollection(options: SampleCollectionOptions): Schema {
  const { name, structure, keys, limit } = options;
  const schema = sampleSchema({ ...(name && { name }), ...(keys && { keys }), fields: { members: 'json' } });
  return {
    ...schema,
    kind: KINDS[structure],
    fields: [{ ...schema.fields[0]!, required: true, member: codecs.string }],
    limit,
    ...options.schema,
  };
}

/** Members as cases write them: of a set texts, of others texts and scores, of a list the items. */
export type SampleMembers = readonly (string | readonly [text: string, score: number])[];

/** What the samples stand for. */
export const sampleMembers = (members: SampleMembers): Member[] =>
  members.map((one) => (typeof one === 'string' ? { text: one, score: 0 } : { text: one[0], score: one[1] }));

/** A collection of the samples, in any order; of a list in their order. */
export const membersFor = (structure: Structure, members: SampleMembers): Members =>
  structure === 'list'
    ? Members.listOf(sampleMembers(members).map(({ text }) => text))
    : Members.of(structure, sampleMembers(members));

/** A query, named by what it asks. */
export function sampleQuery(question: CollectionQuestion): CollectionQuery {
  const id = JSON.stringify(question, (_, value) => (typeof value === 'number' ? String(value) : value));
  return { id, ...question };
}
