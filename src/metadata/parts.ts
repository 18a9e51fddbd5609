import { codecs } from '../core/codecs.js';
import type { Kind } from '../core/kind.js';
import type { MappedEntity } from '../core/mapped.js';
import type { FieldPart, KeyPart } from '../core/schema.js';
import type { Declared, DeclaredProperty } from './declared.js';
import type { FaultList } from './faults.js';
import { fieldPart, keyPart, valuePart, versionPart } from './fields.js';
import { ownKind } from './record-kind.js';

/** What is stored of an entity. */
export interface Parts {
  readonly keys: KeyPart[];
  readonly fields: FieldPart[];
  readonly version: number | undefined;
}

/** The kind that the class has, as far as there is one. */
const kindOf = ({ kinds }: Declared): Kind | undefined => kinds[0] && ownKind(kinds[0].kind);

const kindName = ({ kinds }: Declared): string => (kinds[0] ? `@${kinds[0].decorator}` : 'class without a kind');

/** Reads key and fields from Holdfast's decorators. `limit` is how many members a collection may have. */
export function declaredParts(declared: Declared, limit: number | undefined, faults: FaultList): Parts {
  const { className, properties } = declared;
  const keys: KeyPart[] = [];
  for (const property of properties) {
    const part = property.role === 'key' ? keyPart(property, faults) : undefined;
    if (part) keys.push(part);
  }
  const others = properties.filter((property) => property.role !== 'key');
  const kind = kindOf(declared);
  const parts = kind?.property
    ? valueParts(declared, kind, limit, others, faults)
    : fieldParts(declared, others, faults);
  if (others.length === properties.length)
    faults.add(className, 'has no key.', 'Put @Key() on the property that identifies it.');
  return { keys, ...parts };
}

/** What is not of the key, of a kind whose entities have fields. */
function fieldParts(
  declared: Declared,
  properties: readonly DeclaredProperty[],
  faults: FaultList,
): Omit<Parts, 'keys'> {
  const fields: FieldPart[] = [];
  const versions: string[] = [];
  let version: number | undefined;
  for (const property of properties) {
    if (property.role === 'value') {
      faults.add(
        property.subject,
        `is declared with @${property.decorator}(), which a ${kindName(declared)} does not have.`,
        'Use @Field() for it, or another kind.',
      );
      continue;
    }
    const part = property.role === 'version' ? versionPart(property, faults) : fieldPart(property, faults);
    if (property.role === 'version') {
      versions.push(property.name);
      version = fields.length;
    }
    if (part) fields.push(part);
  }
  if (versions.length > 1)
    faults.add(declared.className, `counts versions twice, in ${versions.join(' and ')}.`, 'Keep one @Version().');
  return { fields, version };
}

/** Likewise of a kind whose entities have one value. */
function valueParts(
  declared: Declared,
  kind: Kind,
  limit: number | undefined,
  properties: readonly DeclaredProperty[],
  faults: FaultList,
): Omit<Parts, 'keys'> {
  const { className } = declared;
  const value = kind.property!;
  const name = kindName(declared);
  const own = properties.filter(({ decorator, role }) => role === 'value' && decorator === value.decorator);
  for (const { subject, decorator, role } of properties)
    if (role !== 'value' || decorator !== value.decorator)
      faults.add(
        subject,
        `is declared with @${decorator}(), which a ${name} does not have.`,
        `A ${name} has one @${value.decorator}(); leave this out, or make the class a @RedisHash().`,
      );
  if (own.length === 0)
    faults.add(
      className,
      `is a ${name} without a value.`,
      `Put @${value.decorator}() on a property of type ${value.type}.`,
    );
  if (own.length > 1) {
    const all = own.map((property) => property.name).join(' and ');
    faults.add(className, `is a ${name} with ${own.length} values: ${all}.`, `Keep one @${value.decorator}().`);
  }
  const { by, variants } = declared.aspects.Entity ?? {};
  if (by !== undefined || variants !== undefined)
    faults.add(className, `has variants, which a ${name} cannot have.`, "Leave out 'by' and 'variants'.");
  const part = own[0] && valuePart(own[0], kind, limit, faults);
  return { fields: part ? [part] : [], version: undefined };
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
  const keys = [...mapped.keys];
  const kind = kindOf(declared);
  if (kind?.structure) {
    const fact = `is a ${kindName(declared)}, which has a row for each member, but TypeORM maps it with one for each entity.`;
    const remedy = 'Make the class a @RedisHash(), or leave its table to Holdfast: take @Entity() and @Key() from it.';
    faults.add(className, fact, remedy);
    return { keys, fields: [], version: undefined };
  }
  if (kind?.property) return { keys, ...mappedValue(declared, kind.property, mapped, faults) };
  const fields = [...mapped.fields];
  const version = fields.findIndex((field) => field.name === mapped.version);
  return { keys, fields, version: version < 0 ? undefined : version };
}

/** The one column beside the key, of a kind whose entities have one value. */
function mappedValue(
  declared: Declared,
  { codec: codecOf }: NonNullable<Kind['property']>,
  { fields }: MappedEntity,
  faults: FaultList,
): Omit<Parts, 'keys'> {
  const codec = codecOf(codecs.string, undefined);
  const [field] = fields;
  const fits = fields.length === 1 && field!.storage === codec.storage && !field!.nullable;
  if (!fits) {
    const wanted = `one column beside the key: of type ${codec.name}, and not nullable`;
    faults.add(
      declared.className,
      `is a ${kindName(declared)}, but the table that TypeORM maps has others than ${wanted}.`,
      'Make the class a @RedisHash(), or map no more.',
    );
  }
  return { fields: field ? [{ ...field, required: true }] : [], version: undefined };
}
