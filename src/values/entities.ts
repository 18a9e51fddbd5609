import {
  type Class,
  type Duration,
  defineEntity,
  type Holdfast,
  type KeyProps,
  RedisHash,
  ValidationError,
} from '../index.js';

/** A value of a user. */
export interface ValueRow {
  [KeyProps]?: ['user', 'key'];
  user: string;
  key: string;
  value: string;
  format: string;
  /** When it ends, in milliseconds since 1970; `null` for never. */
  expires: number | null;
  /**
   * `null` for one that never ends, which the directory knows. Else it is marked there as one that may have ended, and until this
   * time at least the directory itself is there.
   */
  listed: number | null;
}

/** The directory of a user: which keys there are, in the order of first storing. */
export interface DirectoryRow {
  [KeyProps]?: ['user'];
  user: string;
  /** The entries, where there are no pages. JSON: a list of the keys in their order, [key] of a value that may have ended. */
  keys: string;
  /** Over how many pages the entries are spread; 0 for none. */
  pages: number;
  count: number;
  /** The number that the next key gets in the order. */
  next: number;
  /** When the directory ends: not before the last of its values; `null` for never. */
  until: number | null;
}

/** A part of the directory of a user who has many keys. */
export interface PageRow {
  [KeyProps]?: ['user', 'page'];
  user: string;
  page: number;
  /** JSON: a list of [key, number in the order] or, of a value that may have ended, [key, number, 1]. */
  keys: string;
}

type Role = 'value' | 'directory' | 'page';
/** The classes of one place. */
export interface ValueClasses {
  readonly value: Class<ValueRow>;
  readonly directory: Class<DirectoryRow>;
  readonly page: Class<PageRow>;
}

// ESM and CommonJS builds know each other's classes by it.
const ROLE = Symbol.for('holdfast.values');

/** What `userValueEntities` takes. */
export interface UserValueEntitiesOptions {
  /** The name of the durable home, as given to `Holdfast.open`. Left out: none, and values are in Redis alone. */
  readonly fallback?: string;
  /** How long values stay hot. Default: for ever. */
  readonly hotTtl?: Duration;
}

/**
 * The entities that a holdfast needs to be given as `location` to `UserValues.open`.
 *
 * @example
 * const holdfast = await Holdfast.open({
 *   entities: [Person, ...userValueEntities({ fallback: 'postgres' })],
 *   redis: 'redis://localhost:6379',
 *   fallbacks: { postgres: 'postgresql://localhost/shop' },
 * });
 * const values = await UserValues.open({ location: holdfast });
 */
export function userValueEntities({ fallback, hotTtl }: UserValueEntitiesOptions = {}): readonly Class<object>[] {
  const kind = RedisHash(hotTtl === undefined || fallback === undefined ? {} : { ttl: hotTtl });
  const home = fallback === undefined ? {} : { fallback };
  const value = defineEntity({
    name: 'user_value',
    kind,
    ...home,
    key: { user: 'string', key: 'string' },
    fields: {
      value: 'text',
      format: 'string',
      expires: { type: 'number', nullable: true },
      listed: { type: 'number', nullable: true },
    },
  });
  const directory = defineEntity({
    name: 'user_value_keys',
    kind,
    ...home,
    key: { user: 'string' },
    fields: {
      keys: 'text',
      pages: 'integer',
      count: 'integer',
      next: 'integer',
      until: { type: 'number', nullable: true },
    },
  });
  const page = defineEntity({
    name: 'user_value_page',
    kind,
    ...home,
    key: { user: 'string', page: 'integer' },
    fields: { keys: 'text' },
  });
  const marked = (target: object, role: Role) => Object.defineProperty(target, ROLE, { value: role });
  return [marked(value, 'value'), marked(directory, 'directory'), marked(page, 'page')] as Class<object>[];
}

/** Those of a holdfast. @throws ValidationError where it has none, or several of a kind, or cannot write to them in one step */
export function valueClasses(holdfast: Holdfast): ValueClasses {
  const of = (role: Role): Class<never> => {
    const found = holdfast.entities.filter((target) => (target as { [ROLE]?: Role })[ROLE] === role);
    if (found.length === 1) return found[0] as Class<never>;
    throw new ValidationError(
      `The holdfast given to UserValues.open() as location has ${found.length === 0 ? 'no' : 'several'} entities of user values. Open it with entities: [..., ...userValueEntities({ fallback: 'postgres' })].`,
    );
  };
  const classes = { value: of('value'), directory: of('directory'), page: of('page') };
  if (holdfast.canBatch(classes.value, classes.directory, classes.page)) return classes;
  throw new ValidationError(
    "The location given to UserValues.open() cannot write a value and the list of its keys in one step, as Redis Cluster without a fallback and a MongoDB server that stands alone cannot. Give one with transactions, or a holdfast that has it: userValueEntities({ fallback: 'postgres' }).",
  );
}
