import type { EntitySubscriberInterface } from 'typeorm';
import type { ColumnMetadataArgs } from 'typeorm/metadata-args/ColumnMetadataArgs.js';
import type { MetadataArgsStorage } from 'typeorm/metadata-args/MetadataArgsStorage.js';
import type { MappedFault } from '../../core/mapped.js';
import { recorded } from './metadata-args.js';

const REMEDY = "Go by TypeORM's own repository: @Fallback(name, { through: 'typeorm' }).";

/** What only TypeORM's own repository can store or would do, of a class and those it extends. */
export function refusalsOf(storage: MetadataArgsStorage, line: readonly Function[]): MappedFault[] {
  const refuse = (property: string | undefined, fact: string): MappedFault => ({ property, fact, remedy: REMEDY });
  return [
    ...recorded(storage.entityListeners, line).map(({ propertyName, type }) =>
      refuse(propertyName, `is a listener of TypeORM's (${type}), which Holdfast does not call.`),
    ),
    ...subscribersOf(storage, line).map(({ name }) =>
      refuse(undefined, `is listened to by the subscriber ${name} of TypeORM's, which Holdfast does not call.`),
    ),
    ...recorded(storage.relations, line).map(({ propertyName, relationType }) =>
      refuse(propertyName, `is a relation (${relationType}), which Holdfast does not store.`),
    ),
    ...recorded(storage.columns, line).flatMap((column) => {
      const fact = columnFact(column);
      return fact === undefined ? [] : [refuse(column.propertyName, fact)];
    }),
    ...[...storage.trees, ...storage.inheritances]
      .filter(({ target }) => line.includes(target as Function))
      .map(() => refuse(undefined, 'shares its table (a tree, or single-table inheritance).')),
    ...storage.tables
      .filter(({ target, type }) => target === line[0] && type === 'entity-child')
      .map(() => refuse(undefined, 'shares its table with the class that it extends.')),
  ];
}

function columnFact({ mode, options }: ColumnMetadataArgs): string | undefined {
  if (mode === 'deleteDate') return 'makes deletes soft, which Holdfast does not do.';
  if (mode === 'createDate' || mode === 'updateDate') return 'is a date that TypeORM sets by itself.';
  if (options.generatedType || options.asExpression) return 'is computed by the database.';
  if (options.insert === false || options.update === false) return 'is not always written by TypeORM.';
  return undefined;
}

/** The subscribers that listen to a class, or to all; `line` is the class and those it extends. */
export function subscribersOf(
  { entitySubscribers }: MetadataArgsStorage,
  line: readonly Function[],
): (new () => EntitySubscriberInterface)[] {
  return entitySubscribers
    .map(({ target }) => target as new () => EntitySubscriberInterface)
    .filter((Subscriber) => {
      try {
        const to = new Subscriber().listenTo?.();
        return to === undefined || line.includes(to as Function);
      } catch {
        // Made by a container: what it listens to is not known here, so it may be this.
        return true;
      }
    });
}
