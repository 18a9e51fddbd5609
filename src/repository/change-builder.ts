import type { Clock } from '../core/clock.js';
import { type Duration, milliseconds } from '../core/duration.js';
import {
  EntityExistsError,
  EntityNotFoundError,
  type HoldfastError,
  showKey,
  ValidationError,
  VersionConflictError,
} from '../core/errors.js';
import type { ChangeCall, Done, EntityAccess, Outcome, QueryCall, RowChange } from '../core/kind.js';
import type { Plain } from '../core/plain.js';
import type { Key, Row, Schema } from '../core/schema.js';
import type { Hydrator } from '../metadata/hydrator.js';
import type { KeyCodec } from '../metadata/key-codec.js';
import { lacksField } from '../metadata/variant-fault.js';
import type { Pending } from './pending.js';
import { unreadable } from './unreadable.js';

/** What a change may carry besides the entity. */
export interface PutOptions {
  readonly fallbackTtl?: Duration | undefined;
}

/** Turns the calls of one entity into changes, checking everything before anything is written. */
export class ChangeBuilder {
  readonly schema: Schema;
  readonly keys: KeyCodec;
  readonly hydrator: Hydrator;
  readonly access: EntityAccess;
  readonly #clock: Clock;
  readonly #canExpire: boolean;
  readonly #name: string;

  constructor(options: { schema: Schema; keys: KeyCodec; hydrator: Hydrator; clock: Clock; canExpire: boolean }) {
    this.schema = options.schema;
    this.keys = options.keys;
    this.hydrator = options.hydrator;
    this.#clock = options.clock;
    this.#canExpire = options.canExpire;
    this.#name = options.schema.target.name;
    this.access = {
      schema: this.schema,
      key: (key) => this.keys.toKey(key),
      field: (name) => this.#field(name),
      expiresAt: (saveOptions) => this.#expiresAt((saveOptions ?? {}) as PutOptions),
    };
  }

