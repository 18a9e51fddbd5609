import { textOf } from './core/error-text.js';
import { MetadataError, StoreUnavailableError } from './core/errors.js';
import { type DriverOptions, type FallbackDriver, StoreFault } from './core/fallback-driver.js';
import { getOrMake } from './core/get-or-make.js';
import type { Invalidation } from './core/invalidation.js';
import type { Schema } from './core/schema.js';
import { openFallback } from './fallbacks/open-fallback.js';
import { TierGuards } from './guards.js';
import { type Health, healthOf, type TierReport } from './health.js';
import { type HotTier, openHotTier } from './open-hot-tier.js';
import { outboxSchema } from './outbox-schema.js';
import { coalescedReads } from './policies/coalesced-reads.js';
import { timeout } from './policies/timeout.js';
import type { Settings } from './settings.js';
import { DirectStore } from './tiers/direct-store.js';
import type { FencedOptions } from './tiers/fenced-parts.js';
import { FencedStore } from './tiers/fenced-store.js';
import { guardedDriver, guardedHot, unguardedHot } from './tiers/guarded.js';
import type { Changed, Store } from './tiers/store.js';
import type { TierStatus } from './tiers/tier-status.js';

/** The hot tier as fenced stores use it. */
type GuardedHot = Pick<FencedOptions, 'hot' | 'unguarded' | 'answers' | 'outbox'>;

// Where steps on the hot tier have no time limit, those that find out whether it is back have one.
const STEP_TIME = 1000;
// What takes many scripts, each of which another step may come between; and what reads the outbox from where it is slow.
const LONG_STEP_TIME = 30_000;
// One node of a cluster that hangs does not keep what the others say from being heard.
const NODE_TIME = 1000;

/** What is told of entities whose state in this process may be older than their tiers'. */
export interface Observer {
  /** These keys were written, or are about to be. */
  readonly changed: Changed;
  /** Any of their keys may have been. */
  readonly doubt: (schemas: readonly Schema[]) => void;
}

/** The tiers of the entities of one durable home. */
interface OpenHome {
  readonly store: Store;
  readonly driver: FallbackDriver;
  /** The guards of its only store, or of the durable one. */
  readonly guards: TierGuards;
}

/** The stores of a holdfast, opened, each once. */
export class OpenStores {
  readonly #settings: Settings;
  readonly #observer: Observer;
  readonly #stores = new Map<Schema['fallback'], OpenHome>();
  readonly #fenced: FencedStore[] = [];
  readonly #guards: TierGuards[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #hotGuards: TierGuards | undefined;
  #invalidation: Invalidation | undefined;

  private constructor(settings: Settings, observer: Observer) {
    this.#settings = settings;
    this.#observer = observer;
  }

  /** Opens what the entities need; where one store cannot be opened, those before it are closed again. @throws HoldfastError */
  static async open(schemas: readonly Schema[], settings: Settings, observer: Observer): Promise<OpenStores> {
    const stores = new OpenStores(settings, observer);
    try {
      await stores.#open(schemas);
      return stores;
    } catch (error) {
      await stores.close().catch(() => {});
      throw error;
    }
  }

  /** The tiers of an entity, and what its durable store can do. */
  of(schema: Schema): { readonly store: Store; readonly driver: FallbackDriver } {
    return this.#stores.get(schema.fallback)!;
  }

