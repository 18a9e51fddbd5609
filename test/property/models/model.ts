import { copied } from '../step.js';

/** What a repository answers, worked out as plainly as can be: its calls by name. */
export type Model = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What a repository throws, by the name of the error. */
export class Refusal extends Error {}

/** By the bytes of the texts. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** An entity as plain data: its key and its properties. */
export type Data = { readonly id: string } & Readonly<Record<string, unknown>>;

const listOf = (given: Data | readonly Data[]): readonly Data[] => (Array.isArray(given) ? given : [given as Data]);

/** What is there under each key, and how it is given and told. */
export interface Kept<V> {
  readonly there: Map<string, V>;
  readonly kept: (data: Data) => V;
  readonly told: (value: V) => Readonly<Record<string, unknown>>;
}

// biome-ignore lint/suspicious/noExplicitAny: an entity of any of the kinds.
type Loose = any;

/** Changes an entity: what a step that is called so gives to `update`. */
export function modify(entity: Loose): void {
  for (const items of [entity.members, entity.points, entity.items])
    if (items instanceof Set) items.delete([...items][0]);
    else items?.shift();
  if ('count' in entity) entity.count += 1;
  if ('seen' in entity) entity.seen = !entity.seen;
}

/** The calls that every repository has. */
export function commonModel<V>({ there, kept, told }: Kept<V>) {
  const find = (id: string): Data | undefined => (there.has(id) ? { id, ...told(there.get(id)!) } : undefined);
  const save = (given: Data | readonly Data[]) => {
    for (const one of listOf(given)) there.set(one.id, kept(one));
  };
  const replaced = (id: string, change: (entity: Record<string, unknown>) => void) => {
    const entity = copied(find(id));
    if (!entity) throw new Refusal('EntityNotFoundError');
    change(entity);
    there.set(id, kept(entity));
    return find(id);
  };
  return {
    find,
    refresh: find,
    findOrFail(id: string) {
      if (!there.has(id)) throw new Refusal('EntityNotFoundError');
      return find(id);
    },
    findMany: (ids: readonly string[]) => ids.map(find),
    stream: (ids: readonly string[]) => ids.map(find).filter((entity) => entity !== undefined),
    exists: (id: string) => there.has(id),
    save,
    insert(given: Data | readonly Data[]) {
      if (listOf(given).some(({ id }) => there.has(id))) throw new Refusal('EntityExistsError');
      save(given);
    },
    update: (id: string, patch: Record<string, unknown>) =>
      replaced(id, (entity) => {
        for (const [name, value] of Object.entries(patch)) if (value !== undefined) entity[name] = value;
      }),
    modify: (id: string) => replaced(id, modify),
    delete: (ids: string | readonly string[]) =>
      typeof ids === 'string' ? there.delete(ids) : ids.filter((id) => there.delete(id)).length,
    evict: () => undefined,
  };
}
