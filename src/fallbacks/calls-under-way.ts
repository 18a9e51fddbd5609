/** Counts the calls that are under way, so that closing can wait for them. */
export class CallsUnderWay {
  #count = 0;
  #none: (() => void) | undefined;

  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#count++;
    try {
      return await call();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#none?.();
    }
  }

  /** When none is under way; whoever asks sees to it that none begins. */
  async ended(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#none = resolve));
  }
}
