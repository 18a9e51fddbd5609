import type { Plain } from '../core/plain.js';
import type { Row, Schema } from '../core/schema.js';
import { variantsOf } from './variants.js';

/** What is wrong with setting a field that a variant's class does not have, and what to do instead. */
export const lacksField = (className: string, field: string): string =>
  `it is of class ${className}, which has no ${field}. Leave ${field} out, or save the entity anew as what has it`;

/**
 * Why these fields of a stored row cannot be changed; `undefined` where they can, or where the entity has one class. A
 * variant has its own fields only, and stays what it is: another class would be left with fields of both.
 */
export function variantFault(
  schema: Schema,
  row: Row,
  set: Iterable<readonly [index: number, plain: Plain | undefined]>,
): string | undefined {
  const { variants, fields } = schema;
  if (variants === undefined) return undefined;
  const value = row[variants.field];
  const own = variantsOf(schema).find((variant) => variant.value === value);
  // What is stored under the name of no class cannot be read, which says it better.
  if (own === undefined) return undefined;
  for (const [index, plain] of set) {
    const { name } = fields[index]!;
    if (index === variants.field) {
      if (plain !== value)
        return `its ${name} is "${own.value}", which no change makes ${JSON.stringify(plain)}. Save the entity anew as that`;
    } else if (!own.fields.includes(index)) return lacksField(own.target.name, name);
  }
  return undefined;
}
