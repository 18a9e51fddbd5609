import type { InvalidationStatus } from './core/invalidation.js';
import type { BreakerState } from './policies/circuit-breaker.js';
import type { TierStatus } from './tiers/tier-status.js';

/** How one tier stands, as far as this process has seen. */
export interface TierHealth {
  /** `redis`, `memory`, or the name of a fallback's store: what errors call it. */
  readonly tier: string;
  /** `hot`: before a durable store, or the only store of entities without a fallback. */
  readonly role: 'hot' | 'durable';
  /** `recovering`: it answers, but is not served from before what it missed has been dropped; or nobody has called it for 10 s since it failed. */
  readonly state: TierStatus['state'];
  /** Since when it has been up, or has not; milliseconds since 1970. */
  readonly since: number;
  /** Why it is not up, in words. */
  readonly reason?: string;
  /** Why it is not up: the error itself. */
  readonly cause?: unknown;
  /** The circuit breaker that its entities share; absent where breakers are off. */
  readonly breaker?: {
    readonly state: BreakerState;
    readonly since: number;
    /** When it lets a call through again; absent while it is closed. */
    readonly retryAt?: number;
  };
}

/** What `holdfast.health()` gives. */
export interface Health {
  /**
   * `degraded`: every entity can be read and written, though not by way of every tier; `down`: some cannot.
   */
  readonly state: 'up' | 'degraded' | 'down';
  readonly tiers: readonly TierHealth[];
  /** The channel by which other processes tell of their writes. Absent where no entity is cached in process, or the hot tier has no such channel. */
  readonly invalidation?: InvalidationStatus;
}

/** One tier: its state by whoever uses it, and whether entities can be had without it. */
export interface TierReport extends TierHealth {
  readonly needed: boolean;
}

const ORDER = ['up', 'recovering', 'down'] as const;
const worse = (a: TierReport, b: TierReport) => (ORDER.indexOf(b.state) > ORDER.indexOf(a.state) ? b : a);

/** The tiers, each once, with the worst that is known of it: of equals by the first report. */
export function healthOf(reports: readonly TierReport[], invalidation?: InvalidationStatus): Health {
  const byTier = new Map<string, TierReport>();
  for (const report of reports) {
    const name = `${report.role} ${report.tier}`;
    const other = byTier.get(name);
    byTier.set(name, other ? { ...worse(other, report), needed: other.needed || report.needed } : report);
  }
  const all = [...byTier.values()];
  const down = reports.some(({ needed, state }) => needed && state === 'down');
  const well = all.every(({ state }) => state === 'up') && invalidation?.state !== 'down';
  return {
    state: down ? 'down' : well ? 'up' : 'degraded',
    tiers: all.map(({ needed: _, ...tier }) => tier),
    ...(invalidation && { invalidation }),
  };
}
