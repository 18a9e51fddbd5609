import type {
  EntityMetadata,
  EntityTarget,
  FindManyOptions,
  FindOptionsWhere,
  ObjectLiteral,
  Repository,
} from 'typeorm';
import { showKey, ValidationError } from '../../core/errors.js';
import { keyOf } from '../../core/key-text.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Plain } from '../../core/plain.js';
import type { FieldPart, Key, Row, Schema } from '../../core/schema.js';
import { type Column, type Layout, refuseExpiry } from './layout.js';
import { type ColumnMetadata, mappedColumn, plainToValue, valueToPlain } from './mapped-layout.js';
import { chunks } from './parameters.js';
import type { KeyedEntry, Locked, Page, RowTable } from './remote-table.js';
import type { Session } from './sessions.js';

/** TypeORM's operators, which only TypeORM itself can give. */
export type Operators = Pick<typeof import('typeorm'), 'In' | 'MoreThan'>;

export interface ThroughTableOptions {
  readonly schema: Schema;
  readonly metadata: EntityMetadata;
  /** How its keys lie in the table. */
  readonly layout: Pick<Layout, 'keys'>;
  readonly operators: Operators;
  /** Whether the database locks rows. */
  readonly locks: boolean;
}

type FindOptions = Pick<FindManyOptions<ObjectLiteral>, 'lock' | 'withDeleted'>;

const MAX_KEYS = 500;

/**
 * The table of an entity that goes by TypeORM's own repository: listeners and subscribers are called, columns that TypeORM
 * fills are filled, and deletes are soft where the entity says so.
 */
export class ThroughTable implements RowTable {
  readonly schema: Schema;
  // What saving finds there decides what listeners are told.
  readonly readsBeforePut = true;
  readonly #operators: Operators;
  readonly #keys: readonly Column[];
  readonly #soft: boolean;
  readonly #locking: FindOptions;
  readonly #columns: readonly ColumnMetadata[];
  readonly #find: FindManyOptions<ObjectLiteral>;

  constructor({ schema, metadata, layout, operators, locks }: ThroughTableOptions) {
    this.schema = schema;
    this.#operators = operators;
    this.#keys = layout.keys;
    this.#soft = metadata.deleteDateColumn !== undefined;
    this.#locking = locks ? { lock: { mode: 'pessimistic_write' } } : {};
    this.#columns = schema.fields.map(({ name }) => mappedColumn(metadata, schema, name));
    // Columns too that TypeORM reads only when asked to.
    const select = Object.fromEntries([...schema.keys, ...schema.fields].map(({ name }) => [name, true]));
    const order = Object.fromEntries(schema.keys.map(({ name }) => [name, 'ASC']));
    this.#find = { select, order, loadEagerRelations: false } as FindManyOptions<ObjectLiteral>;
  }

  async read(session: Session, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    const entries = await this.#load(session, keys);
    return entries.map(
      (entry) => entry && { ...entry, value: this.schema.kind.select(this.schema, entry.value, query) },
    );
  }

  async one(): Promise<undefined> {
    return undefined;
  }

  async lock(session: Session, keys: readonly Key[]): Promise<Locked[]> {
    const entries = await this.#load(session, keys, this.#locking);
    return entries.map((entry) => ({ entry, held: entry !== null }));
  }

