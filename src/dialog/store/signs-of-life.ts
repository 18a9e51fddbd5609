import type { Clock } from '../../index.js';
import type { TicketQueue } from './ticket-queue.js';

/** By how much clocks of different machines may differ, in milliseconds, before one of them is taken for dead. */
const SKEW = 60_000;

/** Tells tickets of living processes from those of dead ones, by whether they change. */
export class Signs {
  readonly #lease: number;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly beat: number; readonly since: number }>();

  constructor(lease: number, clock: Clock) {
    this.#lease = lease;
    this.#clock = clock;
  }

  /** The tokens of tickets that showed no life for the lease; never one's own. */
  dead({ tickets }: TicketQueue, own: readonly string[]): string[] {
    const now = this.#clock.now();
    for (const token of this.#seen.keys())
      if (!tickets.some((ticket) => ticket.token === token)) this.#seen.delete(token);
    return tickets
      .filter(({ token, beat, at }) => {
        if (own.includes(token)) return false;
        const seen = this.#seen.get(token);
        if (seen?.beat !== beat) this.#seen.set(token, { beat, since: now });
        const silent = now - (seen?.beat === beat ? seen.since : now);
        return silent >= this.#lease || now - at >= this.#lease + SKEW;
      })
      .map(({ token }) => token);
  }
}
