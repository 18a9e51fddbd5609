import { MetadataError, type MetadataFault } from '../../core/errors.js';
import type { Schema } from '../../core/schema.js';
import type { KeyPlacement } from './entity-home.js';

/** Refuses what MongoDB cannot have: `named` is what the driver's options say of an entity by its name. @throws MetadataError */
export function checkNames(schemas: readonly Schema[], named: (schema: Schema) => KeyPlacement | undefined): void {
  const faults = schemas.flatMap((schema) => [
    ...(named(schema) === 'collections' && schema.keys.length === 1 ? [oneKeyPart(schema)] : []),
    ...collectionFaults(schema),
    ...columnFaults(schema),
  ]);
  if (faults.length > 0) throw new MetadataError(faults);
}

const oneKeyPart = ({ target }: Schema): MetadataFault => ({
  subject: target.name,
  fact: "has one key part, and is to have all but the last in the names of collections (keys: 'collections').",
  remedy: 'Leave it out of the option keys of the MongoDB driver, or give it another key part.',
});

function collectionFaults({ target, name, kind, fields }: Schema): MetadataFault[] {
  const names = kind.structure === undefined ? [name] : [name, `${name}_${fields[0]!.column}`];
  return names
    .filter((one) => one.includes('$'))
    .slice(0, 1)
    .map((one) => ({
      subject: target.name,
      fact: `lies in the collection ${one}, but MongoDB takes no $ in such a name.`,
      remedy: 'Give it another name in the store, as in @Entity({ name }).',
    }));
}

function columnFaults({ target, kind, keys, fields }: Schema): MetadataFault[] {
  // What makes up an _id has names where there are several; members of a collection have none.
  const parts = [...(keys.length > 1 ? keys : []), ...(kind.structure === undefined ? fields : [])];
  const remedy = 'Give it another name in the store, as in @Field({ name }).';
  const faults = parts.flatMap(({ name, column }) => {
    if (!column.includes('.') && !column.startsWith('$')) return [];
    const fact = `is stored as ${column}, which MongoDB would take for a path or an operator.`;
    return [{ subject: `${target.name}.${name}`, fact, remedy }];
  });
  const taken = kind.structure === undefined && fields.some(({ column }) => column === '_id');
  if (taken)
    faults.push({
      subject: target.name,
      fact: 'has a field that is stored as _id, where MongoDB has the key.',
      remedy,
    });
  return faults;
}
