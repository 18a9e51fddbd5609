/// <reference lib="esnext.disposable" preserve="true" />
import { ClosedError, type Duration, EntityNotFoundError, ValidationError } from '../index.js';
import { valueCodec } from './codec.js';
import { type Id, keyText, userText } from './ids.js';
import { type OpenLocation, openLocation } from './location.js';
import { checkKnown, ttlOf, type UserValuesOptions, type ValuesSettings, valuesSettings } from './options.js';
import { Reader } from './reader.js';
import { Storage } from './storage.js';
import { UserValuesOf } from './user-values-of.js';
import { UserWrites } from './user-writes.js';
import { Writer } from './writer.js';

/** How long what is stored is kept. */
export interface StoreOptions {
  /** Counts from now; `null` for ever. Default: the `ttl` of `open()`. */
  readonly ttl?: Duration | null;
}

/** What `delete` does where there is no such value. */
export interface DeleteOptions {
  /** `'raise'`: EntityNotFoundError. Default `'ignore'`. */
  readonly ifNotExists?: 'ignore' | 'raise';
}

/** Several values by their keys. */
export type ManyValues = Readonly<Record<string, unknown>> | Iterable<readonly [key: Id, value: unknown]>;

// biome-ignore lint/suspicious/noExplicitAny: what lies under a key only its user's own code knows.
export type Any = any;

/**
 * Any value per user and key. User and key are strings or numbers, and `1` and `'1'` are one; a value is whatever can be cloned.
 * Every call rejects with `ValidationError` for what cannot be right, with `StoreUnavailableError` where the store does not answer,
 * and with `ClosedError` after `close()`.
 *
 * @example
 * const values = await UserValues.open({ location: 'values.db' });
 * await values.store(123, 'favorite_animal', 'monkey');
 * await values.get(123, 'favorite_animal'); // 'monkey'
 */
export class UserValues implements AsyncDisposable {
  readonly #settings: ValuesSettings;
  readonly #location: OpenLocation;
  readonly #writes: UserWrites;
  readonly #reader: Reader;
  readonly #writer: Writer;
  #closing: Promise<void> | undefined;

  private constructor(settings: ValuesSettings, location: OpenLocation) {
    this.#settings = settings;
    this.#location = location;
    const storage = new Storage(location.holdfast, location.classes);
    const codec = valueCodec(settings);
    this.#writes = new UserWrites(storage, settings);
    this.#reader = new Reader({ storage, codec, writes: this.#writes, single: location.single });
    this.#writer = new Writer({ storage, codec, writes: this.#writes, reader: this.#reader, now: settings.now });
  }

  /** Opens the place where values are kept: memory, where no other is given. @throws ValidationError, MissingPackageError, StoreUnavailableError */
  static async open(options?: UserValuesOptions): Promise<UserValues> {
    const settings = valuesSettings(options);
    return new UserValues(settings, await openLocation(settings));
  }

  /** Stores a value, whether there is one or not. @throws ValidationError for what cannot be stored, naming where in the value it is */
  async store(user: Id, key: Id, value: unknown, options?: StoreOptions): Promise<void> {
    await this.#writer.store(this.#user(user), keyText(key), value, this.#ttl('store()', options));
  }

  /** Stores several values of a user, all or none. */
  async storeMany(user: Id, values: ManyValues, options?: StoreOptions): Promise<void> {
    await this.#writer.storeMany(this.#user(user), byKey(values), this.#ttl('storeMany()', options));
  }

