import { commonModel, type Data, type Model, Refusal } from './model.js';

const withoutKey = ({ id: _, ...rest }: Data) => rest;

/** A hash of the properties `name`, `count` and `ratio`. */
export function hashModel(): Model {
  const there = new Map<string, Readonly<Record<string, unknown>>>();
  const common = commonModel({
    there,
    kept: withoutKey,
    told: (row) => row,
  });
  const part = (entity: Data | undefined, { fields }: { readonly fields?: readonly string[] } = {}) =>
    entity && fields
      ? Object.fromEntries(Object.entries(entity).filter(([name]) => name === 'id' || fields.includes(name)))
      : entity;
  return {
    ...common,
    find: (id: string, options?: object) => part(common.find(id), options),
    findMany: (ids: readonly string[], options?: object) => ids.map((id) => part(common.find(id), options)),
    increment(id: string, field: string, by = 1) {
      const row = there.get(id);
      if (!row) throw new Refusal('EntityNotFoundError');
      const sum = ((row[field] as number | undefined) ?? 0) + by;
      there.set(id, { ...row, [field]: sum });
      return sum;
    },
  };
}

/** A flag of the property `seen`. */
export function flagModel(): Model {
  const there = new Map<string, boolean>();
  return {
    ...commonModel<boolean>({
      there,
      kept: ({ seen }) => seen as boolean,
      told: (seen) => ({ seen }),
    }),
    set: (id: string) => void there.set(id, true),
    unset: (id: string) => void there.set(id, false),
    get: (id: string) => there.get(id),
    isSet: (id: string) => there.get(id) === true,
    isSetMany: (ids: readonly string[]) => ids.map((id) => there.get(id) === true),
  };
}
