import type { Clock, Logger } from '../../index.js';
import type { Backend } from './backend.js';
import { leave, type TicketQueue } from './ticket-queue.js';
import { TurnExpiredError } from './turn-error.js';
import { type HeldTurn, TurnQueue } from './turn-queue.js';

/** What a {@link TurnRunner} works with. */
export interface TurnRunnerParts {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly logger: Logger | false;
  /** In milliseconds. */
  readonly turnLimit: number;
  /** In milliseconds. */
  readonly turnLease: number;
}

/** A turn that has begun. */
export interface BegunTurn {
  readonly fence: number;
  readonly saved: number;
  readonly signal: AbortSignal;
  /** Ends the turn in the queue; to be written together with its context. It refuses where the turn was given up. */
  queue(queue: TicketQueue, version: number): void;
  /** Runs the handler for as long as the turn may take. @throws TurnExpiredError */
  within<T>(handler: () => T | Promise<T>): Promise<T>;
}

/** Gives turns to whoever asks, and ends them however they end. */
export class TurnRunner {
  readonly #parts: TurnRunnerParts;
  readonly #queue: TurnQueue;
  readonly #running = new Set<Promise<unknown>>();

  constructor(parts: TurnRunnerParts) {
    this.#parts = parts;
    this.#queue = new TurnQueue({ ...parts, lease: parts.turnLease });
  }

  /**
   * Waits for the turn of a user, then calls `use` once. What `early` finds while the turn is asked for is given to it too, where nobody else had his
   * turn since.
   */
  async run<T, E>(
    key: string,
    user: string,
    early: () => Promise<E>,
    use: (turn: BegunTurn, found: E | undefined) => Promise<T>,
  ): Promise<T> {
    // What it finds is old by the time where somebody is before.
    const found = this.#queue.isBusy(key) ? undefined : early().catch(() => undefined);
    const held = await this.#queue.enter(key);
    const running = this.#use(key, user, held, async (turn) => use(turn, held.waited ? undefined : await found));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #use<T>(key: string, user: string, held: HeldTurn, use: (turn: BegunTurn) => Promise<T>): Promise<T> {
    const { token, fence, saved } = held;
    const abort = new AbortController();
    let after: TicketQueue | undefined;
    try {
      const result = await use({
        fence,
        saved,
        signal: abort.signal,
        queue(queue, version) {
          if (queue.tickets[0]?.token !== token)
            throw new TurnExpiredError(user, 'showed no life for too long, and others have had theirs since');
          leave(queue, [token]);
          queue.saved = version;
          after = { ...queue };
        },
        within: (handler) => this.#within(user, handler, abort),
      });
      if (!after) await this.#queue.leave(key, token);
      else this.#queue.over(key, token, after);
      return result;
    } catch (error) {
      await this.#queue.leave(key, token);
      throw error;
    }
  }

  async #within<T>(user: string, handler: () => T | Promise<T>, abort: AbortController): Promise<T> {
    const { clock, turnLimit } = this.#parts;
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(turnLimit, () => {
        const error = new TurnExpiredError(user, `took longer than ${turnLimit} ms`);
        abort.abort(error);
        reject(error);
      });
    });
    try {
      return await Promise.race([(async () => handler())(), late]);
    } finally {
      cancel();
    }
  }

  /** Refuses turns that wait, and lets those that have begun come to their end. */
  async close(): Promise<void> {
    this.#queue.close();
    await Promise.allSettled(this.#running);
  }
}
