import { randomUUID } from 'node:crypto';
import { type Clock, ClosedError, type Logger } from '../../index.js';
import type { Backend } from './backend.js';
import type { TicketQueue } from './ticket-queue.js';
import { TurnLine } from './turn-line.js';

/** What a {@link TurnQueue} works with. */
export interface TurnQueueParts {
  readonly backend: Backend;
  readonly clock: Clock;
  /** A process that showed no life for so long, in milliseconds, is taken for dead. */
  readonly lease: number;
  readonly logger: Logger | false;
}

/** A turn that one has. */
export interface HeldTurn {
  readonly token: string;
  /** Higher than that of every turn of the user before. */
  readonly fence: number;
  /** The version of the context that the turn before left: an older one is not the user's last. */
  readonly saved: number;
  /** Whether others had theirs after it had arrived. */
  readonly waited: boolean;
}

/** Lets messages of one user have their turns one at a time, across processes, in the order in which they arrived. */
export class TurnQueue {
  readonly #parts: TurnQueueParts;
  readonly #lines = new Map<string, TurnLine>();
  #closed = false;

  constructor(parts: TurnQueueParts) {
    this.#parts = parts;
  }

  /** Whether a message of this process waits for a turn of the user, or has it. */
  isBusy(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Waits for the turn. */
  async enter(key: string): Promise<HeldTurn> {
    if (this.#closed) throw new ClosedError('This context store');
    let line = this.#lines.get(key);
    if (!line) {
      line = new TurnLine(key, this.#parts, () => this.#lines.delete(key));
      this.#lines.set(key, line);
    }
    return line.enter(randomUUID());
  }

  /** Tells that a turn is over and its ticket taken out, and what the queue was then. */
  over(key: string, token: string, queue: TicketQueue): void {
    this.#lines.get(key)?.over(token, queue);
  }

  /** Gives up a turn. */
  async leave(key: string, token: string): Promise<void> {
    await this.#lines.get(key)?.leave(token);
  }

  /** Turns that wait are refused; those that somebody has come to their end. */
  close(): void {
    this.#closed = true;
    for (const line of this.#lines.values()) line.close();
  }
}
