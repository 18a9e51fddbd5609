import type { MappedEntity } from '../core/mapped.js';
import type { FieldPart, KeyPart } from '../core/schema.js';
import type { Declared } from './declared.js';
import type { FaultList } from './faults.js';
import { fieldPart, keyPart, versionPart } from './fields.js';

/** What is stored of an entity. */
export interface Parts {
  readonly keys: KeyPart[];
  readonly fields: FieldPart[];
  readonly version: number | undefined;
}

/** Reads key and fields from Holdfast's decorators. */
export function declaredParts(declared: Declared, faults: FaultList): Parts {
  const { className, properties, kinds } = declared;
  const keys: KeyPart[] = [];
  const fields: FieldPart[] = [];
  const versions: string[] = [];
  let version: number | undefined;
  for (const property of properties) {
    if (property.role === 'key') {
      const part = keyPart(property, faults);
      if (part) keys.push(part);
    } else if (property.role === 'collection') {
      const kind = kinds[0] ? `@${kinds[0].decorator}` : 'class without a kind';
      faults.add(
        property.subject,
        `is declared with @${property.decorator}(), which a ${kind} does not have.`,
        'Use @Field() for it, or another kind.',
      );
    } else {
      const part = property.role === 'version' ? versionPart(property, faults) : fieldPart(property, faults);
      if (property.role === 'version') {
        versions.push(property.name);
        version = fields.length;
      }
      if (part) fields.push(part);
    }
  }
  if (!properties.some((property) => property.role === 'key'))
    faults.add(className, 'has no key.', 'Put @Key() on the property that identifies it.');
  if (versions.length > 1)
    faults.add(className, `counts versions twice, in ${versions.join(' and ')}.`, 'Keep one @Version().');
  return { keys, fields, version };
}

/** Takes key and fields from TypeORM's metadata. */
export function mappedParts(
  declared: Declared,
  mapped: MappedEntity,
  throughTypeorm: boolean,
  faults: FaultList,
): Parts {
  const { className, properties } = declared;
  if (properties.length > 0) {
    const names = properties.map((property) => `@${property.decorator}() ${property.name}`).join(', ');
    faults.add(
      className,
      `is mapped by TypeORM, and also has ${names}.`,
      "Leave Holdfast's out (key and fields come from TypeORM), or TypeORM's.",
    );
  }
  for (const { property, fact, remedy } of [...mapped.faults, ...(throughTypeorm ? [] : mapped.refusals)])
    faults.add(property === undefined ? className : `${className}.${property}`, fact, remedy);
  const fields = [...mapped.fields];
  const version = fields.findIndex((field) => field.name === mapped.version);
  return { keys: [...mapped.keys], fields, version: version < 0 ? undefined : version };
}
