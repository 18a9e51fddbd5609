import { setImmediate } from 'node:timers/promises';
import { checkOptions } from '../core/check-options.js';
import { describe } from '../core/codecs.js';
import { ClosedError, EntityNotFoundError, ValidationError } from '../core/errors.js';
import type { CommitMode } from '../core/hot-store.js';
import type { Query, QueryCall, Value } from '../core/kind.js';
import type { Key, Row, Schema } from '../core/schema.js';
import type { Hydrator } from '../metadata/hydrator.js';
import type { KeyCodec } from '../metadata/key-codec.js';
import type { Store } from '../tiers/store.js';
import type { ChangeBuilder } from './change-builder.js';
import { inChunks } from './in-chunks.js';
import type { Lifetime } from './lifetime.js';
import { type Pending, writeAll } from './pending.js';
import type { ReadPath } from './read-path.js';
import { unreadable } from './unreadable.js';

/** What a repository is made of. */
export interface RepositoryParts {
  readonly schema: Schema;
  readonly keys: KeyCodec;
  readonly hydrator: Hydrator;
  readonly reads: ReadPath;
  readonly changes: ChangeBuilder;
  readonly store: Store;
  readonly lifetime: Lifetime;
}

interface AnyReadOptions {
  readonly from?: 'durable';
  readonly fields?: readonly string[] | undefined;
}

interface AnySaveOptions {
  readonly hot?: 'always' | 'ifPresent' | 'never';
  readonly fallbackTtl?: number | undefined;
}

const MODES: ReadonlyMap<unknown, CommitMode> = new Map([
  ['always', 'set'],
  ['ifPresent', 'ifPresent'],
  ['never', 'drop'],
]);
const STREAM_CHUNK = 500;
const MOST_AT_ONCE = 10_000;
const READ_OPTIONS = ['from'];
const FIELD_OPTIONS = [...READ_OPTIONS, 'fields'];
const SAVE_OPTIONS = ['hot', 'fallbackTtl'];

/** The repository behind every kind's public type: common calls here, the kind's own attached by name. */
export class EntityRepository {
  readonly #parts: RepositoryParts;
  readonly #readOptions: readonly string[];

  constructor(parts: RepositoryParts) {
    this.#parts = parts;
    const { kind } = parts.schema;
    this.#readOptions = kind.property ? READ_OPTIONS : FIELD_OPTIONS;
    for (const name of Object.keys(kind.changes)) this.#attach(name, (args) => this.#change(name, args));
    for (const name of Object.keys(kind.queries)) this.#attach(name, (args) => this.#query(name, args));
    for (const name of Object.keys(kind.streams ?? {}))
      Object.defineProperty(this, name, {
        value: (...args: unknown[]) => this.#through(name, args),
        enumerable: false,
      });
  }

  create(data: Record<string, unknown> = {}): object {
    return this.#parts.hydrator.create(data);
  }

