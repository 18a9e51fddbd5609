import {
  type FallbackDriver,
  type HashRepository,
  type Health,
  Holdfast,
  type HotStore,
  type Verification,
} from 'holdfast';
import { faultyDriver, faultyHotStore } from 'holdfast/testing';
import { BRIEFLY, BrieflyCity, CITY, PlainCity } from '../city.js';
import { TierCounter, type TierCounts } from '../tiers.js';
import { Deliveries } from './deliveries.js';
import type { Pace } from './pace.js';

/** How a tier stands, as a holdfast knows. */
export type TierState = Health['tiers'][number]['state'];

/** Who reads in the act: a holdfast, in this process or another. */
export interface Reader {
  readonly name: string;
  /** How long its in-process cache keeps an entry, in milliseconds; 0 where it has none. */
  readonly caches: number;
  readonly dead: boolean;
  /** How many keys each tier has answered. */
  counts(): TierCounts;
  hotState(): TierState;
}

/** A holdfast of this process, which others may write through. */
export interface Party extends Reader {
  readonly repository: HashRepository<PlainCity>;
  readonly deliveries: Deliveries;
  /** Compares what is hot with the durable store. */
  verify(): Promise<Verification>;
  /** From now on nothing that it sends arrives anywhere: for the tiers it is a process that was killed. */
  die(): void;
  close(): Promise<void>;
}

/** What a party is made of. */
export interface PartyOptions {
  readonly name: string;
  readonly cached: boolean;
  readonly hot: HotStore;
  readonly driver: FallbackDriver;
  readonly pace: Pace;
}

export async function openParty({ name, cached, hot, driver, pace }: PartyOptions): Promise<Party> {
  const tiers = new TierCounter(CITY);
  const deliveries = new Deliveries();
  const near = faultyHotStore(tiers.hot(deliveries.hot(hot)));
  const home = faultyDriver(tiers.durable(driver));
  const entity = cached ? BrieflyCity : PlainCity;
  const holdfast = await openCities(entity, near.store, home.driver, pace);
  let dead = false;
  return {
    name,
    repository: holdfast.repository(entity),
    deliveries,
    caches: cached ? BRIEFLY : 0,
    get dead() {
      return dead;
    },
    counts: () => tiers.counts,
    hotState: () => hotStateOf(holdfast),
    verify: () => holdfast.verify(entity),
    die() {
      dead = true;
      near.faults.down();
      home.faults.down();
    },
    close: () => holdfast.close(),
  };
}

/** Opens a holdfast of the act. */
export const openCities = (
  entity: typeof PlainCity,
  redis: HotStore,
  home: FallbackDriver,
  pace: Pace,
): Promise<Holdfast> =>
  Holdfast.open({
    entities: [entity],
    redis,
    namespace: CITY,
    fallbacks: { home },
    synchronize: true,
    circuitBreaker: { hot: { timeout: pace.timeout, resetTimeout: pace.reset } },
    repairInterval: pace.repair,
    // The lines of the act say what happens to the tiers.
    logger: false,
  });

export const hotStateOf = (holdfast: Holdfast): TierState =>
  holdfast.health().tiers.find(({ role }) => role === 'hot')!.state;
