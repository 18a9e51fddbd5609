import { ValidationError } from '../core/errors.js';
import { type Plain, samePlain } from '../core/plain.js';
import type { Key, Schema } from '../core/schema.js';
import type { ClassPlan } from './class-plan.js';
import { checkNames, checkObject, checkVariant, encodeField } from './dehydrator.js';
import { keyCodec } from './key-codec.js';
import { checkRelations, relationsOf } from './relations.js';

type Properties = Record<string, unknown>;

/** What `update` changes. */
export interface PatchChange {
  /** Field index and new value; the version is not among them. */
  readonly set: ReadonlyMap<number, Plain>;
  /** The version that the patch names: only that one may be changed. */
  readonly version: number | undefined;
}

/** Reads patches of one schema: `undefined` leaves a field, `null` clears it. */
export function patchReader(schema: Schema, plan: ClassPlan): (patch: unknown, key?: Key) => PatchChange {
  const { keys, fields, target, variants } = schema;
  const { className } = plan;
  const codec = keyCodec(schema);
  const relations = relationsOf(schema);

  const checkKey = (patch: Properties, name: string, at: number, key: Key | undefined): void => {
    const others = key ? codec.toObject(key) : {};
    if (key && samePlain(codec.fromEntity({ ...others, [name]: patch[name] }).parts[at], key.parts[at])) return;
    throw new ValidationError(
      `${className}.${name} is part of the key, which cannot change. Save the entity under the other key and delete this one.`,
    );
  };

  return (patch, key) => {
    checkObject(className, patch, 'The patch');
    checkRelations(className, relations, patch);
    if (!(patch instanceof target)) checkNames(plan, patch);
    const values = patch as Properties;
    keys.forEach(({ name }, at) => {
      if (values[name] !== undefined) checkKey(values, name, at, key);
    });
    const set = new Map<number, Plain>();
    let version: number | undefined;
    fields.forEach((part, index) => {
      const value = values[part.name];
      if (value === undefined) return;
      const plain = encodeField(className, part, value);
      if (index === variants?.field) checkVariant(className, schema, part.name, plain);
      if (index === schema.version) version = plain as number;
      else set.set(index, plain);
    });
    return { set, version };
  };
}
