import type { Clock } from '../core/clock.js';
import { StoreUnavailableError, type TierFailure } from '../core/errors.js';
import { StoreFault } from '../core/fallback-driver.js';
import type { TierStatus } from './tier-status.js';

const FORGOTTEN = 10_000;

/** Whether a store answers: it is down from its first fault to its next success. */
export class Outage {
  readonly #tier: string;
  readonly #clock: Clock;
  #status: TierStatus;
  #last = 0;

  constructor(tier: string, clock: Clock) {
    this.#tier = tier;
    this.#clock = clock;
    this.#status = { state: 'up', since: clock.now(), cause: undefined };
  }

  /** One that nobody has called for a while since it failed may be well again: who asks before he calls would never call. */
  get status(): TierStatus {
    const forgotten = this.#status.state === 'down' && this.#clock.now() - this.#last > FORGOTTEN;
    return forgotten ? { ...this.#status, state: 'recovering' } : this.#status;
  }

  ok(): void {
    if (this.#status.state !== 'up') this.#status = { state: 'up', since: this.#clock.now(), cause: undefined };
  }

  failed(cause: unknown): TierFailure {
    const since = this.#status.state === 'up' ? this.#clock.now() : this.#status.since;
    if (!(cause instanceof StoreFault && cause.refused)) {
      this.#status = { state: 'down', since, cause };
      this.#last = this.#clock.now();
    }
    return { tier: this.#tier, since, cause };
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
