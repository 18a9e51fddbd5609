import { describe } from '../core/codecs.js';
import { MetadataError } from '../core/errors.js';
import type { MappedEntity } from '../core/mapped.js';
import type { Schema } from '../core/schema.js';
import { type Declared, declaredOf } from './declared.js';
import { FaultList } from './faults.js';
import { checkColumns } from './fields.js';
import { fingerprintOf } from './fingerprint.js';
import { checkHome } from './home.js';
import { checkEntityName, snakeCase } from './names.js';
import { declaredParts, mappedParts } from './parts.js';
import { ownKind } from './record-kind.js';
import { keepRelations } from './relations.js';
import { breakerSettings, cacheSettings, hotSettings, limitSetting } from './settings.js';
import { constructOf, keepVariants, readVariants } from './variants.js';

/** What the declarations are checked against. */
export interface BuildOptions {
  /** The names in `open({ fallbacks })`; `undefined` where any will do. */
  readonly fallbacks: readonly string[] | undefined;
  /** What TypeORM says of a class, where TypeORM maps it. */
  readonly mapped?: (target: Function) => MappedEntity | undefined;
  /** Whether there is a hot tier. */
  readonly hot: boolean;
}

/**
 * The schemas of declared entities, checked and frozen, in their order; a class given twice is taken once.
 *
 * @throws MetadataError that lists all faults at once
 */
export function buildSchemas(entities: readonly unknown[], options: BuildOptions): Schema[] {
  const faults = new FaultList();
  const schemas: Schema[] = [];
  const names = new Map<string, string>();
  [...new Set(entities)].forEach((entity, index) => {
    const schema = buildSchema(entity, `entities[${index}]`, options, faults);
    if (!schema) return;
    // File systems and databases are not all of one mind about upper and lower case.
    const other = names.get(schema.name.toLowerCase());
    const { name } = schema.target;
    if (other === undefined) names.set(schema.name.toLowerCase(), name);
    else
      faults.add(
        name,
        `has the entity name '${schema.name}', as ${other} has.`,
        "Give one another: @Entity('another').",
      );
    schemas.push(schema);
  });
  if (faults.found.length > 0) throw new MetadataError(faults.found);
  return schemas;
}

function buildSchema(entity: unknown, place: string, options: BuildOptions, faults: FaultList): Schema | undefined {
  if (typeof entity !== 'function') {
    const remedy = 'List classes; one that is undefined comes from modules that import each other.';
    faults.add(place, `is ${describe(entity)}, not a class.`, remedy);
    return undefined;
  }
  const declared = declaredOf(entity, faults);
  const mapped = options.mapped?.(entity);
  if (!declared || (!declared.entityClass && declared.kinds.length === 0)) {
    const fact = mapped ? 'is mapped by TypeORM, but has no kind.' : 'is not declared as an entity.';
    const remedy = mapped
      ? "Write @RedisHash() @Fallback('…') above the class."
      : "Write @Entity() @RedisHash() above the class (imported from 'holdfast'), or use defineEntity().";
    faults.add(entity.name || place, fact, remedy);
    return undefined;
  }
  return schemaOf(declared, mapped, options, faults);
}

function schemaOf(
  declared: Declared,
  mapped: MappedEntity | undefined,
  options: BuildOptions,
  faults: FaultList,
): Schema | undefined {
  const { className, aspects, entityClass } = declared;
  if (!entityClass && !mapped)
    faults.add(className, 'has a kind, but no @Entity().', "Write @Entity() above it (imported from 'holdfast').");
  const name = aspects.Entity?.name ?? snakeCase(entityClass ?? className);
  const named = checkEntityName(name, className, faults);
  const kindRecord = kindOf(declared, faults);
  const home = checkHome(declared, mapped, options, faults);
  const kindDecorator = kindRecord?.decorator ?? '';
  const limit = limitSetting(className, kindDecorator, kindRecord?.options ?? {}, faults);
  const { keys, fields, version } = mapped
    ? mappedParts(declared, mapped, home.throughTypeorm, faults)
    : declaredParts(declared, limit, faults);
  const variants = mapped || kindRecord?.kind.property ? [] : readVariants(declared, fields, faults);
  checkColumns(className, [...keys, ...fields], aspects.Fallback !== undefined && !mapped, faults);
  // TypeORM calls the constructors of the classes that it maps without arguments too.
  const construct = mapped
    ? () => new (declared.target as unknown as new () => object)()
    : constructOf(declared, aspects.Entity?.create, variants.length > 0 ? new FaultList() : faults);
  const hot = hotSettings(className, kindDecorator, kindRecord?.options ?? {}, faults);
  const cache = aspects.Cached && cacheSettings(className, aspects.Cached, faults);
  const breakers = aspects.CircuitBreaker && breakerSettings(className, aspects.CircuitBreaker, faults);
  if (!kindRecord || !named) return undefined;
  const kind = ownKind(kindRecord.kind);
  const stored = { kind, keys, fields, version };
  const by = aspects.Entity?.by;
  const schema: Schema = Object.freeze({
    name,
    target: declared.target,
    ...stored,
    keys: freezeAll(keys),
    fields: freezeAll(fields),
    limit,
    fingerprint: fingerprintOf(stored),
    ...hot,
    ...home,
    cache,
    breakers,
    construct,
    variants:
      variants.length > 0
        ? Object.freeze({
            field: fields.findIndex((field) => field.name === by),
            classes: new Map(variants.map((variant) => [variant.value, variant.target])),
          })
        : undefined,
  });
  keepVariants(schema, variants);
  if (mapped) keepRelations(schema, mapped);
  return schema;
}

const freezeAll = <T>(parts: readonly T[]): readonly T[] => Object.freeze(parts.map((part) => Object.freeze(part)));

function kindOf({ className, kinds }: Declared, faults: FaultList): Declared['kinds'][number] | undefined {
  if (kinds.length === 0) faults.add(className, 'has no kind.', 'Say what it is in Redis: @RedisHash().');
  if (kinds.length > 1) {
    const all = kinds.map((record) => `@${record.decorator}`).join(' and ');
    faults.add(className, `has ${kinds.length} kinds: ${all}.`, 'Keep one; a second structure is a second class.');
  }
  return kinds[0];
}
