import type { HotStore } from 'holdfast';
import { type Faults, faultyHotStore } from 'holdfast/testing';

/** Cuts holdfasts off from their hot tier, all at once. */
export class Cut {
  readonly #lines: Faults<string>[] = [];

  /** The same store, for one holdfast, which can be cut off from it. */
  through(store: HotStore): HotStore {
    const { store: faulty, faults } = faultyHotStore(store);
    this.#lines.push(faults);
    return faulty;
  }

  readonly hang = (): void => {
    for (const line of this.#lines) line.hang();
  };

  /** Whatever it was, it is over. */
  readonly mend = (): void => {
    for (const line of this.#lines) line.up();
  };

  readonly kill = async (): Promise<void> => {
    for (const line of this.#lines) line.down();
  };
}
