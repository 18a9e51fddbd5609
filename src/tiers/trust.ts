import type { Clock } from '../core/clock.js';
import type { TierFailure } from '../core/errors.js';
import { StoreFault } from '../core/fallback-driver.js';

/** Why, and since when, a place of the hot tier is not trusted. */
export interface Loss {
  readonly since: number;
  readonly cause: unknown;
  /** Another with each fault: a drain that began before the last one does not count for it. */
  readonly mark: symbol;
}

/**
 * Which places of the hot tier this process may read from. One that left a step without an answer is lost: others may have
 * written past it meanwhile. It is trusted again when the outbox has been drained since.
 */
export class Trust {
  readonly #tier: string;
  readonly #clock: Clock;
  readonly #onLoss: (cause: unknown) => void;
  readonly #losses = new Map<string, Loss>();
  // Before the first drain nothing is known of any place.
  #known = false;
  // A call that a breaker refused says nothing new of the tier.
  #refusal: TierFailure | undefined;

  /** @param options.onLoss called when a place is lost that was trusted */
  constructor(options: { tier: string; clock: Clock; onLoss: (cause: unknown) => void }) {
    this.#tier = options.tier;
    this.#clock = options.clock;
    this.#onLoss = options.onLoss;
  }

  /** Whether every place is trusted: the cheap question before {@link of}. */
  get whole(): boolean {
    return this.#known && this.#losses.size === 0;
  }

  of(place: string): boolean {
    return this.#known && !this.#losses.has(place);
  }

  /** The places that are lost. */
  get losses(): ReadonlyMap<string, Loss> {
    return this.#losses;
  }

  /** Why the place was lost that was lost last. */
  get lastCause(): unknown {
    return [...this.#losses.values()].at(-1)?.cause;
  }

  lose(place: string, cause: unknown): void {
    const before = this.#losses.get(place);
    this.#losses.set(place, { since: before?.since ?? this.#clock.now(), cause, mark: Symbol(place) });
    if (!before) this.#onLoss(cause);
  }

  /** A read of that place was not answered. */
  unanswered(place: string, cause: unknown): void {
    if (!(cause instanceof StoreFault && cause.open)) this.lose(place, cause);
    else this.#refusal ??= { tier: this.#tier, since: this.#clock.now(), cause };
  }

  /** Reads were answered. */
  answered(): void {
    this.#refusal = undefined;
  }

  /** What an error says of the tier: at most one failure. */
  failures(): readonly TierFailure[] {
    const [loss] = this.#losses.values();
    if (loss) return [{ tier: this.#tier, since: loss.since, cause: loss.cause }];
    return this.#refusal ? [this.#refusal] : [];
  }

  /**
   * The outbox has been drained of what it held after `answering` were found to answer.
   *
   * @param before what was lost before they were asked
   * @param places every place there is
   */
  regain(
    before: ReadonlyMap<string, Loss>,
    answering: ReadonlySet<string>,
    places: { has(place: string): boolean },
  ): void {
    this.#known = true;
    for (const [place, { mark }] of [...this.#losses])
      if ((!places.has(place) || answering.has(place)) && before.get(place)?.mark === mark) this.#losses.delete(place);
  }
}
