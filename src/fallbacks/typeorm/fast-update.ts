import type { Change, RowChange } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import type { Layout } from './layout.js';
import type { Parameters } from './parameters.js';

const SAFE = Number.MAX_SAFE_INTEGER;
const MAX_BIGINT = 2n ** 63n - 1n;
const MIN_BIGINT = -(2n ** 63n);

/** What one UPDATE sets, and what must hold for it. */
export type Update = (parameters: Parameters) => { set: string[]; where: string[] };

/**
 * A patch or an increment as one UPDATE; `undefined` where it takes to read first. It leaves alone what it must not change,
 * so that no row says: something else is the case, look.
 */
export function fastUpdate(
  layout: Layout,
  change: Extract<RowChange, { type: 'patch' | 'increment' }>,
): Update | undefined {
  const update = change.type === 'patch' ? patch(layout, change) : increment(layout, change);
  const variants = update && layout.schema.variants;
  if (!variants) return update;
  const values = takenBy(layout.schema, change);
  if (values.length === 0) return undefined;
  const { quoted } = layout.fields[variants.field]!;
  return (parameters) => {
    const { set, where } = update(parameters);
    return { set, where: [...where, `${quoted} IN (${parameters.list(values)})`] };
  };
}

/** The variants that the kind lets this change be made to. */
function takenBy(schema: Schema, change: Change): string[] {
  const { field, classes } = schema.variants!;
  const { version } = change as Change & { readonly version?: number };
  return [...classes.keys()].filter((value) => {
    // At the version that it asks for, so that nothing but the variant decides.
    const row = schema.fields.map((_, index) =>
      index === field ? value : index === schema.version ? version : undefined,
    );
    return schema.kind.apply(schema, { value: row }, change).status === 'done';
  });
}

function patch(layout: Layout, { set, version }: Extract<RowChange, { type: 'patch' }>): Update | undefined {
  const { version: counter } = layout.schema;
  if (set.size === 0 && counter === undefined) return undefined;
  // What was absent becomes null: that changes another column by what it holds.
  for (const [index, plain] of set)
    if (plain === null && layout.fields[index]!.nullable && layout.absent) return undefined;
  return (parameters) => ({
    set: [...set]
      .filter(([index]) => index !== counter)
      .map(([index, plain]) => {
        const column = layout.fields[index]!;
        return `${column.quoted} = ${parameters.add(layout.sqlValue(column, plain ?? null))}`;
      }),
    where: version === undefined ? [] : [`${layout.fields[counter!]!.quoted} = ${parameters.add(version)}`],
  });
}

function increment(layout: Layout, { field, by }: Extract<RowChange, { type: 'increment' }>): Update | undefined {
  const { quoted, storage, sqlType } = layout.fields[field]!;
  // Who knows what a column of another's type does with a sum.
  if (sqlType === undefined) return undefined;
  const now = `COALESCE(${quoted}, 0)`;
  return (parameters) => {
    const step = () => `${parameters.add(String(by))}::${sqlType}`;
    const set = [`${quoted} = ${now} + ${step()}`];
    if (storage === 'number') return { set, where: [] };
    const positive = by >= 0;
    const bound =
      storage === 'integer'
        ? BigInt(positive ? SAFE : -SAFE) - BigInt(by)
        : (positive ? MAX_BIGINT : MIN_BIGINT) - BigInt(by);
    return { set, where: [`${now} ${positive ? '<=' : '>='} ${parameters.add(String(bound))}::${sqlType}`] };
  };
}
