/** Lets calls that touch the same keys run one after the other, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `call` when those before it on any of the keys have ended, in whatever way. */
  async take<T>(keys: readonly string[], call: () => Promise<T>): Promise<T> {
    let end = () => {};
    const turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    const before = keys.map((key) => this.#last.get(key));
    for (const key of keys) this.#last.set(key, turn);
    await Promise.all(before);
    try {
      return await call();
    } finally {
      for (const key of keys) if (this.#last.get(key) === turn) this.#last.delete(key);
      end();
    }
  }
}
