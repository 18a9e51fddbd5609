import type { Clock } from '../core/clock.js';
import { StoreUnavailableError, type TierFailure } from '../core/errors.js';
import { StoreFault } from '../core/fallback-driver.js';

/** Since when a tier has been failing: set by its first fault, cleared by its next success. */
export class Outage {
  #since: number | undefined;

  constructor(
    readonly tier: string,
    readonly clock: Clock,
  ) {}

  ok(): void {
    this.#since = undefined;
  }

  failed(cause: unknown): TierFailure {
    this.#since ??= this.clock.now();
    return { tier: this.tier, since: this.#since, cause };
  }
}

/** The typed error for a tier's fault; any other error is given back as it is. */
export function unavailable(
  subject: string,
  error: unknown,
  outage: Outage,
  others: readonly TierFailure[] = [],
): unknown {
  if (!(error instanceof StoreFault)) return error;
  return new StoreUnavailableError(
    subject,
    [...others, outage.failed(error)],
    error.retryAt,
    error.outcome === 'unknown',
  );
}
