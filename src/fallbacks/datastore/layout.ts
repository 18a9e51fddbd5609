import { CorruptEntryError, MetadataError, ValidationError } from '../../core/errors.js';
import { keyOf } from '../../core/key-text.js';
import type { Entry } from '../../core/kind.js';
import { CorruptPlain, type Plain } from '../../core/plain.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { MOST_BYTES, nameOf, partsOf } from './key-name.js';
import {
  MOST_ENTITY_BYTES,
  MOST_VALUE_BYTES,
  plainOf,
  sizeOfEntity,
  sizeOfValue,
  timeOf,
  timestampOf,
  wireValueOf,
} from './values.js';
import type { PathElement, Properties, WireEntity, WireKey, WireValue } from './wire.js';

/**
 * Where the parts of a key go: all into the name of the entity; all but the last into the names of ancestors, whose kinds are
 * the columns of these parts; or all but the last into the name of the kind.
 */
export type KeyPlacement = 'name' | 'ancestors' | 'kinds';

// Stands between the entity's name and the parts in the name of a kind.
const KIND_END = '/';

type Part = Key['parts'][number];

/** How the entries of one entity lie in the store. */
export class Layout {
  readonly schema: Schema;
  /** The kind; where parts of the key are in it, what all kinds of the entity begin with. */
  readonly kind: string;
  readonly placement: KeyPlacement;
  /** The property that says when an entry ends. */
  readonly expiresAt: string;
  readonly #partition: unknown;

  /** @throws MetadataError for what the service cannot have */
  constructor(schema: Schema, placement: KeyPlacement, partition: unknown) {
    this.schema = schema;
    this.placement = schema.keys.length === 1 ? 'name' : placement;
    this.kind = this.placement === 'kinds' ? schema.name + KIND_END : schema.name;
    this.expiresAt = schema.fields.some(({ column }) => column === 'expiresAt') ? '_expiresAt' : 'expiresAt';
    this.#partition = partition;
    const parts = [...schema.keys, ...schema.fields];
    const faults = parts.flatMap(({ name, column }) =>
      /^__.*__$/s.test(column)
        ? [
            {
              subject: `${schema.target.name}.${name}`,
              fact: `lies in the property '${column}', whose name Datastore keeps for itself.`,
              remedy: 'Give it another name.',
            },
          ]
        : [],
    );
    if (faults.length > 0) throw new MetadataError(faults);
  }

  wireKey(path: readonly PathElement[]): WireKey {
    return { partitionId: this.#partition, path };
  }

  /** The path of a key; `undefined` where it has more bytes than a path may have. */
  path(key: Key): PathElement[] | undefined {
    const path = this.#path(key.parts);
    return path.every(({ kind, name }) => fits(kind) && fits(name!)) && totalOf(path) <= MOST_PATH ? path : undefined;
  }

  #path(parts: readonly Part[]): PathElement[] {
    const { keys, name } = this.schema;
    const storages = keys.map(({ storage }) => storage);
    if (this.placement === 'name') return [{ kind: name, name: nameOf(storages, parts) }];
    const last = { name: nameOf(storages.slice(-1), parts.slice(-1)) };
    if (this.placement === 'kinds')
      return [{ kind: this.kind + nameOf(storages.slice(0, -1), parts.slice(0, -1)), ...last }];
    const ancestors = keys
      .slice(0, -1)
      .map(({ column, storage }, at) => ({ kind: column, name: nameOf([storage], [parts[at]!]) }));
    return [...ancestors, { kind: name, ...last }];
  }

  /** The path of a key that is about to be written. @throws ValidationError */
  pathToWrite(key: Key): PathElement[] {
    const path = this.path(key);
    if (path) return path;
    const size = key.parts.reduce<number>(
      (sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : 8),
      0,
    );
    throw new ValidationError(
      `${this.schema.target.name} has a key of ${size} bytes, but Datastore takes at most ${MOST_BYTES} in a name; nothing was written. Use a shorter key, such as a hash of it.`,
    );
  }

