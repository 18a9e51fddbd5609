import { setImmediate as nextTurn } from 'node:timers/promises';
import { stayAlive } from '../policies/stay-alive.js';

/** Counts what is under way, so that closing can wait for it. */
export class InFlight {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** Keeps `work` counted until it ends; gives it back. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#count++;
    work.then(this.#end, this.#end);
    return work;
  }

  /** Resolves when nothing is under way. The process does not end before. */
  async idle(): Promise<void> {
    const rest = stayAlive();
    try {
      // Loads that were asked for in this turn of the event loop go out at its end.
      await nextTurn();
      while (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } finally {
      rest();
    }
  }

  readonly #end = (): void => {
    if (--this.#count > 0) return;
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
