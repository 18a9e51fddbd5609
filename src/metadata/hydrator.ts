import { ValidationError } from '../core/errors.js';
import { CorruptPlain, samePlain } from '../core/plain.js';
import type { Key, Row, Schema } from '../core/schema.js';
import { type ClassPlan, variantPlans, wholePlan } from './class-plan.js';
import { compileHydrate, type Hydrate, mayGenerate, partOf } from './compile.js';
import { checkNames, checkObject, checkVariant, encodeField, encodeRow } from './dehydrator.js';
import { fillDefaults, fillKeys } from './fill.js';
import { instanceOf } from './nested.js';
import { type PatchChange, patchReader } from './patch.js';
import { checkRelations, relationsOf } from './relations.js';
import { ValueFault } from './value-fault.js';

type Properties = Record<string, unknown>;

/** Turns entities into rows and back. */
export interface Hydrator {
  /** A new entity, made by its own class. @throws CorruptPlain */
  hydrate(key: Key, row: Row): object;
  /** A plain object of the key and those of the asked fields that are not absent; it cannot be saved. @throws CorruptPlain */
  part(key: Key, row: Row, fields: readonly number[]): Record<string, unknown>;
  /** The row of an entity or of plain data. @throws ValidationError */
  dehydrate(source: unknown): Row;
  /** What a patch changes. With the key, a patch may repeat it. @throws ValidationError */
  patchOf(patch: unknown, key?: Key): PatchChange;
  /** A new entity with `data`, not saved. Nested plain objects become instances, defaults are filled in. @throws ValidationError */
  create(data?: unknown): object;
  /** Fills into what is about to be saved: generated keys, defaults, the name of the variant. @throws ValidationError */
  fill(source: unknown, now: number): void;
  /** Puts into what was saved as `sent` what became of it; a new entity where it cannot be changed. @throws CorruptPlain */
  learn<T extends object>(source: T, key: Key, sent: Row, stored: Row): T;
  /** The fields that an entity's class does not have, but another variant has. */
  fieldsOfOthers(entity: object): readonly string[];
  /** The indexes of the named fields, ascending; key properties are not among them. @throws ValidationError for unknown names */
  indexes(names: readonly string[]): readonly number[];
}

/** The hydrator of a schema, made once at open. `generate: false` makes it without generated code. */
export function createHydrator(schema: Schema, { generate = mayGenerate() }: { generate?: boolean } = {}): Hydrator {
  const { keys, fields } = schema;
  const whole = wholePlan(schema);
  const relations = relationsOf(schema);
  const { className } = whole;
  const plans = variantPlans(schema);
  const hydrate = schema.variants ? variantHydrate(schema, plans, generate) : compileHydrate(whole, generate);
  const planOf = schema.variants ? variantPlan(schema, plans) : () => whole;
  const indexOf = new Map(fields.map((field, index) => [field.name, index]));
  // Parts of entities look like data; saved, they would wipe what was not read.
  const parts = new WeakSet<object>();

  const planFor = (source: unknown): ClassPlan => {
    checkObject(className, source, 'An entity');
    if (parts.has(source)) {
      const read = Object.keys(source).join(', ');
      throw new ValidationError(
        `This is only part of ${className} (${read}), read with 'fields'. Change those with update(), or find() the whole entity.`,
      );
    }
    const plan = planOf(source);
    checkRelations(className, relations, source);
    if (!(source instanceof plan.target)) checkNames(plan, source);
    return plan;
  };

  return {
    hydrate(key, row) {
      try {
        return hydrate(key, row);
      } catch (error) {
        throw unreadable(whole, row, error);
      }
    },
    part(key, row, indexes) {
      try {
        const part = partOf(whole, key, row, indexes);
        parts.add(part);
        return part;
      } catch (error) {
        throw unreadable(whole, row, error);
      }
    },
    dehydrate: (source) => encodeRow(planFor(source), source as object),
    patchOf: patchReader(schema, whole),
    create(data = {}) {
      const plan = planFor(data);
      const given = data as Properties;
      const entity = plan.construct({ ...given }) as Properties;
      for (const { name } of keys) assign(entity, name, given[name]);
      for (const index of plan.indexes) {
        const { name } = fields[index]!;
        assign(entity, name, instanceIn(plan, index, given[name]));
      }
      fillDefaults(plan, entity);
      return entity;
    },
    fill(source, now) {
      const plan = planFor(source);
      fillKeys(plan, source as Properties, now);
      fillDefaults(plan, source as Properties);
    },
    learn(source, key, sent, stored) {
      const taken = planOf(source).indexes.every((index) => {
        const plain = stored[index];
        if (samePlain(plain, sent[index])) return true;
        const { name, codec } = fields[index]!;
        return Reflect.set(source, name, plain === undefined || plain === null ? plain : codec.decode(plain));
      });
      return taken ? source : (this.hydrate(key, stored) as typeof source);
    },
    fieldsOfOthers: (entity) => planOf(entity).others,
    indexes(names) {
      const found = names.map((name) => {
        const index = indexOf.get(name);
        if (index !== undefined || keys.some((key) => key.name === name)) return index;
        const known = [...whole.names].join(', ');
        throw new ValidationError(
          `${className} has no property ${JSON.stringify(name)} that is stored. It has: ${known}.`,
        );
      });
      return [...new Set(found.filter((index) => index !== undefined))].sort((a, b) => a - b);
    },
  };
}

