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

// Looks in a row that find the same.
const LASTING = 3;
const MOST_TOLD = 8;
// What is lost again and again is told of once in so long.
const TOLD_FOR = 60_000;

/** How a hot tier stands for one process. An outage is logged when it is sure, and when it is over: not each call. */
export class HotStatus {
  readonly #options: HotStatusOptions;
  #status: TierStatus;
  /** What was told of this outage. */
  readonly #told = new Set<string>();
  #last = { text: '', times: 0 };
  /** How often a step was lost for the same reason. */
  #lost = { text: '', times: 0, since: 0 };
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

  /** A step was not answered, which may have been a moment; or one of those which a tier that answers when asked cannot do. */
  lost(cause: unknown): void {
    const { hot, durable, clock, logger } = this.#options;
    this.#become('down', cause);
    const text = textOf(cause);
    const now = clock.now();
    const again = text === this.#lost.text && now - this.#lost.since < TOLD_FOR;
    this.#lost = again ? { ...this.#lost, times: this.#lost.times + 1 } : { text, times: 1, since: now };
    if (this.#lost.times === LASTING)
      logger.warn(`holdfast: ${hot} fails again and again (${text}): what it does not do is done by ${durable}.`);
  }

  /** It was asked, and not every place of it answered. */
  silent(cause: unknown): void {
    this.#become('down', cause);
    this.#tell(cause, 1);
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

  /** So many keys were dropped, and it is trusted, if at every place: where not, `cause` says why. */
  drained(dropped: number, whole: boolean, cause: unknown): void {
    const { hot, clock, logger } = this.#options;
    this.#blind = undefined;
    this.#dropped += dropped;
    if (!whole) {
      if (this.#status.state !== 'recovering') return;
      this.#become('recovering', cause);
      this.#tell(cause, LASTING);
      return;
    }
    if (this.#status.state === 'up') return;
    const { since } = this.#status;
    this.#become('up', undefined);
    if (this.#told.size > 0)
      logger.info(
        `holdfast: ${hot} answers again, after ${clock.now() - since} ms; ${this.#dropped} keys that it had not been told of were dropped from it, and it is trusted again.`,
      );
    this.#told.clear();
    this.#last = { text: '', times: 0 };
    this.#dropped = 0;
  }

  /** An outage is told of when its cause has been heard so often, and again when it has another that lasts: not each way in which it fails. */
  #tell(cause: unknown, often: number): void {
    const { hot, durable, logger } = this.#options;
    const text = textOf(cause);
    this.#last = { text, times: this.#last.text === text ? this.#last.times + 1 : 1 };
    const first = this.#told.size === 0;
    if (this.#last.times < (first ? often : LASTING) || this.#told.has(text) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(text);
    logger.warn(
      first
        ? `holdfast: ${hot} does not answer (${text}): reads go on from ${durable}, and what is written is noted in its outbox.`
        : `holdfast: ${hot} is still away (${text}).`,
    );
  }

  #become(state: TierStatus['state'], cause: unknown): void {
    // Since when it has not been up, however often it came and went meanwhile.
    const since = (state === 'up') === (this.#status.state === 'up') ? this.#status.since : this.#options.clock.now();
    this.#status = { state, since, cause };
  }
}
