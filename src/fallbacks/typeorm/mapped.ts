import type { ColumnMetadataArgs } from 'typeorm/metadata-args/ColumnMetadataArgs.js';
import { codecs, type FieldTypeName } from '../../core/codecs.js';
import type { MappedEntity, MappedFault } from '../../core/mapped.js';
import type { FieldPart, KeyPart, KeyType } from '../../core/schema.js';
import { type Transformer, transformed } from './mapped-codec.js';
import { refusalsOf } from './mapped-refusals.js';
import { mappedType } from './mapped-type.js';
import { lineage, metadataArgs, recorded } from './metadata-args.js';

const KEY_TYPES: readonly unknown[] = ['string', 'number', 'integer', 'bigint', 'date'] satisfies KeyType[];
const STORED_MODES: readonly string[] = ['regular', 'version', 'createDate', 'updateDate', 'deleteDate'];

/**
 * What TypeORM's decorators say of a class, or `undefined` where they do not make it an entity. It needs no DataSource and
 * does not load TypeORM; where a naming strategy calls columns otherwise, the driver finds that out by itself.
 */
export function mappedEntity(target: Function): MappedEntity | undefined {
  const storage = metadataArgs();
  const table = storage?.tables.find((one) => one.target === target);
  if (!storage || !table) return undefined;
  const line = lineage(target);
  const keys: KeyPart[] = [];
  const fields: FieldPart[] = [];
  const faults: MappedFault[] = [];
  let version: string | undefined;
  if (table.type === 'view')
    faults.push({ property: undefined, fact: 'is a view, which cannot be written to.', remedy: 'Map a table.' });
  for (const { propertyName } of recorded(storage.embeddeds, line))
    faults.push({
      property: propertyName,
      fact: 'is embedded, with columns of its own.',
      remedy: "Make it one column: @Column('simple-json').",
    });
  for (const column of recorded(storage.columns, line)) {
    if (!STORED_MODES.includes(column.mode)) continue;
    const type = typeOf(column, target);
    const { propertyName: property, options } = column;
    if (type === undefined) faults.push(untyped(column));
    else if (options.primary) {
      const strategy = storage.generations.find(
        (one) => line.includes(one.target as Function) && one.propertyName === property,
      )?.strategy;
      const fault = keyFault(column, type);
      if (fault) faults.push(fault);
      else keys.push(keyPart(column, type as KeyType, strategy === 'uuid'));
    } else {
      if (column.mode === 'version') version = property;
      fields.push(fieldPart(column, type));
    }
  }
  if (keys.length === 0 && faults.length === 0)
    faults.push({
      property: undefined,
      fact: 'has no primary column in TypeORM.',
      remedy: 'Put @PrimaryColumn() on the property that identifies it.',
    });
  return {
    target,
    table: table.name ?? snakeCase(target.name),
    keys,
    fields,
    version,
    refusals: refusalsOf(storage, line),
    faults,
  };
}

const transformersOf = ({ options }: ColumnMetadataArgs): Transformer[] =>
  options.transformer === undefined ? [] : [options.transformer].flat();

function typeOf(column: ColumnMetadataArgs, target: Function): FieldTypeName | undefined {
  const { mode, options, propertyName } = column;
  if (mode === 'version') return 'integer';
  if (mode !== 'regular') return 'date';
  const { getMetadata } = Reflect as { getMetadata?: (key: string, target: object, property: string) => unknown };
  // Behind a transformer the property is of another type than the column.
  const designType =
    transformersOf(column).length > 0 ? undefined : getMetadata?.('design:type', target.prototype, propertyName);
  return mappedType({ type: options.type, designType, array: options.array === true });
}

const untyped = ({ propertyName, options }: ColumnMetadataArgs): MappedFault => ({
  property: propertyName,
  fact: `has the column type ${typeof options.type === 'function' ? options.type.name : String(options.type)}, which Holdfast cannot store.`,
  remedy: 'Give the column another type.',
});

function keyFault(column: ColumnMetadataArgs, type: FieldTypeName): MappedFault | undefined {
  const { propertyName: property, options } = column;
  const shown = typeof options.type === 'function' ? options.type.name : String(options.type);
  if (transformersOf(column).length > 0)
    return { property, fact: 'is part of the key, but has a transformer.', remedy: 'Leave the transformer out.' };
  if (!KEY_TYPES.includes(type))
    return {
      property,
      fact: `is part of the key, but of type ${shown}.`,
      remedy: 'A key is a string, number, bigint or Date.',
    };
  if (type === 'string' && /^(bigint|int8|decimal|dec|numeric|fixed|citext)$/.test(shown))
    return {
      property,
      fact: `is part of the key and a string, but its column is of type ${shown}, in which different strings are alike.`,
      remedy: 'Declare the property as bigint or number, or the column as varchar.',
    };
  return undefined;
}

function keyPart({ propertyName: name, options }: ColumnMetadataArgs, type: KeyType, uuid: boolean): KeyPart {
  return {
    name,
    column: options.name ?? name,
    type,
    storage: codecs[type].storage,
    ...(uuid && type === 'string' ? { generate: 'uuid' as const } : {}),
  };
}

function fieldPart(column: ColumnMetadataArgs, type: FieldTypeName): FieldPart {
  const { propertyName: name, options, mode } = column;
  const codec = transformed(codecs[type], transformersOf(column));
  const length = Number(options.length);
  const literal: unknown = options.default;
  const plain = typeof literal === 'number' || typeof literal === 'boolean' || typeof literal === 'string';
  return {
    name,
    column: options.name ?? name,
    codec,
    storage: codec.storage,
    nullable: options.nullable === true || mode === 'deleteDate',
    index: false,
    ...(options.length && Number.isSafeInteger(length) && (type === 'string' || type === 'bytes') ? { length } : {}),
    // What the database would put there; a transformer has its say on it when it is read.
    ...(plain && transformersOf(column).length === 0 ? { defaultValue: () => literal } : {}),
  };
}

// As TypeORM's own naming strategy has it.
const snakeCase = (name: string): string =>
  name
    .replaceAll(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
