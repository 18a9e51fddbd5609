import { MetadataError, StoreUnavailableError } from './core/errors.js';
import { type DriverOptions, type FallbackDriver, StoreFault } from './core/fallback-driver.js';
import { getOrMake } from './core/get-or-make.js';
import type { HotStore } from './core/hot-store.js';
import type { Schema } from './core/schema.js';
import { openFallback } from './fallbacks/open-fallback.js';
import { TierGuards } from './guards.js';
import { type HotTier, openHotTier } from './open-hot-tier.js';
import { coalescedReads } from './policies/coalesced-reads.js';
import type { Settings } from './settings.js';
import { DirectStore } from './tiers/direct-store.js';
import { FencedStore } from './tiers/fenced-store.js';
import { guardedDriver, guardedHot } from './tiers/guarded.js';
import type { Changed, Store } from './tiers/store.js';

/** The stores of a holdfast, opened, each once. */
export class OpenStores {
  readonly #settings: Settings;
  readonly #changed: Changed;
  readonly #stores = new Map<Schema['fallback'], { store: Store; driver: FallbackDriver }>();
  readonly #guards: TierGuards[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  private constructor(settings: Settings, changed: Changed) {
    this.#settings = settings;
    this.#changed = changed;
  }

  /** Opens what the entities need; where one store cannot be opened, those before it are closed again. @throws HoldfastError */
  static async open(schemas: readonly Schema[], settings: Settings, changed: Changed): Promise<OpenStores> {
    const stores = new OpenStores(settings, changed);
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
    const hot = tier && homed.length > 0 ? await this.#openHot(tier.hot(), homed) : undefined;
    for (const [name, group] of groups) if (name !== undefined) await this.#openHomed(name, group, hot);
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
    this.#stores.set(undefined, {
      driver,
      store: new DirectStore({
        driver: guardedDriver(driver, guards),
        changed: this.#changed,
        clock: this.#settings.clock,
      }),
    });
  }

  async #openHomed(name: string, schemas: readonly Schema[], hot: HotStore | undefined): Promise<void> {
    const driver = await this.#openDriver(await openFallback(name, this.#settings.fallbacks[name]), schemas);
    const { changed, clock, logger, lockTime, repairInterval } = { ...this.#settings, changed: this.#changed };
    const guarded = coalescedReads(
      guardedDriver(driver, this.#guard(driver.name, 'durable', driver.capabilities.synchronous)),
    );
    if (hot?.name === 'memory' && driver.capabilities.shared)
      logger.warn(
        `holdfast: the hot tier is in this process alone, but others can write to ${name}: they and this process would not see each other's changes at once. Give open() a redis URL, or redis: false.`,
      );
    const store = hot
      ? new FencedStore({ hot, driver: guarded, changed, clock, logger, lockTime, repairInterval })
      : new DirectStore({ driver: guarded, changed, clock });
    this.#stores.set(name, { driver, store });
  }

  async #openHot(hot: HotStore, schemas: readonly Schema[]): Promise<HotStore> {
    await this.#reached(hot.name, () => hot.open(schemas));
    this.#closers.push(() => hot.close());
    return guardedHot(hot, this.#guard(hot.name, 'hot').write);
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
