import { ClosedError } from '../../index.js';
import { Signs } from './signs-of-life.js';
import { arrive, beat, leave, type TicketQueue } from './ticket-queue.js';
import type { HeldTurn, TurnQueueParts } from './turn-queue.js';

/** How soon a waiting process looks again, in milliseconds: at first, and at most. */
const SOON = 4;
const LATEST = 100;

interface Waiting {
  /** Whether it was not its turn when this process looked. */
  waited: boolean;
  resolve(turn: HeldTurn): void;
  reject(error: unknown): void;
}

/** The messages of one user that this process has. */
export class TurnLine {
  readonly #key: string;
  readonly #parts: TurnQueueParts;
  readonly #empty: () => void;
  readonly #signs: Signs;
  /** Not yet in the queue, in order of arrival. */
  #arriving: string[] = [];
  readonly #waiting = new Map<string, Waiting>();
  /** Whose turns are under way. */
  readonly #held = new Set<string>();
  #lastBeat: number;
  #running = false;
  #wake: (() => void) | undefined;

  constructor(key: string, parts: TurnQueueParts, empty: () => void) {
    this.#key = key;
    this.#parts = parts;
    this.#empty = empty;
    this.#signs = new Signs(parts.lease, parts.clock);
    this.#lastBeat = parts.clock.now();
  }

  enter(token: string): Promise<HeldTurn> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(token, { waited: false, resolve, reject });
      this.#arriving.push(token);
      this.#start();
    });
  }

  over(token: string, queue: TicketQueue): void {
    this.#held.delete(token);
    // Whoever comes next in this process need not look.
    this.#grant(queue);
    this.#wake?.();
  }

  async leave(token: string): Promise<void> {
    this.#held.delete(token);
    try {
      await this.#parts.backend.changeQueue(this.#key, (queue) => leave(queue, [token]));
    } catch (error) {
      // It shows no life any more: others take it out.
      if (this.#parts.logger)
        this.#parts.logger.warn(
          `A turn could not be given up, and holds its user up to ${this.#parts.lease} ms: ${error}`,
        );
    }
    this.#wake?.();
  }

  close(): void {
    const left = [...this.#waiting.keys()];
    for (const { reject } of this.#waiting.values()) reject(new ClosedError('This context store'));
    this.#waiting.clear();
    this.#arriving = [];
    if (left.length > 0) void this.#parts.backend.changeQueue(this.#key, (queue) => leave(queue, left)).catch(() => {});
    this.#wake?.();
  }

  #start(): void {
    this.#wake?.();
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    let pause = SOON;
    while (this.#waiting.size + this.#held.size > 0) {
      try {
        const queue = await this.#look();
        if (queue) pause = this.#grant(queue) ? SOON : Math.min(pause * 1.5, LATEST);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#arriving.length === 0)
        await this.#sleep(this.#waiting.size > 0 && this.#held.size === 0 ? pause : this.#parts.lease / 3);
    }
    this.#running = false;
    this.#empty();
  }

  /** The queue as it is, with what this process has to say in it; nothing where there is nothing to look for. */
  async #look(): Promise<TicketQueue | undefined> {
    const { backend, clock, lease } = this.#parts;
    const arriving = this.#arriving;
    this.#arriving = [];
    const mine = [...this.#waiting.keys(), ...this.#held];
    const due = clock.now() - this.#lastBeat >= lease / 3;
    if (arriving.length === 0 && !due && this.#held.size > 0) return undefined;
    const seen = arriving.length > 0 || due ? undefined : await backend.queue(this.#key);
    const dead = seen ? this.#signs.dead(seen, mine) : [];
    if (seen && dead.length === 0) return seen;
    try {
      const queue = await backend.changeQueue(this.#key, (current) => {
        leave(current, this.#signs.dead(current, mine));
        if (due) beat(current, mine, clock.now());
        arrive(current, arriving, clock.now());
      });
      if (due) this.#lastBeat = clock.now();
      return queue;
    } catch (error) {
      // It may have been made all the same.
      void backend.changeQueue(this.#key, (queue) => leave(queue, arriving)).catch(() => {});
      for (const token of arriving) this.#reject(token, error);
      throw error;
    }
  }

  /** Whether one of this process has its turn now. */
  #grant(queue: TicketQueue): boolean {
    const [first] = queue.tickets;
    // Deleted with its user, or taken for dead before its turn had begun: it arrives anew.
    for (const token of this.#waiting.keys())
      if (!this.#arriving.includes(token) && !queue.tickets.some((ticket) => ticket.token === token))
        this.#arriving.push(token);
    const waiting = first && this.#waiting.get(first.token);
    if (waiting) this.#waiting.delete(first.token);
    for (const one of this.#waiting.values()) one.waited = true;
    if (!waiting) return false;
    this.#held.add(first.token);
    const { token, fence } = first;
    waiting.resolve({ token, fence, saved: queue.saved, waited: waiting.waited });
    return true;
  }

  #reject(token: string, error: unknown): void {
    this.#waiting.get(token)?.reject(error);
    this.#waiting.delete(token);
  }

  // Turns that are under way are not disturbed: whether they still count, their save finds out.
  #fail(error: unknown): void {
    const left = [...this.#waiting.keys()];
    for (const token of left) this.#reject(token, error);
    if (left.length > 0) void this.#parts.backend.changeQueue(this.#key, (queue) => leave(queue, left)).catch(() => {});
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(ms, () => this.#wake?.());
      this.#wake = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
