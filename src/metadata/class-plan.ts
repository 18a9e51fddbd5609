import type { FieldPart, KeyPart, Schema } from '../core/schema.js';
import { variantsOf } from './variants.js';

/** What is known of one class of an entity before any value is seen. */
export interface ClassPlan {
  readonly className: string;
  readonly target: Function;
  readonly keys: readonly KeyPart[];
  readonly fields: readonly FieldPart[];
  /** Indexes in `fields` of those that the class has. */
  readonly indexes: readonly number[];
  /** The names of key properties and fields. */
  readonly names: ReadonlySet<string>;
  /** The names of fields that only other classes of the entity have. */
  readonly others: readonly string[];
  readonly construct: Schema['construct'];
  /** Where the entity has several classes: which field tells them apart, and what it holds for this one. */
  readonly variant: { readonly field: number; readonly name: string; readonly value: string } | undefined;
}

const namesOf = (
  keys: readonly KeyPart[],
  fields: readonly FieldPart[],
  indexes: readonly number[],
): ReadonlySet<string> => new Set([...keys.map((key) => key.name), ...indexes.map((index) => fields[index]!.name)]);

/** The plan of a schema as a whole: all fields of all its classes. */
export function wholePlan(schema: Schema): ClassPlan {
  const { target, name, keys, fields, construct } = schema;
  const indexes = fields.map((_, index) => index);
  const names = namesOf(keys, fields, indexes);
  return {
    className: target.name || name,
    target,
    keys,
    fields,
    indexes,
    names,
    others: [],
    construct,
    variant: undefined,
  };
}

/** One plan for each class of an entity that has several. */
export function variantPlans(schema: Schema): readonly ClassPlan[] {
  const { keys, fields, variants } = schema;
  return variantsOf(schema).map(({ value, target, construct, fields: indexes }) => {
    const field = variants!.field;
    const variant = { field, name: fields[field]!.name, value };
    return {
      className: target.name,
      target,
      keys,
      fields,
      indexes,
      names: namesOf(keys, fields, indexes),
      others: fields.filter((_, index) => !indexes.includes(index)).map((other) => other.name),
      construct,
      variant,
    };
  });
}
