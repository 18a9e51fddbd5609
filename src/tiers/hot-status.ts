import type { Clock } from '../core/clock.js';
import { textOf } from '../core/error-text.js';
import type { Logger } from '../core/logger.js';
import type { TierStatus } from './tier-status.js';

/** What the state of a hot tier is told by. */
export interface HotStatusOptions {
  /** Its name, and that of the durable store behind it. */
  readonly hot: string;
  readonly durable: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a hot tier stands for one process. An outage is logged when it is sure, and when it is over: not each call. */
export class HotStatus {
  readonly #options: HotStatusOptions;
  #status: TierStatus;
  #told = false;
  /** Why the outbox could not be looked at the last time. */
  #blind: unknown;
  #dropped = 0;

  constructor(options: HotStatusOptions) {
    this.#options = options;
    this.#status = { state: 'recovering', since: options.clock.now(), cause: undefined };
  }

  get current(): TierStatus {
    return this.#blind === undefined || this.#status.state !== 'up'
      ? this.#status
      : { ...this.#status, state: 'recovering', cause: this.#blind };
  }

  /** A step was not answered, which may have been a moment. */
  lost(cause: unknown): void {
    this.#become('down', cause);
  }

  /** It was asked, and not every place of it answered. */
  silent(cause: unknown): void {
    const { hot, durable, logger } = this.#options;
    this.#become('down', cause);
    if (this.#told) return;
    this.#told = true;
    logger.warn(
      `holdfast: ${hot} does not answer (${textOf(cause)}): reads go on from ${durable}, and what is written is noted in its outbox.`,
    );
  }

  /** It answers; what it was not told of is not dropped yet. */
  answers(): void {
    if (this.#status.state === 'down') this.#become('recovering', this.#status.cause);
  }

  /** The outbox could not be looked at. */
  blind(error: unknown): void {
    const { hot, durable, logger } = this.#options;
    if (this.#status.state !== 'up') this.#become('recovering', error);
    const known = this.#blind !== undefined;
    this.#blind = error;
    if (known) return;
    logger.warn(
      `holdfast: the outbox in ${durable} could not be looked at (${textOf(error)}): what others could not tell ${hot} is not seen here, and a ${hot} that is lost is not trusted again, until it can.`,
    );
  }

  /** So many keys were dropped, and it is trusted, if `whole` at every place. */
  drained(dropped: number, whole: boolean): void {
    const { hot, clock, logger } = this.#options;
    this.#blind = undefined;
    this.#dropped += dropped;
    if (!whole || this.#status.state === 'up') return;
    const { since } = this.#status;
    this.#become('up', undefined);
    if (this.#told)
      logger.info(
        `holdfast: ${hot} answers again, after ${clock.now() - since} ms; ${this.#dropped} keys that it had not been told of were dropped from it, and it is trusted again.`,
      );
    this.#told = false;
    this.#dropped = 0;
  }

  #become(state: TierStatus['state'], cause: unknown): void {
    // Since when it has not been up, however often it came and went meanwhile.
    const since = (state === 'up') === (this.#status.state === 'up') ? this.#status.since : this.#options.clock.now();
    this.#status = { state, since, cause };
  }
}