  /** The value, or `undefined` where there is none. @throws CorruptEntryError */
  get<T = Any>(user: Id, key: Id): Promise<T | undefined> {
    // The most frequent call goes without an asynchronous function around it.
    try {
      return this.#reader.get(this.#user(user), keyText(key)) as Promise<T | undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As long as `keys` and in their order, `undefined` where there is none. @throws CorruptEntryError */
  async getMany(user: Id, keys: readonly Id[]): Promise<Any[]> {
    if (!Array.isArray(keys)) throw new ValidationError('getMany() takes an array of keys. Use get() for one.');
    return this.#reader.getMany(this.#user(user), keys.map(keyText));
  }

  /** Whether there is a value, be it undefined. */
  async has(user: Id, key: Id): Promise<boolean> {
    return this.#reader.has(this.#user(user), keyText(key));
  }

  /**
   * Changes a value atomically, and returns it as it is then. The function is given the value, or `undefined` where there is none; it is
   * synchronous and may run several times. A value with a `ttl` of its own keeps what it has left of it, unless a `ttl` is given here or to
   * `open()`.
   *
   * @throws ValidationError also where the function returns undefined, or a promise; CorruptEntryError
   * @example
   * await values.update(123, 'visits', (n = 0) => n + 1);
   */
  async update<T = Any>(user: Id, key: Id, change: (value: T | undefined) => T, options?: StoreOptions): Promise<T> {
    if (typeof change !== 'function')
      throw new ValidationError('update() takes a function of the value. Use store() for a value.');
    const ttl = this.#ttl('update()', options);
    const kept = ttl === undefined && options?.ttl === undefined ? 'left' : ttl;
    return this.#writer.update(this.#user(user), keyText(key), change, kept);
  }

  /** Whether there was a value to delete. @throws EntityNotFoundError where there was none, if asked to */
  async delete(user: Id, key: Id, options?: DeleteOptions): Promise<boolean> {
    const [userId, name] = [this.#user(user), keyText(key)];
    checkKnown('delete()', options, ['ifNotExists']);
    const { ifNotExists = 'ignore' } = options ?? {};
    if (ifNotExists !== 'ignore' && ifNotExists !== 'raise')
      throw new ValidationError(
        `The option ifNotExists of delete() cannot be ${JSON.stringify(ifNotExists)}. Give 'ignore' or 'raise'.`,
      );
    const existed = await this.#writer.delete(userId, name);
    if (!existed && ifNotExists === 'raise') {
      const remedy = "Leave ifNotExists: 'raise' out where that is expected.";
      throw new EntityNotFoundError('UserValue', { user: userId, key: name }, remedy);
    }
    return existed;
  }

  /** How many values there were to delete. */
  async deleteAll(user: Id): Promise<number> {
    return this.#writer.deleteAll(this.#user(user));
  }

  /** The keys of a user, as strings, in the order of first storing. */
  async keys(user: Id): Promise<string[]> {
    return this.#reader.keys(this.#user(user));
  }

  /** Keys and values of a user, in the order of first storing. @throws CorruptEntryError */
  async entries(user: Id): Promise<[key: string, value: Any][]> {
    return this.#reader.entries(this.#user(user));
  }

  /** All who have a value, as strings, in the order of the store. It looks at every user. */
  async users(): Promise<string[]> {
    this.#check();
    return this.#reader.users();
  }

  /** Has a value end after this time from now, or never (`null`); without a key, all values of the user. Returns whether there was any. */
  async expire(user: Id, ttl: Duration | null): Promise<boolean>;
  async expire(user: Id, key: Id, ttl: Duration | null): Promise<boolean>;
  async expire(user: Id, ...given: readonly (Id | null)[]): Promise<boolean> {
    const key = given.length > 1 ? keyText(given[0]) : undefined;
    const last = given.at(-1);
    return this.#writer.expire(
      this.#user(user),
      key,
      last === null ? undefined : ttlOf('The time given to expire()', last),
    );
  }

  /** The same calls for one user; with a `ttl`, what is stored by them is kept for so long. */
  forUser(user: Id, options: StoreOptions = {}): UserValuesOf {
    const text = this.#user(user);
    this.#ttl('forUser()', options);
    return new UserValuesOf(this, text, options);
  }

  /** Lets what is under way finish, and closes what `open()` has opened; a holdfast that it was given stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#writes.settled().then(() => this.#location.close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closing) throw new ClosedError('This UserValues', 'UserValues.open()');
  }

  #user(user: Id): string {
    this.#check();
    return userText(user);
  }

  /** Milliseconds, or `undefined` for ever. */
  #ttl(call: string, options: StoreOptions | undefined): number | undefined {
    checkKnown(call, options, ['ttl']);
    const ttl = options?.ttl;
    if (ttl === undefined) return this.#settings.ttl;
    return ttl === null ? undefined : ttlOf(`The option ttl of ${call}`, ttl);
  }
}

function byKey(values: ManyValues): Map<string, unknown> {
  if (typeof values !== 'object' || values === null)
    throw new ValidationError('storeMany() takes an object, a Map, or pairs of key and value. Give { name: value }.');
  const pairs = Symbol.iterator in values ? values : Object.entries(values);
  const byKey = new Map<string, unknown>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ValidationError(
        'storeMany() was given something that is no pair of key and value. Give [[key, value]].',
      );
    byKey.set(keyText(pair[0]), pair[1]);
  }
  return byKey;
}