function variantHydrate({ variants, fields, target }: Schema, plans: readonly ClassPlan[], generate: boolean): Hydrate {
  const byValue = new Map<unknown, Hydrate>(plans.map((plan) => [plan.variant!.value, compileHydrate(plan, generate)]));
  const field = variants!.field;
  return (key, row) => {
    const value = row[field];
    const one = byValue.get(value);
    if (one) return one(key, row);
    const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
    const all = [...byValue.keys()].join(', ');
    throw new CorruptPlain(`${target.name}.${fields[field]!.name} is ${shown}, which is none of its variants (${all})`);
  };
}

function variantPlan(schema: Schema, plans: readonly ClassPlan[]): (source: object) => ClassPlan {
  const { target, variants, fields } = schema;
  const { name } = fields[variants!.field]!;
  const byValue = new Map<unknown, ClassPlan>(plans.map((plan) => [plan.variant!.value, plan]));
  return (source) => {
    const value = (source as Properties)[name];
    if (!(source instanceof target)) {
      checkVariant(target.name, schema, name, value);
      return byValue.get(value)!;
    }
    const exact = plans.filter((plan) => plan.target === source.constructor);
    const own = exact.find((plan) => plan.variant!.value === value) ?? exact[0];
    if (!own)
      throw new ValidationError(
        `${source.constructor.name} is none of the variants of ${target.name}. Add it to them.`,
      );
    if (value === undefined || value === own.variant!.value) return own;
    throw new ValidationError(
      `${own.className}.${name} is ${JSON.stringify(value)}, but of this class it must be "${own.variant!.value}". Leave it out.`,
    );
  };
}

/** Finds the field that could not be read. An error of the class's own constructor is told as it is. */
function unreadable({ className, fields }: ClassPlan, row: Row, error: unknown): unknown {
  if (error instanceof CorruptPlain) return error;
  for (const [index, part] of fields.entries()) {
    const plain = row[index];
    if (plain === undefined || plain === null) continue;
    try {
      part.codec.decode(plain);
    } catch (cause) {
      const path = cause instanceof ValueFault ? cause.path : '';
      const fact =
        cause instanceof ValueFault
          ? cause.fact
          : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
      return new CorruptPlain(`${className}.${part.name}${path} ${fact}`, { cause });
    }
  }
  return error;
}

function instanceIn({ className, fields }: ClassPlan, index: number, value: unknown): unknown {
  const part = fields[index]!;
  if (value === undefined || value === null) return value;
  try {
    return instanceOf(part.codec, value);
  } catch {
    // Told as any other value that cannot be stored.
    encodeField(className, part, value);
    return value;
  }
}

function assign(entity: Properties, name: string, value: unknown): void {
  if (value !== undefined && entity[name] !== value) entity[name] = value;
}