  async put(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[]> {
    const repository = this.#repository(session);
    const entities = entries.map(({ key, entry }) => this.#entity(repository, key, entry, true));
    await session.guard(repository.save(entities, { transaction: false }), 'harmless', true);
    return this.#became(session, entries, entities);
  }

  /** Not by TypeORM's save, which replaces a row that somebody else has inserted a moment ago. */
  async insert(session: Session, entries: readonly KeyedEntry[]): Promise<readonly Entry[] | false> {
    const repository = this.#repository(session);
    const keys = entries.map(({ key }) => key);
    const deleted = this.#soft ? await this.#entities(session, keys, { ...this.#locking, withDeleted: true }) : [];
    // Somebody else has revived, or inserted, one of them a moment ago.
    if (deleted.length > 0 && (await this.#entities(session, keys, this.#locking)).length > 0) return false;
    const there = new Set(deleted.map((entity) => this.#key(entity).id));
    const entities = entries.map(({ key, entry }) => this.#entity(repository, key, entry, there.has(key.id)));
    const [fresh, revived] = [false, true].map((old) => entities.filter((_, at) => there.has(keys[at]!.id) === old));
    if (fresh!.length > 0) await session.guard<unknown>(repository.insert(fresh!), 'harmless', true);
    if (revived!.length > 0) await session.guard(repository.save(revived!, { transaction: false }), 'harmless', true);
    return this.#became(session, entries, entities);
  }

  /** What was saved, as it is now. */
  async #became(
    session: Session,
    entries: readonly KeyedEntry[],
    entities: readonly ObjectLiteral[],
  ): Promise<readonly Entry[]> {
    const keys = entries.map(({ key }) => key);
    const became = await this.#load(session, keys);
    return became.map((entry, at) => {
      const { id } = keys[at]!;
      if (entry && this.#key(entities[at]!).id === id) return entry;
      throw new ValidationError(
        `${this.schema.target.name} ${showKey(id)} is not there after TypeORM has saved it: a listener, a subscriber, the database, or the date of its deletion gave it another key or took it away; nothing was written. Save under the key that it is to have, and delete with delete().`,
      );
    });
  }

  async putTogether(): Promise<boolean> {
    return false;
  }

  async remove(session: Session, keys: readonly Key[]): Promise<void> {
    const repository = this.#repository(session);
    const entities = await this.#entities(session, keys);
    const options = { transaction: false };
    const removed = this.#soft ? repository.softRemove(entities, options) : repository.remove(entities, options);
    await session.guard<unknown>(removed, 'harmless', true);
  }

  async page(session: Session, after: Key | undefined, limit: number): Promise<readonly Page[]> {
    const where = after === undefined ? {} : { where: this.#after(after) };
    const entities = await session.guard(
      this.#repository(session).find({ ...this.#find, ...where, take: limit }),
      'harmless',
      true,
    );
    return entities.map((entity) => ({ key: this.#key(entity), entry: this.#entry(entity) }));
  }

  count(session: Session): Promise<number> {
    return session.guard(this.#repository(session).count(), 'harmless', true);
  }

  async sweep(): Promise<number> {
    return 0;
  }

  #repository({ runner }: Session): Repository<ObjectLiteral> {
    return runner.manager.getRepository(this.schema.target as EntityTarget<ObjectLiteral>);
  }

  async #load(session: Session, keys: readonly Key[], options: FindOptions = {}): Promise<(Entry | null)[]> {
    const found = new Map<string, Entry>();
    for (const entity of await this.#entities(session, keys, options))
      found.set(this.#key(entity).id, this.#entry(entity));
    return keys.map(({ id }) => found.get(id) ?? null);
  }

  async #entities(session: Session, keys: readonly Key[], options: FindOptions = {}): Promise<ObjectLiteral[]> {
    const out: ObjectLiteral[] = [];
    for (const part of chunks(keys, MAX_KEYS)) {
      const find = this.#repository(session).find({ ...this.#find, ...options, where: this.#where(part) });
      out.push(...(await session.guard(find, 'harmless', true)));
    }
    return out;
  }

  #keyValues(key: Key): unknown[] {
    return key.parts.map((part, at) => {
      const { codec, storage } = this.#keys[at]!;
      // It refuses what the column would change.
      codec.toSql(part);
      return plainToValue(storage, part);
    });
  }

  #where(keys: readonly Key[]): FindOptionsWhere<ObjectLiteral> | FindOptionsWhere<ObjectLiteral>[] {
    const parts = this.schema.keys;
    if (parts.length === 1) return { [parts[0]!.name]: this.#operators.In(keys.map((key) => this.#keyValues(key)[0])) };
    return keys.map((key) => {
      const values = this.#keyValues(key);
      return Object.fromEntries(parts.map(({ name }, at) => [name, values[at]]));
    });
  }

  #after(key: Key): FindOptionsWhere<ObjectLiteral>[] {
    const values = this.#keyValues(key);
    return this.schema.keys.map(({ name }, at) => ({
      ...Object.fromEntries(this.schema.keys.slice(0, at).map((part, index) => [part.name, values[index]])),
      [name]: this.#operators.MoreThan(values[at]),
    }));
  }

  #key(entity: ObjectLiteral): Key {
    return keyOf(
      this.#keys.map(({ property, storage, form }) => {
        const plain = valueToPlain(storage, entity[property]);
        return form ? form.read(plain as string) : plain;
      }),
    );
  }

  #entry(entity: ObjectLiteral): Entry {
    return { value: this.schema.fields.map((field, at) => this.#plain(field, at, entity[field.name])) };
  }

  #plain({ codec, storage, nullable }: FieldPart, at: number, value: unknown): Plain | undefined {
    if (value === null || value === undefined) return nullable ? null : undefined;
    // What has gone through a transformer only its codec understands.
    return this.#columns[at]!.transformer ? codec.encode(value) : valueToPlain(storage, value);
  }

  #entity(
    repository: Repository<ObjectLiteral>,
    key: Key,
    { value, expiresAt }: Entry,
    replaces: boolean,
  ): ObjectLiteral {
    if (expiresAt !== undefined) refuseExpiry(this.schema);
    const entity = repository.create();
    const values = this.#keyValues(key);
    this.schema.keys.forEach(({ name }, at) => {
      entity[name] = values[at];
    });
    this.schema.fields.forEach(({ name, codec, storage, nullable }, at) => {
      const plain = (value as Row)[at];
      const { generatedType, asExpression, transformer } = this.#columns[at]!;
      // What the database computes takes no value, not even the one that it has.
      if (generatedType || asExpression) return;
      if (plain === undefined || plain === null) {
        // TypeORM leaves alone what is undefined: it, or the database, may fill it.
        if (nullable && (replaces || plain === null)) entity[name] = null;
      } else entity[name] = transformer ? codec.decode(plain) : plainToValue(storage, plain);
    });
    return entity;
  }
}
