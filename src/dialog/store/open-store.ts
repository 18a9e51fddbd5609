import {
  type Clock,
  type Duration,
  Holdfast,
  type HoldfastOptions,
  type Logger,
  ValidationError,
} from '../../index.js';
import { millisecondsOf } from '../duration.js';
import { partFor } from './archive.js';
import type { Backend } from './backend.js';
import { ContextStore, windowOf } from './context-store.js';
import { classesOf, type EntitySet, entitySet, entitySetIn } from './entities.js';
import { HoldfastBackend } from './holdfast-backend.js';
import { JsonDriver } from './json-driver.js';
import { type Place, placeOf } from './place.js';

export type { ContextStore };

/** What `contextStore` takes beside the place. */
export interface ContextStoreOptions {
  /** What the names of its tables and keys begin with. Default `'contexts'`: `contexts_heads`, `contexts_turns`, `contexts_archive`, `contexts_queues`. */
  readonly table?: string;
  /** Tells stores apart that have the same `table`. */
  readonly name?: string;
  /** How many turns `get` loads. Default 50; `Infinity` for all. */
  readonly window?: number;
  /** How long a conversation lasts after its last turn. Default: for ever. */
  readonly ttl?: Duration;
  /** A Redis in front of the place, as `Holdfast.open` takes it. Default: none. */
  readonly redis?: HoldfastOptions['redis'];
  /** Opens also where that Redis cannot be reached, as in an outage. Default `false`. */
  readonly openWithoutRedis?: boolean;
  /** Prefix of every key in Redis. Default `'holdfast'`. */
  readonly namespace?: string;
  /** Creates tables that are missing. Default true. */
  readonly synchronize?: boolean;
  /** How long a handler given to `turn` may take. Default `'60s'`. */
  readonly turnLimit?: Duration;
  /** How long a process that shows no life holds a user at most. Default `'10s'`. */
  readonly turnLease?: Duration;
  /** Default `console`; `false` for silence. */
  readonly logger?: Logger | false;
  /** For tests. Default: the machine's. */
  readonly clock?: Clock;
}

const KNOWN = [
  'table',
  'name',
  'window',
  'ttl',
  'redis',
  'openWithoutRedis',
  'namespace',
  'synchronize',
  'turnLimit',
  'turnLease',
  'logger',
  'clock',
];
/** Those that say how a holdfast is opened. */
const OPENING = ['redis', 'openWithoutRedis', 'namespace', 'synchronize'] as const;

// Whoever waits for a turn is not to be ended by that nothing else is left to do.
const ownClock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Opens a store of contexts: at a URL, or in a holdfast that is open.
 *
 * @param place `postgresql:` `mysql:` `mariadb:` `sqlite:PATH` `redis:` `mongodb:` `datastore:` `json:FILE` `file:DIR` `memory:`, a URL of the Python
 *   connector, or a holdfast that was opened with `contextEntities()`
 * @throws ValidationError for a place or an option that cannot be; StoreUnavailableError; MissingPackageError
 * @example
 * const db = await contextStore('postgresql://localhost/bots', { redis: 'redis://localhost' });
 * const context = (await db.get('ann')) ?? new Context({ id: 'ann' });
 */
export async function contextStore(place: string | Holdfast, options: ContextStoreOptions = {}): Promise<ContextStore> {
  const unknown = Object.keys(options).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0)
    throw new ValidationError(
      `contextStore() does not know the option ${unknown.join(', ')}. It takes ${KNOWN.join(', ')}.`,
    );
  const { clock = ownClock, logger = console } = options;
  const ttl = options.ttl === undefined ? undefined : millisecondsOf('ttl', options.ttl);
  const turnLimit = millisecondsOf('turnLimit', options.turnLimit ?? '60s');
  const turnLease = millisecondsOf('turnLease', options.turnLease ?? '10s');
  const window = windowOf(options.window ?? 50);
  const over = (holdfast: Holdfast, entities: EntitySet, own: boolean, part = partFor(window)): Backend =>
    new HoldfastBackend({
      holdfast,
      entities,
      ttl,
      part,
      longestTurn: turnLimit + turnLease,
      own,
    });
  const open = async (): Promise<Backend> => {
    if (isHoldfast(place)) {
      refuse(options, 'the holdfast that it was given is open already');
      const entities = entitySetIn(place, options);
      checkBatches(place, entities);
      return over(place, entities, false);
    }
    const at = placeOf(place);
    const entities = entitySet({ ...options, fallback: at.kind === 'redis' ? undefined : 'home' });
    const holdfast = await Holdfast.open(holdfastOptions(at, entities, options));
    try {
      checkBatches(holdfast, entities);
    } catch (error) {
      await holdfast.close();
      throw error;
    }
    // A context is one document there, with all of its turns.
    return over(holdfast, entities, true, at.kind === 'json' ? Number.MAX_SAFE_INTEGER : undefined);
  };
  return new ContextStore({ backend: await open(), clock, logger, window, ttl, turnLimit, turnLease });
}

function holdfastOptions(
  at: Place,
  entities: EntitySet,
  { redis, openWithoutRedis, namespace, synchronize = true, logger, clock }: ContextStoreOptions,
): HoldfastOptions {
  if (at.kind === 'redis' && redis !== undefined)
    throw new ValidationError(
      "contextStore() was given Redis twice. The option 'redis' is for one in front of another store: give that store's URL.",
    );
  return {
    entities: classesOf(entities),
    synchronize,
    ...(openWithoutRedis !== undefined && { openWithoutRedis }),
    ...(namespace !== undefined && { namespace }),
    ...(logger !== undefined && { logger }),
    ...(clock !== undefined && { clock }),
    ...(at.kind === 'redis' ? { redis: at.url } : { redis: redis ?? false, fallbacks: { home: homeAt(at, entities) } }),
  };
}

const homeAt = (at: Exclude<Place, { kind: 'redis' }>, { base }: EntitySet) =>
  at.kind === 'json' ? new JsonDriver({ path: at.path, base }) : at.url;

/** @throws ValidationError where head and turns cannot be written in one step */
function checkBatches(holdfast: Holdfast, entities: EntitySet): void {
  if (holdfast.canBatch(...classesOf(entities))) return;
  throw new ValidationError(
    'The place given to contextStore() cannot write the head and the turns of a context in one step, as Redis Cluster alone and a MongoDB server that stands alone cannot. Give the entities a database with transactions behind it, contextEntities({ fallback }), or use one Redis server, Sentinel, or a replica set.',
  );
}

// Not by its class: the ESM and the CommonJS build have one each.
const isHoldfast = (place: string | Holdfast): place is Holdfast =>
  typeof place === 'object' && place !== null && 'batch' in place && 'entities' in place;

function refuse(options: ContextStoreOptions, why: string): void {
  for (const name of OPENING)
    if (options[name] !== undefined)
      throw new ValidationError(`contextStore() cannot use the option '${name}': ${why}. Leave it out.`);
}