  /** The inverse of {@link path}. @throws CorruptEntryError for a path that no key has */
  key(path: readonly PathElement[]): Key {
    try {
      const storages = this.schema.keys.map(({ storage }) => storage);
      const names = path.map(({ name }) => {
        if (name === undefined) throw new CorruptPlain('it has an id, not a name');
        return name;
      });
      if (this.placement === 'name' && path.length === 1) return keyOf(partsOf(storages, names[0]!));
      if (this.placement === 'kinds' && path.length === 1) {
        const first = partsOf(storages.slice(0, -1), path[0]!.kind.slice(this.kind.length));
        return keyOf([...first, ...partsOf(storages.slice(-1), names[0]!)]);
      }
      if (this.placement === 'ancestors' && path.length === storages.length)
        return keyOf(storages.flatMap((storage, at) => partsOf([storage], names[at]!)));
      throw new CorruptPlain('it lies in another place');
    } catch (error) {
      if (!(error instanceof CorruptPlain)) throw error;
      const shown = JSON.stringify(path.map(({ kind, name, id }) => [kind, name ?? Number(id)]));
      throw new CorruptEntryError(this.schema.name, shown, `its path is no key of the entity (${error.message})`, {
        cause: error,
      });
    }
  }

  /** The entity of a row. @throws ValidationError for one that the service cannot keep */
  entity(path: readonly PathElement[], { value, expiresAt }: Entry): WireEntity {
    const properties: Record<string, WireValue> = {};
    for (const [at, plain] of (value as Row).entries()) {
      if (plain === undefined) continue;
      const { column, storage, index } = this.schema.fields[at]!;
      properties[column] = wireValueOf(storage, plain, index);
      if (index) this.#checkIndexed(at, properties[column]);
    }
    if (expiresAt !== undefined) properties[this.expiresAt] = timestampOf(expiresAt);
    return this.checked({ key: this.wireKey(path), properties });
  }

  #checkIndexed(at: number, value: WireValue): void {
    const size = sizeOfValue(value) - (value.stringValue === undefined ? 0 : 1);
    if (size <= MOST_BYTES) return;
    throw new ValidationError(
      `${this.schema.target.name}.${this.schema.fields[at]!.name} is indexed and has ${size} bytes, but Datastore indexes at most ${MOST_BYTES}; nothing was written. Use a shorter value, or take the index away.`,
    );
  }

  /** @throws ValidationError for an entity that the service cannot keep */
  checked(entity: WireEntity): WireEntity {
    const size = sizeOfEntity(entity);
    const tooLong = Object.entries(entity.properties).find(([, value]) => sizeOfValue(value) > MOST_VALUE_BYTES);
    if (size <= MOST_ENTITY_BYTES && !tooLong) return entity;
    const what = tooLong ? `${sizeOfValue(tooLong[1])} bytes in '${tooLong[0]}'` : `${size} bytes`;
    const most = tooLong ? MOST_VALUE_BYTES : MOST_ENTITY_BYTES;
    throw new ValidationError(
      `An entry of ${this.schema.target.name} has ${what}, but Datastore keeps at most ${most}; nothing was written. Keep less in it, or give the entity another fallback.`,
    );
  }

  /** The row of an entity's properties, and when it ends. @throws CorruptEntryError */
  entry(key: Key, properties: Properties): Entry {
    return this.guarded(key.id, () => {
      const value = this.schema.fields.map(({ column, storage, required }): Plain | undefined => {
        const plain = Object.hasOwn(properties, column) ? plainOf(storage, properties[column]!) : undefined;
        if (required && (plain ?? null) === null) throw new CorruptPlain(`it has no '${column}'`);
        return plain;
      });
      return { value, expiresAt: this.expiry(properties) };
    });
  }

  /** When an entity ends. @throws CorruptPlain */
  expiry(properties: Properties): number | undefined {
    const end = properties[this.expiresAt];
    return end && timeOf(end);
  }

  guarded<T>(subject: string, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof CorruptPlain)) throw error;
      throw new CorruptEntryError(this.schema.name, JSON.stringify(subject), error.message, { cause: error });
    }
  }
}

const MOST_PATH = 6144;

const fits = (text: string): boolean => text.length * 3 <= MOST_BYTES || Buffer.byteLength(text) <= MOST_BYTES;

const totalOf = (path: readonly PathElement[]): number =>
  path.reduce((sum, { kind, name }) => sum + Buffer.byteLength(kind) + Buffer.byteLength(name!), 0);

/** Whether an entry has ended. */
export const isOver = (expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now;
