import { ValidationError } from '../core/errors.js';
import type { ClassPlan } from './class-plan.js';
import { generateKey } from './generate.js';

type Properties = Record<string, unknown>;

/** Puts new keys where generated ones are empty. @throws ValidationError where the object is frozen */
export function fillKeys(plan: ClassPlan, source: Properties, now: number): void {
  for (const { name, generate } of plan.keys) {
    const value = source[name];
    if (generate && (value === undefined || value === null || value === ''))
      put(plan, source, name, generateKey(generate, now));
  }
}

/** Puts defaults, and the name of the variant, where those are undefined. @throws ValidationError where the object is frozen */
export function fillDefaults(plan: ClassPlan, source: Properties): void {
  const { variant } = plan;
  if (variant && source[variant.name] === undefined) put(plan, source, variant.name, variant.value);
  for (const index of plan.indexes) {
    const { name, defaultValue } = plan.fields[index]!;
    if (defaultValue && source[name] === undefined) put(plan, source, name, defaultValue());
  }
}

function put({ className }: ClassPlan, source: object, name: string, value: unknown): void {
  if (value === undefined || Reflect.set(source, name, value)) return;
  throw new ValidationError(
    `${className}.${name} is filled in before it is saved, but the object does not take it. Give one that is not frozen.`,
  );
}
