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

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  readonly #end = (): void => {
    if (--this.#count > 0) return;
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