  put<T extends object>(entity: T, asNew: boolean, options: PutOptions): Pending<T> {
    this.hydrator.fill(entity, this.#clock.now());
    const key = this.keys.fromEntity(entity);
    const row = [...this.hydrator.dehydrate(entity)];
    const at = this.#nextVersion(entity, row, asNew);
    const versioned = this.schema.version !== undefined;
    const expect = asNew || (versioned && at === 0) ? 'absent' : versioned ? { version: at } : undefined;
    const change: RowChange = { type: 'put', row, expect, expiresAt: this.#expiresAt(options) };
    return {
      keyed: { schema: this.schema, key, change },
      accept: ({ entry }) => {
        if (versioned) Object.assign(entity, { [this.#versionName()]: at + 1 });
        const stored = entry?.value as Row | undefined;
        return stored === undefined || stored === row ? entity : this.hydrator.learn(entity, key, row, stored);
      },
      refuse: (outcome) =>
        outcome.status === 'exists' && !asNew
          ? new VersionConflictError(this.#name, this.keys.toValue(key), 0)
          : this.#refused(key, outcome, at),
    };
  }

  /** Counts the row's version on, and gives the one that must be stored: 0 for none. */
  #nextVersion(entity: object, row: (Plain | undefined)[], asNew: boolean): number {
    const { version } = this.schema;
    if (version === undefined) return 0;
    const name = this.#versionName();
    const own = Object.getOwnPropertyDescriptor(entity, name);
    if (own ? own.writable === false && !own.set : !Object.isExtensible(entity))
      throw new ValidationError(
        `${this.#name}.${name} is filled in by the save, but the object is frozen; nothing was written. Give one that is not.`,
      );
    const at = asNew ? 0 : Number(row[version] ?? 0);
    row[version] = at + 1;
    return at;
  }

  #versionName(): string {
    return this.schema.fields[this.schema.version!]!.name;
  }

  update(input: unknown, change: unknown): Pending<object> {
    const key = this.keys.toKey(input);
    if (typeof change === 'function') return this.#modify(key, change as (entity: object) => unknown);
    const { set, version } = this.hydrator.patchOf(change, key);
    return this.#existing(key, { type: 'patch', set, version }, version ?? 0);
  }

  #modify(key: Key, change: (entity: object) => unknown): Pending<object> {
    const modify = (row: Row): Row => {
      const entity = this.hydrator.hydrate(key, row) as Record<string, unknown>;
      const others = this.hydrator.fieldsOfOthers(entity);
      const before = others.map((name) => entity[name]);
      const returned = change(entity);
      if (typeof (returned as { then?: unknown } | undefined)?.then === 'function')
        throw new ValidationError(
          `The function given to update() of ${this.#name} ${this.#shown(key)} returned a promise; nothing was written. Do what is asynchronous before the call.`,
        );
      if (this.keys.fromEntity(entity).id !== key.id)
        throw new ValidationError(
          `The function given to update() of ${this.#name} ${this.#shown(key)} changed the key; nothing was written. Save under the other key and delete this one.`,
        );
      const stray = others.find((name, at) => entity[name] !== before[at]);
      if (stray !== undefined)
        throw new ValidationError(
          `${this.#name} ${this.#shown(key)} was not changed: ${lacksField(entity.constructor.name, stray)}.`,
        );
      return this.hydrator.dehydrate(entity);
    };
    return this.#existing(key, { type: 'modify', change: modify }, 0);
  }

  #existing(key: Key, change: RowChange, version: number): Pending<object> {
    return {
      keyed: { schema: this.schema, key, change },
      accept: ({ entry }: Done) => this.hydrator.hydrate(key, entry!.value as Row),
      refuse: (outcome) => this.#refused(key, outcome, version),
    };
  }

  delete(input: unknown): Pending<boolean> {
    const key = this.keys.toKey(input);
    return {
      keyed: { schema: this.schema, key, change: { type: 'delete' } },
      accept: ({ existed }) => existed,
      refuse: (outcome) => this.#refused(key, outcome, 0),
    };
  }

  /** A call of the kind's own. One that was given nothing to change asks instead. */
  call(name: string, args: readonly unknown[]): (Pending & Pick<ChangeCall, 'saveOptions'>) | QueryCall {
    const call = this.schema.kind.changes[name]!(this.access, ...(args as never[]));
    if (!('change' in call)) return call;
    const { key, change, saveOptions, result } = call;
    return {
      saveOptions,
      keyed: { schema: this.schema, key, change },
      accept: (outcome) => {
        try {
          return result(outcome);
        } catch (error) {
          throw unreadable(error, this.schema, key);
        }
      },
      refuse: (outcome) => this.#refused(key, outcome, 0),
    };
  }

  #shown(key: Key): string {
    return showKey(this.keys.toValue(key));
  }

  #refused(key: Key, outcome: Exclude<Outcome, Done>, version: number): HoldfastError {
    switch (outcome.status) {
      case 'missing':
        return new EntityNotFoundError(this.#name, this.keys.toValue(key));
      case 'exists':
        return new EntityExistsError(this.#name, this.keys.toValue(key));
      case 'conflict':
        return new VersionConflictError(this.#name, this.keys.toValue(key), version);
      case 'invalid':
        return new ValidationError(`${this.#name} ${this.#shown(key)} was not changed: ${outcome.fact}.`);
    }
  }

  #field(name: string): ReturnType<EntityAccess['field']> {
    const index = this.schema.fields.findIndex((field) => field.name === name);
    if (index < 0)
      throw new ValidationError(
        `${this.#name} has no field ${JSON.stringify(name)}. It has: ${this.schema.fields.map((field) => field.name).join(', ')}.`,
      );
    return { index, part: this.schema.fields[index]! };
  }

  #expiresAt({ fallbackTtl }: PutOptions): number | undefined {
    if (fallbackTtl === undefined) {
      const { ttl, fallback } = this.schema;
      return fallback === undefined && ttl !== undefined ? this.#clock.now() + ttl : undefined;
    }
    const ttl = milliseconds(fallbackTtl);
    if (!ttl)
      throw new ValidationError(
        `${this.#name} cannot be saved with fallbackTtl ${typeof fallbackTtl === 'string' ? JSON.stringify(fallbackTtl) : String(fallbackTtl)}. Give milliseconds above 0, or '500ms', '5s', '1m', '1h', '7d'.`,
      );
    if (!this.#canExpire)
      throw new ValidationError(
        `${this.#name} cannot be saved with fallbackTtl: its durable store has no expiry for single entries. Leave it out, or use a table that Holdfast maps.`,
      );
    return this.#clock.now() + ttl;
  }
}
