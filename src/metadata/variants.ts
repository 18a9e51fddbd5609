import type { FieldPart, Schema } from '../core/schema.js';
import { type Declared, declaredOf } from './declared.js';
import type { FaultList } from './faults.js';
import { fieldPart } from './fields.js';
import { shapeOf } from './nested.js';

/** One class of an entity with several. */
export interface Variant {
  readonly value: string;
  readonly target: Function;
  readonly construct: (data: Record<string, unknown>) => object;
  /** Indexes in `schema.fields` of the fields that this class has. */
  readonly fields: readonly number[];
}

const variantsOfSchema = new WeakMap<Schema, readonly Variant[]>();

/** The variants of a schema with what makes each; empty where the entity has one class. */
export const variantsOf = (schema: Schema): readonly Variant[] => variantsOfSchema.get(schema) ?? [];

/** Keeps what the schema itself does not say. */
export const keepVariants = (schema: Schema, variants: readonly Variant[]): void =>
  void variantsOfSchema.set(schema, variants);

/** How instances of a declared class are made. */
export function constructOf(
  declared: Declared,
  create: Declared['ownCreate'],
  faults: FaultList,
): Variant['construct'] {
  const { target, className } = declared;
  if (typeof create === 'function') return (data) => create(data);
  if (create !== undefined)
    faults.add(className, `has create: ${String(create)}.`, `Give a function: (data) => new ${className}(…).`);
  if (target.length > 0) {
    const remedy = `Give @Entity({ create: (data) => new ${className}(…) }), or let it take none.`;
    faults.add(className, 'is made without arguments when it is read, but its constructor takes some.', remedy);
  }
  const made = target as unknown as new () => object;
  return () => new made();
}

/** Reads the variants of an entity and adds their fields to `fields`. */
export function readVariants(base: Declared, fields: FieldPart[], faults: FaultList): readonly Variant[] {
  const { by, variants } = base.aspects.Entity ?? {};
  const { className } = base;
  if (by === undefined && variants === undefined) return [];
  if (by === undefined || typeof variants !== 'function') {
    const fact =
      by === undefined ? 'has variants, but does not say what tells them apart.' : `has by: '${by}', but no variants.`;
    faults.add(className, fact, "Give both: @Entity({ by: 'type', variants: () => ({ cat: Cat, dog: Dog }) }).");
    return [];
  }
  const classes = classesOf(base, variants, faults);
  if (base.entityClass !== className && Object.values(classes).includes(base.target)) {
    const fact = `is a variant of ${base.entityClass}, in whose repository it is already.`;
    faults.add(className, fact, 'Leave it out of the entities, or give it an @Entity() of its own.');
    return [];
  }
  const common = fields.length;
  const at = fields.findIndex((field) => field.name === by);
  if (at < 0)
    faults.add(
      className,
      `tells its variants apart by '${by}', which is no @Field() of it.`,
      `Declare it: @Field() ${by}!: string.`,
    );
  else if (fields[at]!.storage !== 'text')
    faults.add(
      `${className}.${by}`,
      `tells variants apart, but is of type ${fields[at]!.codec.name}.`,
      'Make it a string.',
    );
  return Object.entries(classes).flatMap(([value, target]) => {
    const found = readVariant(base, value, target, fields, common, faults);
    return found ? [found] : [];
  });
}

function classesOf(base: Declared, variants: () => object, faults: FaultList): Record<string, unknown> {
  let classes: object | undefined;
  let why = 'names none';
  try {
    classes = variants();
  } catch (error) {
    why = `throws: ${(error as Error)?.message}`;
  }
  if (typeof classes === 'object' && classes !== null && Object.keys(classes).length > 0) return { ...classes };
  faults.add(
    base.className,
    `has a function 'variants' that ${why}.`,
    'It returns a class for each value: () => ({ cat: Cat, dog: Dog }).',
  );
  return {};
}

function readVariant(
  base: Declared,
  value: string,
  target: unknown,
  fields: FieldPart[],
  common: number,
  faults: FaultList,
): Variant | undefined {
  const { className } = base;
  if (typeof target !== 'function' || !(target === base.target || target.prototype instanceof base.target)) {
    const name = typeof target === 'function' ? target.name : String(target);
    faults.add(
      className,
      `has the variant ${value}: ${name}, which does not extend ${className}.`,
      `Write: class ${name} extends ${className}.`,
    );
    return undefined;
  }
  // An undecorated subclass still inherits a declaration.
  const declared = declaredOf(target, faults)!;
  const own = Array.from({ length: common }, (_, index) => index);
  const inherited = new Set(base.properties.map((property) => property.subject));
  for (const property of declared.properties) {
    if (inherited.has(property.subject)) continue;
    const index = variantField(property, className, fields, faults);
    if (index !== undefined && !own.includes(index)) own.push(index);
  }
  return { value, target, fields: own, construct: constructOf(declared, declared.ownCreate, faults) };
}

function variantField(
  property: Declared['properties'][number],
  className: string,
  fields: FieldPart[],
  faults: FaultList,
): number | undefined {
  if (property.role !== 'field') {
    faults.add(
      property.subject,
      `is a @${property.decorator}() of a variant.`,
      `Declare it in ${className}; variants add fields only.`,
    );
    return undefined;
  }
  const part = fieldPart(property, faults);
  if (!part) return undefined;
  const index = fields.findIndex((field) => field.name === property.name);
  if (index < 0) return fields.push(part) - 1;
  const other = fields[index]!;
  const same =
    other.column === part.column &&
    shapeOf(other.codec) === shapeOf(part.codec) &&
    other.nullable === part.nullable &&
    other.length === part.length;
  if (!same) {
    const fact = `is declared otherwise in another class of ${className} (as ${other.codec.name} '${other.column}', here as ${part.codec.name} '${part.column}').`;
    faults.add(property.subject, fact, 'All are one table: declare it alike, or give it another name.');
  }
  return index;
}
