/// <reference lib="esnext.disposable" preserve="true" />
import { ClosedError, ValidationError } from './core/errors.js';
import type { FallbackDriver } from './core/fallback-driver.js';
import type { Schema } from './core/schema.js';
import type { Health } from './health.js';
import { createHydrator } from './metadata/hydrator.js';
import { type KeyCodec, keyCodec } from './metadata/key-codec.js';
import { buildSchemas } from './metadata/registry.js';
import type { Class } from './metadata/types.js';
import { OpenStores } from './open-stores.js';
import type { HoldfastOptions } from './options.js';
import { entityCache } from './policies/cache.js';
import { type BatchTarget, runBatch } from './repository/batch.js';
import { ChangeBuilder } from './repository/change-builder.js';
import { Lifetime } from './repository/lifetime.js';
import { ReadPath } from './repository/read-path.js';
import { EntityRepository } from './repository/repository.js';
import type { Batch, RepositoryOf } from './repository/types.js';
import { type Settings, settingsOf } from './settings.js';
import type { Store } from './tiers/store.js';
import { type Verification, type VerifyOptions, verifyEntity } from './verification.js';

interface OpenEntity extends BatchTarget {
  readonly schema: Schema;
  readonly keys: KeyCodec;
  readonly repository: EntityRepository;
  readonly reads: ReadPath;
}

/**
 * Decorated classes with their stores, opened: gives out their repositories.
 *
 * @example
 * const holdfast = await Holdfast.open({ entities: [Person] });
 * const people = holdfast.repository(Person);
 * await people.save(people.create({ id: 'john_doe', name: 'John Doe', age: 33 }));
 * await holdfast.close();
 */
export class Holdfast implements AsyncDisposable {
  readonly #entities: ReadonlyMap<object, OpenEntity>;
  readonly #stores: OpenStores;
  readonly #lifetime: Lifetime;
  #closing: Promise<void> | undefined;

  private constructor(entities: ReadonlyMap<object, OpenEntity>, stores: OpenStores, lifetime: Lifetime) {
    this.#entities = entities;
    this.#stores = stores;
    this.#lifetime = lifetime;
  }

  /**
   * Checks every declaration, connects to every store, and builds the repositories.
   *
   * @throws MetadataError with all faults at once; MissingPackageError; StoreUnavailableError where a store cannot be reached
   */
  static async open(options: HoldfastOptions): Promise<Holdfast> {
    const settings = settingsOf(options);
    const schemas = buildSchemas(options.entities, {
      fallbacks: Object.keys(settings.fallbacks),
      hot: settings.redis !== false,
      ...(await mappedByTypeorm()),
    });
    const bySchema = new Map<Schema, OpenEntity>();
    const stores = await OpenStores.open(schemas, settings, {
      changed: (schema, keys) => bySchema.get(schema)?.reads.forget(keys),
      doubt: (all) => {
        for (const schema of all) bySchema.get(schema)?.reads.forgetAll();
      },
    });
    const lifetime = new Lifetime();
    for (const schema of schemas) bySchema.set(schema, openEntity(schema, stores.of(schema), settings, lifetime));
    const entities = new Map([...bySchema].map(([schema, entity]) => [schema.target, entity]));
    return new Holdfast(entities, stores, lifetime);
  }

  /** The entity classes that it was opened with, each once. */
  get entities(): readonly Class<object>[] {
    return [...this.#entities.keys()] as Class<object>[];
  }

  /** The repository of an entity class. @throws ValidationError for a class that open() was not given */
  repository<E>(entity: Class<E>): RepositoryOf<E> {
    return this.#entity(entity).repository as unknown as RepositoryOf<E>;
  }

  /**
   * Records calls on several entities, then makes them all or none in one durable transaction.
   *
   * @throws ValidationError where the entities have different fallbacks, or a store without transactions
   */
  async batch(record: (batch: Batch) => void | Promise<void>): Promise<void> {
    if (this.#lifetime.closed) throw new ClosedError();
    await runBatch(record, (entity) => this.#entity(entity), this.#lifetime);
  }

  /** Whether `batch` can take calls on these entities together: they are in one durable store, and it has transactions. */
  canBatch(...entities: readonly Class<object>[]): boolean {
    const [first, ...others] = entities.map((entity) => this.#entity(entity).store);
    return first === undefined || (first.transactions && others.every((store) => store === first));
  }

  /** How the tiers stand, as far as this process has seen; it asks none of them. */
  health(): Health {
    return this.#stores.health();
  }

  /**
   * Compares what is hot of an entity with its durable store, in bounded memory and while both are in use.
   *
   * @throws ValidationError where the entity has one tier; StoreUnavailableError
   * @example
   * const { agreement, keys } = await holdfast.verify(Person, { sample: 10_000 });
   */
  async verify<E>(entity: Class<E>, options?: VerifyOptions): Promise<Verification> {
    return this.#verify(entity, false, options);
  }

  /**
   * As `verify`, and drops what differs from the hot tier, so that the next read brings the durable value.
   *
   * @throws ValidationError where the entity has one tier; StoreUnavailableError
   */
  async repair<E>(entity: Class<E>, options?: VerifyOptions): Promise<Verification> {
    return this.#verify(entity, true, options);
  }

  /** Lets what is under way finish, then closes every store that open() opened. Calls after it reject with ClosedError. */
  close(): Promise<void> {
    this.#lifetime.closed = true;
    this.#closing ??= this.#lifetime.underWay.idle().then(() => this.#stores.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #verify(entity: object, repair: boolean, options?: VerifyOptions): Promise<Verification> {
    if (this.#lifetime.closed) throw new ClosedError();
    const { schema, store, keys } = this.#entity(entity);
    return verifyEntity({ schema, store, toValue: (key) => keys.toValue(key) }, repair, options);
  }

  #entity(entity: object): OpenEntity {
    const found = this.#entities.get(entity);
    if (found) return found;
    const name = typeof entity === 'function' ? entity.name : String(entity);
    const known = [...this.#entities.keys()].map((target) => (target as Function).name).join(', ');
    throw new ValidationError(
      `${name} is not an entity of this holdfast (they are: ${known}). Add it to 'entities' of open().`,
    );
  }
}

function openEntity(
  schema: Schema,
  { store, driver }: { store: Store; driver: FallbackDriver },
  { clock }: Settings,
  lifetime: Lifetime,
): OpenEntity {
  const { nul, keyPartLength, keyBytes } = driver.capabilities;
  const keys = keyCodec(schema, {
    nul,
    ...(keyPartLength !== undefined && { keyPartLength }),
    ...(keyBytes !== undefined && { keyBytes }),
  });
  const hydrator = createHydrator(schema);
  const cache = schema.cache && entityCache(schema.cache, schema.absentTtl, clock);
  const reads = new ReadPath({ schema, store, cache, clock });
  const changes = new ChangeBuilder({ schema, keys, hydrator, clock, canExpire: store.ttl });
  return {
    schema,
    keys,
    changes,
    store,
    reads,
    repository: new EntityRepository({ schema, keys, hydrator, reads, changes, store, lifetime }),
  };
}

/** How TypeORM maps a class: known only where the application has loaded TypeORM. */
async function mappedByTypeorm() {
  if (!('typeormMetadataArgsStorage' in globalThis)) return {};
  const { mappedEntity } = await import('./fallbacks/typeorm/mapped.js');
  return { mapped: mappedEntity };
}