  find(input: unknown, options?: AnyReadOptions): Promise<object | undefined> {
    try {
      this.#open();
      const { reads, keys } = this.#parts;
      if (options !== undefined) return this.#loadAll([keys.toKey(input)], options).then(([found]) => found);
      const cached = typeof input === 'string' ? reads.cached(input) : undefined;
      if (cached) return Promise.resolve(this.#hydrate(cached.key, cached.entry));
      const key = keys.toKey(input);
      const value = reads.load(key);
      if (value instanceof Promise) return value.then((loaded) => this.#hydrate(key, loaded));
      return Promise.resolve(this.#hydrate(key, value));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async findOrFail(input: unknown, options?: AnyReadOptions): Promise<object> {
    const found = await this.find(input, options);
    if (found === undefined) throw new EntityNotFoundError(this.#parts.schema.target.name, input);
    return found;
  }

  async findMany(inputs: readonly unknown[], options?: AnyReadOptions): Promise<(object | undefined)[]> {
    this.#open();
    if (!Array.isArray(inputs))
      throw new ValidationError(
        `findMany() of ${this.#parts.schema.target.name} takes an array of keys, got ${typeof inputs}. Use find() for one.`,
      );
    return this.#loadAll(
      inputs.map((input) => this.#parts.keys.toKey(input)),
      options,
    );
  }

  async *stream(inputs?: Iterable<unknown> | AsyncIterable<unknown>, options?: AnyReadOptions): AsyncIterable<object> {
    this.#open();
    const { fields } = this.#selection(options);
    if (inputs === undefined) {
      for await (const { key, entry } of this.#parts.store.scan(this.#parts.schema)) {
        yield this.#hydrate(key, entry.value, fields)!;
        this.#open();
      }
      return;
    }
    if (typeof inputs !== 'object' || inputs === null || !(Symbol.iterator in inputs || Symbol.asyncIterator in inputs))
      throw new ValidationError(
        `stream() of ${this.#parts.schema.target.name} takes keys that can be iterated over, got ${describe(inputs)}. Give an array of keys, or use find() for one.`,
      );
    for await (const chunk of inChunks(inputs, STREAM_CHUNK)) {
      for (const entity of await this.findMany(chunk, options)) if (entity !== undefined) yield entity;
      // Where every tier is in this process, nothing else would get its turn before the end.
      await setImmediate();
    }
  }

  save(given: object | readonly object[], options: AnySaveOptions = {}): Promise<unknown> {
    return this.#put(given, false, options);
  }

  insert(given: object | readonly object[], options: AnySaveOptions = {}): Promise<unknown> {
    return this.#put(given, true, options);
  }

  async #put(given: object | readonly object[], asNew: boolean, options: AnySaveOptions): Promise<unknown> {
    this.#open();
    const mode = this.#mode(options);
    const entities = Array.isArray(given) ? given : [given];
    const saved = await this.#write(
      entities.map((entity) => this.#parts.changes.put(entity, asNew, options)),
      mode,
    );
    return Array.isArray(given) ? saved : saved[0];
  }

  /** What the options of a save leave hot. @throws ValidationError */
  #mode(options: AnySaveOptions = {}): CommitMode {
    checkOptions('A save', this.#parts.schema.target.name, options, SAVE_OPTIONS);
    const mode = MODES.get(options.hot ?? 'always');
    if (mode) return mode;
    throw new ValidationError(
      `The option hot of save() cannot be ${JSON.stringify(options.hot)}. Give 'always', 'ifPresent' or 'never'.`,
    );
  }

  async #change(name: string, args: readonly unknown[]): Promise<unknown> {
    const call = this.#parts.changes.call(name, args);
    if (!('keyed' in call)) return this.#ask(call);
    const [result] = await this.#write([call], this.#mode(call.saveOptions as AnySaveOptions | undefined));
    return result;
  }

  async update(input: unknown, change: unknown): Promise<object> {
    this.#open();
    const [updated] = await this.#write([this.#parts.changes.update(input, change)], 'set');
    return updated!;
  }

  async delete(input: unknown): Promise<boolean | number> {
    this.#open();
    const inputs = Array.isArray(input) ? input : [input];
    const deleted = await this.#write(
      inputs.map((one) => this.#parts.changes.delete(one)),
      'set',
    );
    return Array.isArray(input) ? deleted.filter(Boolean).length : deleted[0]!;
  }

  async exists(input: unknown, options?: AnyReadOptions): Promise<boolean> {
    this.#open();
    const key = this.#parts.keys.toKey(input);
    const { durable } = this.#selection(options);
    const { reads, schema } = this.#parts;
    const { nothing } = schema.kind;
    const [value] = durable ? await reads.read([key], nothing) : [await reads.load(key, nothing)];
    return value !== null;
  }

  async count(): Promise<number> {
    this.#open();
    return this.#parts.store.count(this.#parts.schema);
  }

  async refresh(input: unknown): Promise<object | undefined> {
    this.#open();
    return this.#parts.lifetime.underWay.track(this.#refresh(this.#parts.keys.toKey(input)));
  }

  async #refresh(key: Key): Promise<object | undefined> {
    const { store, schema, reads } = this.#parts;
    await store.drop(schema, [key]);
    return this.#hydrate(key, await reads.load(key));
  }

  async evict(input: unknown): Promise<void> {
    this.#open();
    const inputs = Array.isArray(input) ? input : [input];
    await this.#parts.store.drop(
      this.#parts.schema,
      inputs.map((one) => this.#parts.keys.toKey(one)),
    );
  }

  #write<T>(pending: readonly Pending<T>[], mode: CommitMode): Promise<T[]> {
    return writeAll(this.#parts.store, pending, mode);
  }

  async #loadAll(keys: readonly Key[], options?: AnyReadOptions): Promise<(object | undefined)[]> {
    const { durable, fields } = this.#selection(options);
    const values = await this.#valuesOf(keys, fields, durable);
    return values.map((value, index) => this.#hydrate(keys[index]!, value, fields));
  }

  async #valuesOf(keys: readonly Key[], query: Query, durable: boolean): Promise<(Value | null)[]> {
    const { reads } = this.#parts;
    const values: (Value | null)[] = [];
    // Many more at once would wait for each other longer than a tier is given to answer.
    for (let at = 0; at < keys.length; at += MOST_AT_ONCE) {
      const some = keys.slice(at, at + MOST_AT_ONCE);
      const found = durable
        ? await reads.read(some, query)
        : await Promise.all(some.map((key) => reads.load(key, query)));
      for (const value of found) values.push(value);
    }
    return values;
  }

  /** What read options ask for. @throws ValidationError */
  #selection(options: AnyReadOptions = {}): { durable: boolean; fields: readonly number[] | undefined } {
    checkOptions('A read', this.#parts.schema.target.name, options, this.#readOptions);
    const { from, fields } = options;
    if (from !== undefined && from !== 'durable')
      throw new ValidationError(`The option from cannot be ${JSON.stringify(from)}. Give 'durable', or leave it out.`);
    if (fields !== undefined && !Array.isArray(fields))
      throw new ValidationError(
        `The option fields must be an array of property names, got ${typeof fields}. Give fields: ['name'].`,
      );
    return { durable: from === 'durable', fields: fields && this.#parts.hydrator.indexes(fields) };
  }

  async #query(name: string, args: readonly unknown[]): Promise<unknown> {
    const { schema, changes } = this.#parts;
    return this.#ask(schema.kind.queries[name]!(changes.access, ...(args as never[])));
  }

  async #ask({ keys, query, readOptions, result }: QueryCall): Promise<unknown> {
    const { durable } = this.#selection(readOptions as AnyReadOptions | undefined);
    const values = await this.#valuesOf(keys, query, durable);
    try {
      return result(values);
    } catch (error) {
      throw unreadable(error, this.#parts.schema, keys[0]!);
    }
  }

  /** Goes through one collection, a part at a time, past every cache. */
  async *#through(name: string, args: readonly unknown[]): AsyncIterable<unknown> {
    this.#open();
    const { schema, changes, reads } = this.#parts;
    const { key, query: first, items, next } = schema.kind.streams![name]!(changes.access, ...(args as never[]));
    for (let query: Query = first; query !== undefined; ) {
      const [value] = await reads.read([key], query);
      if (value === null || value === undefined) return;
      let found: readonly unknown[];
      try {
        found = items(value);
      } catch (error) {
        throw unreadable(error, schema, key);
      }
      for (const item of found) {
        yield item;
        this.#open();
      }
      query = next(value);
      // Where every tier is in this process, nothing else would get its turn before the end.
      await setImmediate();
    }
  }

  #hydrate(key: Key, value: Value | null, fields?: readonly number[]): object | undefined {
    if (value === null) return undefined;
    const { hydrator } = this.#parts;
    try {
      return fields ? hydrator.part(key, value as Row, fields) : hydrator.hydrate(key, value as Row);
    } catch (error) {
      throw unreadable(error, this.#parts.schema, key);
    }
  }

  #open(): void {
    if (this.#parts.lifetime.closed) throw new ClosedError();
  }

  #attach(name: string, run: (args: readonly unknown[]) => Promise<unknown>): void {
    const call = async (...args: unknown[]) => {
      this.#open();
      return run(args);
    };
    Object.defineProperty(this, name, { value: call, enumerable: false });
  }
}
