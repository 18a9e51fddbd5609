import type { Duration } from '../core/duration.js';
import type {
  Class,
  Data,
  DataNames,
  EntityInput,
  FilledNames,
  KeyName,
  KeyOf,
  KindOf,
  Patch,
} from '../metadata/types.js';
import type {
  GeoSetBatchRepository,
  GeoSetRepository,
  ListBatchRepository,
  ListRepository,
  SetBatchRepository,
  SetRepository,
  SortedSetBatchRepository,
  SortedSetRepository,
} from './collection-types.js';

/** Where a read may be answered from. */
export interface ReadOptions {
  /** `'durable'` goes past every cache and the hot tier. */
  readonly from?: 'durable';
}

/** Reads only some fields; what comes back is a plain object of them and the key, which cannot be saved. */
export interface FieldsOptions<F> extends ReadOptions {
  readonly fields: readonly F[];
}

/** Reads the whole entity. */
export interface WholeOptions extends ReadOptions {
  readonly fields?: undefined;
}

/** What a saved entity leaves in the tiers. */
export interface SaveOptions {
  /**
   * What the hot tier holds afterwards: the entity (`'always'`, the default), the entity only where it was hot already
   * (`'ifPresent'`), or nothing (`'never'`). Nothing older is served in any case.
   */
  readonly hot?: 'always' | 'ifPresent' | 'never';
  /** The durable entry ends after this time, and the hot one with it. Default: never. */
  readonly fallbackTtl?: Duration;
}

/** Keys one after the other. A single string is none, although its characters could be iterated over. */
export type Keys<E> = (Iterable<KeyOf<E>> & object) | AsyncIterable<KeyOf<E>>;

/** What was given to a save, with what Holdfast fills in: key, version and whatever else is `Generated`. */
export type Saved<T, E> = T & Pick<E, KeyName<E> | FilledNames<E>>;

/**
 * Finds and keeps the entities of one class. Every call rejects with `ClosedError` after `close()`, with
 * `ValidationError` for a key or value that cannot be right, and with `StoreUnavailableError` when no tier can answer.
 */
export interface Repository<E> {
  /** An entity with the given properties and the declared defaults, not saved. @throws ValidationError for an unknown property */
  create(data?: Partial<Data<E>>): E;
  /** The entity under the key, or `undefined` where there is none. */
  find(key: KeyOf<E>, options?: ReadOptions): Promise<E | undefined>;
  /** @throws EntityNotFoundError */
  findOrFail(key: KeyOf<E>, options?: ReadOptions): Promise<E>;
  /** As long as `keys` and in their order, `undefined` where there is none. */
  findMany(keys: readonly KeyOf<E>[], options?: ReadOptions): Promise<(E | undefined)[]>;
  /** Those that exist, in order, in bounded memory. Without keys: all, in the order of the durable store. */
  stream(keys?: Keys<E>, options?: ReadOptions): AsyncIterable<E>;
  /**
   * Stores the whole entity, whether it exists or not. Several are stored all or none, on stores with transactions.
   * Generated keys, defaults and the version are filled into what was given, which is returned.
   *
   * @throws VersionConflictError where the entity has a version, and another one is stored
   */
  save<T extends EntityInput<E>>(entity: T, options?: SaveOptions): Promise<Saved<T, E>>;
  save<T extends EntityInput<E>>(entities: readonly T[], options?: SaveOptions): Promise<Saved<T, E>[]>;
  /** As {@link save}, but only where there is none. @throws EntityExistsError */
  insert<T extends EntityInput<E>>(entity: T, options?: SaveOptions): Promise<Saved<T, E>>;
  insert<T extends EntityInput<E>>(entities: readonly T[], options?: SaveOptions): Promise<Saved<T, E>[]>;
  /**
   * Changes an existing entity atomically, and returns it. In a patch `undefined` leaves a property, `null` clears it; a
   * version in it must be the stored one. A function changes the entity it is given; it is synchronous and may run several times.
   *
   * @throws EntityNotFoundError, VersionConflictError
   */
  update(key: KeyOf<E>, change: Patch<E> | ((entity: E) => void)): Promise<E>;
  /** Whether there was something to delete. */
  delete(key: KeyOf<E>): Promise<boolean>;
  /** How many there were to delete; all or none, on stores with transactions. */
  delete(keys: readonly KeyOf<E>[]): Promise<number>;
  exists(key: KeyOf<E>, options?: ReadOptions): Promise<boolean>;
  /** How many there are in the durable store. */
  count(): Promise<number>;
  /** Reads the entity from the durable store into the hot tiers, and returns it. */
  refresh(key: KeyOf<E>): Promise<E | undefined>;
  /** Drops the entity, or several, from the hot tiers of every process that shares them. */
  evict(key: KeyOf<E> | readonly KeyOf<E>[]): Promise<void>;
}

