import type { Class } from '../index.js';
import { type Clock, type Duration, type Holdfast, type HoldfastOptions, ValidationError } from '../index.js';
import { type Registered, registeredClasses, type StoredClass } from './classes.js';

/** Where values are kept, see {@link UserValuesOptions.location}. */
export type ValuesLocation = string | null | Holdfast;

/** What `UserValues.open` takes. Everything has a default. */
export interface UserValuesOptions {
  /**
   * `':memory:'` (the default); the path of a SQLite file; `null`, a temporary file that is gone when it is closed or the process
   * ends, however it ends; a URL (`redis:` `rediss:` `postgresql:` `mysql:` `mariadb:` `sqlite:` `datastore:` `mongodb:` `file:`); or a holdfast that was
   * opened with the entities of `userValueEntities()`.
   */
  readonly location?: ValuesLocation;
  /** How long a value is kept after it was last stored. Default: for ever. */
  readonly ttl?: Duration;
  /**
   * Of a SQLite file: `'normal'` survives the death of the process at any moment, `'full'` also that of the machine, at the cost of a wait
   * for the disk. Default `'normal'`.
   */
  readonly durability?: 'normal' | 'full';
  /** Most bytes of one value as it is stored, in UTF-8. Default 4 MiB (4,194,304). */
  readonly maxBytes?: number;
  /** Most keys of one user. Default: no limit. */
  readonly maxKeys?: number;
  /** Classes whose instances may be stored. Default: none. */
  readonly classes?: readonly (Class<object> | StoredClass<never>)[];
  /** Creates tables that are missing. Default true. */
  readonly synchronize?: boolean;
  /** Prefix of every key in Redis. Default `'holdfast'`. */
  readonly namespace?: string;
  /** Default `console`; `false` for silence. */
  readonly logger?: NonNullable<HoldfastOptions['logger']>;
  /** For tests. Default: the machine's. */
  readonly clock?: Clock;
}

/** The options, checked, with every default. */
export interface ValuesSettings {
  readonly location: ValuesLocation;
  /** Milliseconds; `undefined` for ever. */
  readonly ttl: number | undefined;
  readonly durability: 'normal' | 'full' | undefined;
  readonly maxBytes: number;
  readonly maxKeys: number;
  readonly classes: readonly Registered[];
  readonly now: () => number;
  /** What goes to `Holdfast.open` as it is. */
  readonly passed: Pick<HoldfastOptions, 'namespace' | 'logger' | 'clock' | 'synchronize'>;
}

const KNOWN: readonly string[] = [
  'location',
  'ttl',
  'durability',
  'maxBytes',
  'maxKeys',
  'classes',
  'synchronize',
  'namespace',
  'logger',
  'clock',
] satisfies (keyof UserValuesOptions)[];

/** Checks the options of `UserValues.open`. @throws ValidationError */
export function valuesSettings(options: UserValuesOptions = {}): ValuesSettings {
  if (typeof options !== 'object' || options === null)
    throw new ValidationError("UserValues.open() takes an object of options. Give { location: 'values.db' }.");
  checkKnown('UserValues.open()', options, KNOWN);
  const { location = ':memory:', ttl, durability, maxBytes, maxKeys, classes, synchronize = true } = options;
  const { namespace, logger, clock } = options;
  if (
    typeof location === 'object'
      ? location !== null && !isHoldfast(location)
      : typeof location !== 'string' || location === ''
  )
    throw wrong('location', "Give ':memory:', a path, null, a URL or a holdfast.");
  if (durability !== undefined && durability !== 'normal' && durability !== 'full')
    throw wrong('durability', "Give 'normal' or 'full'.");
  return {
    location,
    durability,
    ttl: ttl === undefined ? undefined : ttlOf('The option ttl of UserValues.open()', ttl),
    maxBytes: whole('maxBytes', maxBytes, 4 * 1024 * 1024),
    maxKeys: whole('maxKeys', maxKeys, Number.MAX_SAFE_INTEGER),
    classes: registeredClasses(classes as never),
    now: clock ? () => clock.now() : Date.now,
    passed: {
      synchronize,
      ...(namespace !== undefined && { namespace }),
      ...(logger !== undefined && { logger }),
      ...(clock !== undefined && { clock }),
    },
  };
}

const isHoldfast = (given: object): boolean => 'repository' in given && 'batch' in given;

/** @throws ValidationError for an option that there is not */
export function checkKnown(call: string, options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ValidationError(`${call} takes an object of options. It has: ${names.join(', ')}.`);
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new ValidationError(`${call} has no option ${JSON.stringify(name)}. It has: ${names.join(', ')}.`);
}

const wrong = (name: string, remedy: string): ValidationError =>
  new ValidationError(`The option ${name} of UserValues.open() is given something else than it takes. ${remedy}`);

function whole(name: string, given: number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (!Number.isSafeInteger(given) || given < 1) throw wrong(name, 'Give a whole number from 1.');
  return given;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a time to live. @throws ValidationError */
export function ttlOf(what: string, given: unknown): number {
  const [, count, unit] = (typeof given === 'string' && /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(given)) || [];
  const ms = typeof given === 'number' ? given : Math.round(Number(count) * UNITS[unit ?? '']!);
  // A time that no date can tell is meant as none.
  if (ms > 0 && ms <= 8.64e15 / 2) return ms;
  const shown = typeof given === 'string' ? JSON.stringify(given) : String(given);
  throw new ValidationError(
    `${what} cannot be ${shown}. Give milliseconds above 0, or '500ms', '5s', '1m', '1h', '7d'.`,
  );
}
