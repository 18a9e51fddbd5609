import type { Duration } from '../index.js';
import type { Id } from './ids.js';
import type { Any, DeleteOptions, ManyValues, StoreOptions, UserValues } from './user-values.js';

/** The values of one user. */
export class UserValuesOf {
  readonly #values: UserValues;
  readonly #user: string;
  readonly #options: StoreOptions;

  constructor(values: UserValues, user: string, options: StoreOptions) {
    this.#values = values;
    this.#user = user;
    this.#options = options;
  }

  store(key: Id, value: unknown, options?: StoreOptions): Promise<void> {
    return this.#values.store(this.#user, key, value, { ...this.#options, ...options });
  }

  storeMany(values: ManyValues, options?: StoreOptions): Promise<void> {
    return this.#values.storeMany(this.#user, values, { ...this.#options, ...options });
  }

  get<T = Any>(key: Id): Promise<T | undefined> {
    return this.#values.get(this.#user, key);
  }

  getMany(keys: readonly Id[]): Promise<unknown[]> {
    return this.#values.getMany(this.#user, keys);
  }

  has(key: Id): Promise<boolean> {
    return this.#values.has(this.#user, key);
  }

  update<T = Any>(key: Id, change: (value: T | undefined) => T, options?: StoreOptions): Promise<T> {
    return this.#values.update(this.#user, key, change, { ...this.#options, ...options });
  }

  delete(key: Id, options?: DeleteOptions): Promise<boolean> {
    return this.#values.delete(this.#user, key, options);
  }

  deleteAll(): Promise<number> {
    return this.#values.deleteAll(this.#user);
  }

  keys(): Promise<string[]> {
    return this.#values.keys(this.#user);
  }

  entries(): Promise<[key: string, value: unknown][]> {
    return this.#values.entries(this.#user);
  }

  expire(ttl: Duration | null): Promise<boolean>;
  expire(key: Id, ttl: Duration | null): Promise<boolean>;
  expire(...given: [Duration | null] | [Id, Duration | null]): Promise<boolean> {
    return this.#values.expire(this.#user, ...(given as [Id, Duration | null]));
  }
}
