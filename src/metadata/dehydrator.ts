import { describe } from '../core/codecs.js';
import { ValidationError } from '../core/errors.js';
import type { Plain } from '../core/plain.js';
import type { FieldPart, Row, Schema } from '../core/schema.js';
import type { ClassPlan } from './class-plan.js';
import { checkLength, checkNull } from './nested.js';
import { ValueFault } from './value-fault.js';

type Properties = Record<string, unknown>;

/** One value as it is stored. @throws ValidationError */
export function encodeField(className: string, part: FieldPart, value: unknown): Plain {
  try {
    if (value === null) return checkNull(part);
    return checkLength(part, part.codec.encode(value));
  } catch (error) {
    const path = error instanceof ValueFault ? error.path : '';
    const fact = error instanceof ValueFault ? error.fact : error instanceof Error ? error.message : String(error);
    const cause = error instanceof ValueFault ? error.cause : undefined;
    const remedy = (error instanceof ValueFault && error.remedy) || remedyFor(part, value);
    throw new ValidationError(`${className}.${part.name}${path} ${fact}. ${remedy}`, { cause });
  }
}

function remedyFor({ required }: FieldPart, value: unknown): string {
  if (required) return 'Give another value.';
  return value === null
    ? 'Declare it with nullable: true, or leave it out.'
    : 'Give another value, or leave the property out.';
}

/** The row of an entity or its data. @throws ValidationError */
export function encodeRow({ className, fields, indexes, variant }: ClassPlan, source: object): Row {
  const row = new Array<Plain | undefined>(fields.length).fill(undefined);
  for (const index of indexes) {
    const part = fields[index]!;
    const value = (source as Properties)[part.name];
    if (value !== undefined) row[index] = encodeField(className, part, value);
    else if (part.required)
      throw new ValidationError(`${className}.${part.name} is missing, which every ${className} has. Give it a value.`);
  }
  if (variant) row[variant.field] = variant.value;
  return row;
}

/** Data must have no properties but those of the entity: others would be lost without a word. @throws ValidationError */
export function checkNames({ className, names }: ClassPlan, data: object): void {
  for (const name of Object.keys(data)) {
    if (names.has(name)) continue;
    const known = [...names].join(', ');
    throw new ValidationError(
      `${className} has no property ${JSON.stringify(name)} that is stored; it has ${known}. Leave it out, or declare it with @Field().`,
    );
  }
}

/** @throws ValidationError where it cannot be an entity's data at all. */
export function checkObject(className: string, source: unknown, wanted: string): asserts source is object {
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) return;
  throw new ValidationError(
    `${wanted} of ${className} must be an object, got ${describe(source)}. Give an entity or its data.`,
  );
}

/** @throws ValidationError where no class goes with the value. */
export function checkVariant(className: string, { variants }: Schema, name: string, value: unknown): void {
  if (typeof value === 'string' && variants!.classes.has(value)) return;
  const shown = typeof value === 'string' ? JSON.stringify(value) : describe(value);
  const all = [...variants!.classes.keys()].join(', ');
  throw new ValidationError(`${className}.${name} is ${shown}, which is none of its variants. Give one of: ${all}.`);
}
