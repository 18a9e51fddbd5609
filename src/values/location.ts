import { isAbsolute, resolve } from 'node:path';
import { Holdfast, type HoldfastOptions, ValidationError } from '../index.js';
import { userValueEntities, type ValueClasses, valueClasses } from './entities.js';
import type { ValuesSettings } from './options.js';

/** The stores of a location, opened. */
export interface OpenLocation {
  readonly holdfast: Holdfast;
  readonly classes: ValueClasses;
  /** Whether there is but one store, and nothing in front of it. */
  readonly single: boolean;
  /** Closes what was opened for it; a holdfast that was given stays open. */
  close(): Promise<void>;
}

const HOME = 'values';
const SCHEMES: readonly string[] = [
  'sqlite:',
  'postgresql:',
  'postgres:',
  'mysql:',
  'mariadb:',
  'datastore:',
  'mongodb:',
  'mongodb+srv:',
  'file:',
  'memory:',
];

// What lies in this process is never away: guards would cost a fifth of a read, and a breaker would refuse what has only to wait for
// another process that has the file locked.
const UNGUARDED = { circuitBreaker: false, bulkhead: false, retry: false } as const;

/** Opens where values are kept. @throws ValidationError, MissingPackageError, StoreUnavailableError */
export async function openLocation(settings: ValuesSettings): Promise<OpenLocation> {
  const { location, passed } = settings;
  if (typeof location === 'object' && location !== null) {
    noDurability(settings, 'a holdfast that is open already');
    return { holdfast: location, classes: valueClasses(location), single: false, close: async () => {} };
  }
  const redis = location !== null && /^rediss?:/.test(location) ? location : undefined;
  if (redis !== undefined) noDurability(settings, 'Redis');
  const home = redis === undefined ? homeOf(settings) : undefined;
  const options: Omit<HoldfastOptions, 'entities'> =
    home === undefined
      ? { redis: redis! }
      : { redis: false, fallbacks: { [HOME]: home }, ...(/^(sqlite|memory):/.test(home) && UNGUARDED) };
  const entities = userValueEntities(home === undefined ? {} : { fallback: HOME });
  const holdfast = await Holdfast.open({ ...passed, ...options, entities });
  try {
    return { holdfast, classes: valueClasses(holdfast), single: true, close: () => holdfast.close() };
  } catch (error) {
    await holdfast.close();
    throw error;
  }
}

/** The URL of the durable store. */
function homeOf(settings: ValuesSettings): string {
  const location = settings.location as string | null;
  if (location === ':memory:' || location === null) {
    noDurability(settings, location === null ? 'a temporary file' : 'memory');
    // SQLite takes the name of a temporary file away as soon as it has opened it: it is gone however the process ends.
    return location === null ? 'sqlite:' : 'memory:';
  }
  // One letter is a drive.
  const [scheme] = /^[a-z][a-z0-9+.-]+:/i.exec(location) ?? [];
  if (scheme !== undefined) {
    if (!SCHEMES.includes(scheme))
      throw new ValidationError(
        `The option location of UserValues.open() is given a URL with the scheme ${JSON.stringify(scheme)}, which is not known. Give redis:, rediss: or one of ${SCHEMES.join(' ')}, or the path of a file.`,
      );
    if (settings.durability === undefined) return location;
    if (/^sqlite:[^?]+$/.test(location)) return `${location}?synchronous=${settings.durability}`;
    noDurability(settings, 'another store than a SQLite file');
  }
  if (location.includes('?'))
    throw new ValidationError(
      `The location ${JSON.stringify(location)} cannot be a file's path: it holds a question mark. Use another name.`,
    );
  const path = isAbsolute(location) ? location : resolve(location);
  return `sqlite:${path}?synchronous=${settings.durability ?? 'normal'}`;
}

function noDurability({ durability }: ValuesSettings, place: string): void {
  if (durability !== undefined)
    throw new ValidationError(
      `UserValues.open() was given durability: '${durability}', but the location is ${place}. Leave it out, or give the path of a SQLite file.`,
    );
}