  /** How the tiers stand. */
  health(): Health {
    // Of a hot tier that is asked each interval more is known than by who calls it only now and then.
    const asked: TierReport[] = [];
    const called: TierReport[] = [];
    for (const [fallback, { store, guards }] of this.#stores) {
      const { hot, durable } = store.status();
      if (hot) asked.push(reportOf(this.#hotGuards!, 'hot', hot, false));
      const role = fallback === undefined ? 'hot' : 'durable';
      called.push(reportOf(guards, role, durable, true));
    }
    return healthOf([...asked, ...called], this.#invalidation?.status());
  }

  /** Waits for what is under way, then closes everything; the first error is thrown when all is closed. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    const attempt = (close: () => Promise<void>) => close().catch((error: unknown) => errors.push(error));
    for (const { store } of this.#stores.values()) await attempt(() => store.close());
    for (const guards of this.#guards) guards.close();
    for (const close of this.#closers.reverse()) await attempt(close);
    if (errors.length > 0) throw errors[0];
  }

  async #open(schemas: readonly Schema[]): Promise<void> {
    const groups = new Map<Schema['fallback'], Schema[]>();
    for (const schema of schemas) getOrMake(groups, schema.fallback, () => []).push(schema);
    const tier = await this.#reached('redis', () => openHotTier(this.#settings));
    if (tier) this.#closers.push(() => tier.close());
    const alone = groups.get(undefined);
    if (alone) await this.#openAlone(alone, tier);
    const homed = schemas.filter((schema) => schema.fallback !== undefined);
    const hot = tier && homed.length > 0 ? await this.#openHot(tier, homed) : undefined;
    for (const [name, group] of groups) if (name !== undefined) await this.#openHomed(name, group, hot);
    await Promise.all(this.#fenced.map((store) => store.start()));
    await this.#listen(schemas, tier);
  }

  /** What other processes write is not kept in the caches of this one. */
  async #listen(schemas: readonly Schema[], tier: HotTier | undefined): Promise<void> {
    const cached = schemas.filter((schema) => schema.cache);
    if (cached.length === 0 || !tier?.listen) return;
    const { clock, logger } = this.#settings;
    const { changed, doubt } = this.#observer;
    let broken = false;
    const invalidation = await this.#reached('redis', () =>
      tier.listen!({
        schemas: cached,
        changed: (schema, ids) =>
          changed(
            schema,
            ids.map((id) => ({ id, parts: [] })),
          ),
        doubt: () => doubt(cached),
        onState: ({ state, cause }) => {
          if (state === 'down')
            logger.warn(
              `holdfast: the invalidation channel is broken (${textOf(cause)}): what is cached in process is emptied, and until it is open again as old as its ttl at most.`,
            );
          else if (broken) logger.info('holdfast: the invalidation channel is open again.');
          broken = state === 'down';
        },
        clock,
      }),
    );
    this.#invalidation = invalidation;
    this.#closers.push(() => invalidation.close());
  }

  /** Entities without a fallback: the hot tier is their truth. */
  async #openAlone(schemas: readonly Schema[], tier: HotTier | undefined): Promise<void> {
    if (!tier)
      throw new MetadataError(
        schemas.map((schema) => ({
          subject: schema.target.name,
          fact: 'has no fallback, and open() was given redis: false, so it has no store.',
          remedy: 'Add @Fallback(name), or leave redis out.',
        })),
      );
    const driver = await this.#openDriver(tier.truth(), schemas);
    const guards = this.#guard(driver.name, 'hot');
    if (tier.away !== undefined)
      this.#settings.logger.warn(
        `holdfast: ${textOf(tier.away)}: entities without a fallback (${schemas.map(({ target }) => target.name).join(', ')}) can be neither read nor written until it is there.`,
      );
    this.#stores.set(undefined, {
      driver,
      guards,
      store: new DirectStore({
        driver: guardedDriver(driver, guards),
        changed: this.#observer.changed,
        clock: this.#settings.clock,
        away: tier.away,
      }),
    });
  }

  async #openHomed(name: string, schemas: readonly Schema[], hot: GuardedHot | undefined): Promise<void> {
    const home = await openFallback(name, this.#settings.fallbacks[name]);
    const outbox = hot?.outbox;
    const driver = await this.#openDriver(home, outbox ? [...schemas, outbox] : schemas);
    const { clock, logger, lockTime, servedFor, repairInterval } = this.#settings;
    const { changed } = this.#observer;
    const guards = this.#guard(driver.name, 'durable', driver.capabilities.synchronous);
    // Of an outbox that is never read to its end nothing would be known any more.
    const outboxSteps = timeout(LONG_STEP_TIME, clock, driver.name);
    const scan = (schema: Schema) => (schema === outbox ? outboxSteps : undefined);
    const guarded = coalescedReads(guardedDriver(driver, { read: guards.read, write: guards.write, scan }));
    if (!hot) {
      this.#stores.set(name, { driver, guards, store: new DirectStore({ driver: guarded, changed, clock }) });
      return;
    }
    if (hot.hot.name === 'memory' && driver.capabilities.shared)
      logger.warn(
        `holdfast: the hot tier is in this process alone, but others can write to ${name}: they and this process would not see each other's changes at once. Give open() a redis URL, or redis: false.`,
      );
    const tiers = { ...hot, driver: guarded, durableAnswers: guards.tryNow, schemas };
    const store = new FencedStore({ ...tiers, changed, clock, logger, lockTime, servedFor, repairInterval });
    this.#fenced.push(store);
    this.#stores.set(name, { driver, guards, store });
  }

  async #openHot(tier: HotTier, schemas: readonly Schema[]): Promise<GuardedHot> {
    const hot = tier.hot();
    await this.#reached(hot.name, () => hot.open(schemas, { mayBeAway: this.#settings.openWithoutRedis }));
    this.#closers.push(() => hot.close());
    const guards = this.#guard(hot.name, 'hot');
    this.#hotGuards = guards;
    const { breakers, clock, statementTimeout } = this.#settings;
    const late = { outcome: 'unknown', unknownFor: statementTimeout } as const;
    const time = breakers.hot?.timeout || STEP_TIME;
    const limits = {
      steps: timeout(time, clock, hot.name, late)!,
      long: timeout(Math.max(time, LONG_STEP_TIME), clock, hot.name, late)!,
      looks: timeout(time, clock, hot.name)!,
      probe: timeout(time + NODE_TIME, clock, hot.name)!,
    };
    return {
      hot: guardedHot(hot, guards.write, limits.long),
      unguarded: unguardedHot(hot, limits),
      answers: guards.tryNow,
      outbox: tier.alwaysThere ? undefined : outboxSchema,
    };
  }

  async #openDriver(driver: FallbackDriver, schemas: readonly Schema[]): Promise<FallbackDriver> {
    const { synchronize, clock, logger, statementTimeout } = this.#settings;
    const options: DriverOptions = { synchronize, clock, logger, statementTimeout };
    await this.#reached(driver.name, () => driver.open(schemas, options));
    this.#closers.push(() => driver.close());
    return driver;
  }

  #guard(name: string, tier: 'hot' | 'durable', synchronous = false): TierGuards {
    const { breakers, bulkhead, retry, statementTimeout, clock, logger } = this.#settings;
    const durable = tier === 'durable';
    const guards = new TierGuards({
      name,
      tier,
      breaker: breakers[tier],
      synchronous,
      bulkhead: durable ? bulkhead : undefined,
      retry: durable ? retry : undefined,
      unknownFor: statementTimeout,
      clock,
      logger,
    });
    this.#guards.push(guards);
    return guards;
  }

  async #reached<T>(tier: string, open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      throw new StoreUnavailableError('Holdfast.open()', [{ tier, since: this.#settings.clock.now(), cause: error }]);
    }
  }
}

function reportOf(
  guards: TierGuards,
  role: TierReport['role'],
  { state, since, cause }: TierStatus,
  needed: boolean,
): TierReport {
  const breaker = guards.status();
  return {
    tier: guards.name,
    role,
    state,
    since,
    ...(cause !== undefined && { reason: textOf(cause), cause }),
    ...(breaker && {
      breaker: {
        state: breaker.state,
        since: breaker.since,
        ...(breaker.retryAt !== undefined && { retryAt: breaker.retryAt }),
      },
    }),
    needed,
  };
}
