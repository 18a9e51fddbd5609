import { ValidationError } from '../core/errors.js';
import type { MappedEntity } from '../core/mapped.js';
import type { Schema } from '../core/schema.js';

/** A property that TypeORM stores as a relation, which no row of ours has. */
export interface Relation {
  readonly name: string;
  /** What it is, as a sentence. */
  readonly fact: string;
}

const relationsOfSchema = new WeakMap<Schema, readonly Relation[]>();

/** The relations of an entity that goes by TypeORM's repository. */
export const relationsOf = (schema: Schema): readonly Relation[] => relationsOfSchema.get(schema) ?? [];

/** Keeps what the schema itself does not say: what TypeORM refuses of a property that is neither a column nor a method. */
export function keepRelations(schema: Schema, { refusals, fields, target }: MappedEntity): void {
  const prototype = target.prototype as Record<string, unknown>;
  const relations = refusals.flatMap(({ property, fact }) =>
    property === undefined || fields.some(({ name }) => name === property) || typeof prototype[property] === 'function'
      ? []
      : [{ name: property, fact }],
  );
  relationsOfSchema.set(schema, relations);
}

/** @throws ValidationError where one is set: it would be lost without a word */
export function checkRelations(className: string, relations: readonly Relation[], source: object): void {
  const set = relations.find(({ name }) => isSet(source, name));
  if (set === undefined) return;
  throw new ValidationError(
    `${className}.${set.name} ${set.fact.replace(/\.$/, '')}; nothing was written. Leave it out and set a column of its own (@Column() authorId beside @JoinColumn({ name: 'authorId' }) author), or store it with TypeORM's own repository, then evict() the key.`,
  );
}

// Asking for a lazy relation would load it: TypeORM keeps what it has of it under names of its own.
const isSet = (source: object, name: string): boolean =>
  [name, `__${name}__`, `__promise_${name}__`].some(
    (kept) => Object.getOwnPropertyDescriptor(source, kept)?.value !== undefined,
  );