/** Names of the properties of E that are numbers or bigints. */
export type NumericNames<E> = {
  [P in DataNames<E>]: NonNullable<E[P]> extends number | bigint ? P : never;
}[DataNames<E>];

/** The repository of a `@RedisHash`. */
export interface HashRepository<E> extends Repository<E> {
  find(key: KeyOf<E>, options?: WholeOptions): Promise<E | undefined>;
  find<F extends DataNames<E>>(key: KeyOf<E>, options: FieldsOptions<F>): Promise<Pick<E, F | KeyName<E>> | undefined>;
  findOrFail(key: KeyOf<E>, options?: WholeOptions): Promise<E>;
  findOrFail<F extends DataNames<E>>(key: KeyOf<E>, options: FieldsOptions<F>): Promise<Pick<E, F | KeyName<E>>>;
  findMany(keys: readonly KeyOf<E>[], options?: WholeOptions): Promise<(E | undefined)[]>;
  findMany<F extends DataNames<E>>(
    keys: readonly KeyOf<E>[],
    options: FieldsOptions<F>,
  ): Promise<(Pick<E, F | KeyName<E>> | undefined)[]>;
  stream(keys?: Keys<E>, options?: WholeOptions): AsyncIterable<E>;
  stream<F extends DataNames<E>>(
    keys: Keys<E> | undefined,
    options: FieldsOptions<F>,
  ): AsyncIterable<Pick<E, F | KeyName<E>>>;
  /**
   * Adds to a number, atomically in every tier, and returns the sum; an absent or `null` field counts as 0. `by` defaults to 1.
   *
   * @throws EntityNotFoundError; ValidationError where the field is no number or the sum is out of its range
   */
  increment<F extends Exclude<NumericNames<E>, KeyName<E>>>(
    key: KeyOf<E>,
    field: F,
    by?: number | bigint,
  ): Promise<NonNullable<E[F]>>;
}

/** The repository of a `@Flag`: a boolean for each key, which may never have been set. */
export interface FlagRepository<E> extends Repository<E> {
  /** Stores true. */
  set(key: KeyOf<E>, options?: SaveOptions): Promise<void>;
  /** Stores false; `delete` forgets. */
  unset(key: KeyOf<E>, options?: SaveOptions): Promise<void>;
  /** True, false, or `undefined` where it was never set. */
  get(key: KeyOf<E>, options?: ReadOptions): Promise<boolean | undefined>;
  /** Whether it is true: one that was never set is not. */
  isSet(key: KeyOf<E>, options?: ReadOptions): Promise<boolean>;
  /** As long as `keys` and in their order. */
  isSetMany(keys: readonly KeyOf<E>[], options?: ReadOptions): Promise<boolean[]>;
}

/** The repository of each kind. */
export interface Repositories<E> {
  hash: HashRepository<E>;
  flag: FlagRepository<E>;
  'sorted-set': SortedSetRepository<E>;
  'geo-set': GeoSetRepository<E>;
  list: ListRepository<E>;
  set: SetRepository<E>;
}

/** The repository of an entity class, by its kind. */
export type RepositoryOf<E> = Repositories<E>[KindOf<E> & keyof Repositories<E>];

/** What a save within a batch takes. */
export type BatchSaveOptions = Pick<SaveOptions, 'fallbackTtl'>;

/** Records calls of one entity within a batch; they return nothing. */
export interface BatchRepository<E> {
  save(entity: EntityInput<E> | readonly EntityInput<E>[], options?: BatchSaveOptions): void;
  insert(entity: EntityInput<E> | readonly EntityInput<E>[], options?: BatchSaveOptions): void;
  update(key: KeyOf<E>, change: Patch<E> | ((entity: E) => void)): void;
  delete(key: KeyOf<E> | readonly KeyOf<E>[]): void;
}

/** Likewise of a `@RedisHash`. */
export interface HashBatchRepository<E> extends BatchRepository<E> {
  increment<F extends Exclude<NumericNames<E>, KeyName<E>>>(key: KeyOf<E>, field: F, by?: number | bigint): void;
}

/** Likewise of a `@Flag`. */
export interface FlagBatchRepository<E> extends BatchRepository<E> {
  set(key: KeyOf<E>, options?: BatchSaveOptions): void;
  unset(key: KeyOf<E>, options?: BatchSaveOptions): void;
}

/** What records for each kind. */
export interface BatchRepositories<E> {
  hash: HashBatchRepository<E>;
  flag: FlagBatchRepository<E>;
  'sorted-set': SortedSetBatchRepository<E>;
  'geo-set': GeoSetBatchRepository<E>;
  list: ListBatchRepository<E>;
  set: SetBatchRepository<E>;
}

/** What the function given to `holdfast.batch()` records into. */
export interface Batch {
  repository<E>(entity: Class<E>): BatchRepositories<E>[KindOf<E> & keyof BatchRepositories<E>];
}
